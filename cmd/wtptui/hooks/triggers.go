package hooks

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"wtptui/engine"
)

// trigger is a reason to run a command.
type trigger struct {
	event Event
	// site is the site that it is about; zero for the engine as a whole.
	site engine.Site
	// text describes it to a person. previous is the infohash of the version before, for Changed.
	text, previous string
}

// endangeredAfter is how long a site has to be endangered, or out of danger, before that counts: peers come and go.
const endangeredAfter = 10 * time.Minute

// detector compares each snapshot with the state of the sites so far.
type detector struct {
	store Store
	log   *slog.Logger

	hasPrevious bool // there was a snapshot before
	versions    map[string]string
	warnings    []string
	problems    map[string]string // the problem that was reported last, by host, of sites that have one
	// danger is by host. A site without an entry has not been in danger.
	danger map[string]*dangerState
}

// dangerState says whether a site is in danger.
type dangerState struct {
	site engine.Site
	// endangered is the current state, and since the time from which the site has had it. reported reports whether
	// there was a trigger for it.
	endangered, reported bool
	since                time.Time
}

// reportedSetting is the name of the stored list of hosts that were reported as endangered.
const reportedSetting = "hooks endangered"

func newDetector(store Store, log *slog.Logger) *detector {
	w := &detector{
		store: store, log: log,
		versions: map[string]string{}, problems: map[string]string{}, danger: map[string]*dangerState{},
	}
	var hosts []string
	data, err := store.Setting(reportedSetting)
	if err == nil && data != nil {
		err = json.Unmarshal(data, &hosts)
	}
	if err != nil {
		log.Warn("hooks: which sites were endangered is not known any more", "error", err)
	}
	for _, host := range hosts {
		w.danger[host] = &dangerState{endangered: true, reported: true}
	}
	return w
}

// handleSnapshot returns the triggers of a snapshot. The events and warnings of the first one are from before, and do
// not count.
func (w *detector) handleSnapshot(s engine.Snapshot) (found []trigger) {
	sites := make(map[string]engine.Site, len(s.Sites))
	for _, site := range s.Sites {
		sites[site.Host] = site
		if previous := w.versions[site.Host]; previous != "" && site.Infohash != "" && previous != site.Infohash {
			found = append(found, trigger{event: Changed, site: site, text: "is at a new version", previous: previous})
		}
		if site.Infohash != "" {
			w.versions[site.Host] = site.Infohash
		}
		w.updateDanger(site, s.At.Std())
	}
	maps.DeleteFunc(w.versions, func(host, _ string) bool { return sites[host].Host == "" })
	removedReported := false
	maps.DeleteFunc(w.danger, func(host string, d *dangerState) bool {
		removed := sites[host].Host == ""
		removedReported = removedReported || removed && d.reported
		return removed
	})
	if removedReported {
		w.saveReported()
	}
	if w.hasPrevious {
		found = append(found, w.eventTriggers(s, sites)...)
	}
	for host := range w.problems { // After it was solved, the same problem is a new one.
		if site := sites[host]; site.Error == "" && host != "" {
			delete(w.problems, host)
		}
	}
	w.hasPrevious, w.warnings = true, s.Status.Warnings
	return append(found, w.endangeredTriggers(s.At.Std())...)
}

// eventTriggers returns the triggers for the events of a snapshot and for its new warnings.
func (w *detector) eventTriggers(s engine.Snapshot, sites map[string]engine.Site) (found []trigger) {
	for _, ev := range s.Events {
		site := sites[ev.Host]
		site.Host = ev.Host // The site may have been removed.
		switch {
		case ev.Level == engine.Problem && w.problems[ev.Host] == ev.Text && ev.Host != "":
			// The same attempt failed again.
		case ev.Level == engine.Problem:
			w.problems[ev.Host] = ev.Text
			found = append(found, trigger{event: Error, site: site, text: ev.Text})
		case ev.Kind == engine.Completed:
			found = append(found, trigger{event: Completed, site: site, text: ev.Text})
		}
	}
	for _, text := range s.Status.Warnings {
		if !slices.Contains(w.warnings, text) {
			found = append(found, trigger{event: Error, text: text})
		}
	}
	return found
}

// updateDanger updates the danger of a site. If the number of its copies is unknown, its state does not change.
func (w *detector) updateDanger(site engine.Site, at time.Time) {
	d := w.danger[site.Host]
	endangered := site.IsEndangered()
	switch {
	case d == nil && !endangered:
		return
	case d == nil:
		d = &dangerState{since: at, endangered: true}
		w.danger[site.Host] = d
	case endangered != d.endangered && site.Copies >= 0:
		d.endangered, d.since = endangered, at
	}
	if site.Copies >= 0 || d.site.Host == "" {
		d.site = site
	}
}

// endangeredTriggers returns triggers for the sites that have been in danger for long enough.
func (w *detector) endangeredTriggers(at time.Time) (found []trigger) {
	changed := false
	for host, d := range w.danger {
		switch {
		case d.since.IsZero() || at.Sub(d.since) < endangeredAfter:
			continue
		case d.endangered && !d.reported:
			text := "has " + copiesText(d.site.Copies) + " elsewhere"
			found = append(found, trigger{event: Endangered, site: d.site, text: text})
			d.reported = true
		case !d.endangered && d.reported:
			delete(w.danger, host)
		case !d.endangered:
			delete(w.danger, host)
			continue
		default:
			continue
		}
		changed = true
	}
	slices.SortFunc(found, func(a, b trigger) int { return a.site.Copies - b.site.Copies })
	if changed {
		w.saveReported()
	}
	return found
}

// saveReported stores which sites were reported.
func (w *detector) saveReported() {
	hosts := []string{}
	for host, d := range w.danger {
		if d.reported {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	data, err := json.Marshal(hosts)
	if err == nil {
		err = w.store.PutSetting(reportedSetting, data)
	}
	if err != nil {
		w.log.Warn("hooks: which sites are endangered cannot be remembered", "error", err)
	}
}

func copiesText(n int) string {
	switch n {
	case 0:
		return "no copy"
	case 1:
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}
