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

// occasion is one reason to run a command.
type occasion struct {
	event Event
	// site is the one that it is about; zero for the engine as a whole.
	site engine.Site
	// text says it to a person; previous is the infohash of the version before, for Changed.
	text, previous string
}

// settled is for how long a site has to be endangered, or out of danger, before that counts: peers come and go.
const settled = 10 * time.Minute

// watched is what is known of the sites from the snapshots so far.
type watched struct {
	memory Memory
	log    *slog.Logger

	begun    bool // there was a snapshot
	versions map[string]string
	warnings []string
	problems map[string]string // what was told last of each site that is not well
	// danger is by host. A site that is not there has never been in danger.
	danger map[string]*danger
}

// danger says how a site stands.
type danger struct {
	site engine.Site
	// now is whether it is endangered, and since whenever that is so; told is whether that was an occasion.
	now, told bool
	since     time.Time
}

// toldName is the setting that holds the hosts of which Endangered was told.
const toldName = "hooks endangered"

func newWatched(memory Memory, log *slog.Logger) *watched {
	w := &watched{
		memory: memory, log: log, versions: map[string]string{}, problems: map[string]string{}, danger: map[string]*danger{},
	}
	var hosts []string
	data, err := memory.Setting(toldName)
	if err == nil && data != nil {
		err = json.Unmarshal(data, &hosts)
	}
	if err != nil {
		log.Warn("hooks: which sites were endangered is not known any more", "error", err)
	}
	for _, host := range hosts {
		w.danger[host] = &danger{now: true, told: true}
	}
	return w
}

// see returns the occasions of a snapshot. Those of the first one are from before.
func (w *watched) see(s engine.Snapshot) (found []occasion) {
	there := make(map[string]engine.Site, len(s.Sites))
	for _, site := range s.Sites {
		there[site.Host] = site
		if was := w.versions[site.Host]; was != "" && site.Infohash != "" && was != site.Infohash {
			found = append(found, occasion{event: Changed, site: site, text: "is at a new version", previous: was})
		}
		if site.Infohash != "" {
			w.versions[site.Host] = site.Infohash
		}
		w.weigh(site, s.At.Std())
	}
	maps.DeleteFunc(w.versions, func(host, _ string) bool { return there[host].Host == "" })
	forgotten := false
	maps.DeleteFunc(w.danger, func(host string, d *danger) bool {
		gone := there[host].Host == ""
		forgotten = forgotten || gone && d.told
		return gone
	})
	if forgotten {
		w.remember()
	}
	if w.begun {
		found = append(found, w.happened(s, there)...)
	}
	for host := range w.problems { // One that is well again may have the same problem anew.
		if site := there[host]; site.Error == "" && host != "" {
			delete(w.problems, host)
		}
	}
	w.begun, w.warnings = true, s.Status.Warnings
	return append(found, w.steady(s.At.Std())...)
}

// happened returns the occasions that the events of a snapshot, and its new warnings, are.
func (w *watched) happened(s engine.Snapshot, there map[string]engine.Site) (found []occasion) {
	for _, ev := range s.Events {
		site := there[ev.Host]
		site.Host = ev.Host // It may be gone.
		switch {
		case ev.Level == engine.Problem && w.problems[ev.Host] == ev.Text && ev.Host != "":
			// It is tried again and again, and fails each time.
		case ev.Level == engine.Problem:
			w.problems[ev.Host] = ev.Text
			found = append(found, occasion{event: Error, site: site, text: ev.Text})
		case ev.Kind == engine.Completed:
			found = append(found, occasion{event: Completed, site: site, text: ev.Text})
		}
	}
	for _, text := range s.Status.Warnings {
		if !slices.Contains(w.warnings, text) {
			found = append(found, occasion{event: Error, text: text})
		}
	}
	return found
}

// weigh notes whether a site is in danger. One whose copies are not known stays as it was.
func (w *watched) weigh(site engine.Site, at time.Time) {
	d := w.danger[site.Host]
	endangered := site.IsEndangered()
	switch {
	case d == nil && !endangered:
		return
	case d == nil:
		d = &danger{since: at, now: true}
		w.danger[site.Host] = d
	case endangered != d.now && site.Copies >= 0:
		d.now, d.since = endangered, at
	}
	if site.Copies >= 0 || d.site.Host == "" {
		d.site = site
	}
}

// steady returns which sites are in danger now for long enough.
func (w *watched) steady(at time.Time) (found []occasion) {
	changed := false
	for host, d := range w.danger {
		switch {
		case d.since.IsZero() || at.Sub(d.since) < settled:
			continue
		case d.now && !d.told:
			text := "has " + copies(d.site.Copies) + " elsewhere"
			found = append(found, occasion{event: Endangered, site: d.site, text: text})
			d.told = true
		case !d.now && d.told:
			delete(w.danger, host)
		case !d.now:
			delete(w.danger, host)
			continue
		default:
			continue
		}
		changed = true
	}
	slices.SortFunc(found, func(a, b occasion) int { return a.site.Copies - b.site.Copies })
	if changed {
		w.remember()
	}
	return found
}

// remember writes down of which sites it was told.
func (w *watched) remember() {
	hosts := []string{}
	for host, d := range w.danger {
		if d.told {
			hosts = append(hosts, host)
		}
	}
	slices.Sort(hosts)
	data, err := json.Marshal(hosts)
	if err == nil {
		err = w.memory.PutSetting(toldName, data)
	}
	if err != nil {
		w.log.Warn("hooks: which sites are endangered cannot be remembered", "error", err)
	}
}

func copies(n int) string {
	switch n {
	case 0:
		return "no copy"
	case 1:
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}
