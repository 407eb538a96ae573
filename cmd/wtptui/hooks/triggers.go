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
	d := &detector{
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
		d.danger[host] = &dangerState{endangered: true, reported: true}
	}
	return d
}

// handleSnapshot returns the triggers of a snapshot. The events and warnings of the first one are from before, and do
// not count.
func (d *detector) handleSnapshot(s engine.Snapshot) (found []trigger) {
	sites := make(map[string]engine.Site, len(s.Sites))
	for _, site := range s.Sites {
		sites[site.Host] = site
		if previous := d.versions[site.Host]; previous != "" && site.Infohash != "" && previous != site.Infohash {
			found = append(found, trigger{event: Changed, site: site, text: "is at a new version", previous: previous})
		}
		if site.Infohash != "" {
			d.versions[site.Host] = site.Infohash
		}
		d.updateDanger(site, s.At.Std())
	}
	maps.DeleteFunc(d.versions, func(host, _ string) bool { return sites[host].Host == "" })
	removedReported := false
	maps.DeleteFunc(d.danger, func(host string, state *dangerState) bool {
		removed := sites[host].Host == ""
		removedReported = removedReported || removed && state.reported
		return removed
	})
	if removedReported {
		d.saveReported()
	}
	if d.hasPrevious {
		found = append(found, d.eventTriggers(s, sites)...)
	}
	for host := range d.problems { // After it was solved, the same problem is a new one.
		if site := sites[host]; site.Error == "" && host != "" {
			delete(d.problems, host)
		}
	}
	d.hasPrevious, d.warnings = true, s.Status.Warnings
	return append(found, d.endangeredTriggers(s.At.Std())...)
}

// eventTriggers returns the triggers for the events of a snapshot and for its new warnings.
func (d *detector) eventTriggers(s engine.Snapshot, sites map[string]engine.Site) (found []trigger) {
	for _, ev := range s.Events {
		site := sites[ev.Host]
		site.Host = ev.Host // The site may have been removed.
		switch {
		case ev.Level == engine.Problem && d.problems[ev.Host] == ev.Text && ev.Host != "":
			// The same attempt failed again.
		case ev.Level == engine.Problem:
			d.problems[ev.Host] = ev.Text
			found = append(found, trigger{event: Error, site: site, text: ev.Text})
		case ev.Kind == engine.Completed:
			found = append(found, trigger{event: Completed, site: site, text: ev.Text})
		}
	}
	for _, text := range s.Status.Warnings {
		if !slices.Contains(d.warnings, text) {
			found = append(found, trigger{event: Error, text: text})
		}
	}
	return found
}

// updateDanger updates the danger of a site. If the number of its copies is unknown, its state does not change.
func (d *detector) updateDanger(site engine.Site, at time.Time) {
	state := d.danger[site.Host]
	endangered := site.IsEndangered()
	switch {
	case state == nil && !endangered:
		return
	case state == nil:
		state = &dangerState{since: at, endangered: true}
		d.danger[site.Host] = state
	case endangered != state.endangered && site.Copies >= 0:
		state.endangered, state.since = endangered, at
	}
	if site.Copies >= 0 || state.site.Host == "" {
		state.site = site
	}
}

// endangeredTriggers returns triggers for the sites that have been in danger for long enough.
func (d *detector) endangeredTriggers(at time.Time) (found []trigger) {
	changed := false
	for host, state := range d.danger {
		switch {
		case state.since.IsZero() || at.Sub(state.since) < endangeredAfter:
			continue
		case state.endangered && !state.reported:
			text := "has " + copiesText(state.site.Copies) + " elsewhere"
			found = append(found, trigger{event: Endangered, site: state.site, text: text})
			state.reported = true
		case !state.endangered && state.reported:
			delete(d.danger, host)
		case !state.endangered:
			delete(d.danger, host)
			continue
		default:
			continue
		}
		changed = true
	}
	slices.SortFunc(found, func(a, b trigger) int { return a.site.Copies - b.site.Copies })
	if changed {
		d.saveReported()
	}
	return found
}

// saveReported stores which sites were reported.
func (d *detector) saveReported() {
	hosts := []string{}
	for host, state := range d.danger {
		if state.reported {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	data, err := json.Marshal(hosts)
	if err == nil {
		err = d.store.PutSetting(reportedSetting, data)
	}
	if err != nil {
		d.log.Warn("hooks: which sites are endangered cannot be remembered", "error", err)
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
