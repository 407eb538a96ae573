package undo

import (
	"slices"
	"time"

	"wtptui/engine"
)

// Entry is something that a person did. Undo and Redo are the changes that undo and redo it, in their order.
type Entry struct {
	// Name is the name of its sites in sentences.
	Name string   `json:"name"`
	Undo []Change `json:"undo"`
	Redo []Change `json:"redo"`
	// Until is the time from which on it can no longer be undone; zero for never.
	Until time.Time `json:"until,omitzero"`
}

// RedoPhrase returns what was done: "pin Garden notes".
func (e Entry) RedoPhrase() string { return firstChange(e.Redo).phrase(e.Name) }

// UndoPhrase returns what undoing it does: "unpin Garden notes".
func (e Entry) UndoPhrase() string { return firstChange(e.Undo).phrase(e.Name) }

// InBin reports whether the entry's sites are in the bin until it is undone.
func (e Entry) InBin() bool { return firstChange(e.Undo).Verb == engine.Undo }

func firstChange(changes []Change) Change {
	if len(changes) == 0 {
		return Change{}
	}
	return changes[0]
}

// ChangedSites returns those of the sites that the entry changed. A label, for one, may have been on some of them
// before.
func (e Entry) ChangedSites(sites []engine.Site) []engine.Site {
	hosts := make(map[string]bool, len(sites)) // There may be thousands of both.
	for _, c := range e.Undo {
		for _, host := range c.Hosts {
			hosts[host] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(sites), func(s engine.Site) bool { return !hosts[s.Ref()] })
}

// countHosts returns how many hosts the entry names.
func (e Entry) countHosts() (n int) {
	for _, c := range slices.Concat(e.Undo, e.Redo) {
		n += len(c.Hosts)
	}
	return n
}

// isValid reports whether this package can have written an entry that was read from a file.
func (e Entry) isValid() bool {
	for _, c := range slices.Concat(e.Undo, e.Redo) {
		if !c.isValid() {
			return false
		}
	}
	return len(e.Undo) > 0 && len(e.Redo) > 0
}

// NewEntry returns the entry of a change that was done to sites, given as they were before. It returns false if the
// change had no effect, or cannot be undone. name is the name of the sites in sentences.
func NewEntry(c Change, before []engine.Site, name string) (Entry, bool) {
	e := Entry{Name: name, Redo: []Change{c}}
	switch {
	case c.Version != nil:
		e.Undo = []Change{{Version: &Version{From: c.Version.To, To: c.Version.From}, Hosts: c.Hosts}}
		if host, machine := engine.CutRef(c.Hosts[0]); engine.IsInfohash(host) {
			e.Undo[0].Hosts = []string{engine.Ref(c.Version.To, machine)}
		}
		return e, c.Version.From != c.Version.To
	case c.Limits != nil:
		e.Undo = []Change{{Limits: &Limits{From: c.Limits.To, To: c.Limits.From}}}
		return e, c.Limits.From != c.Limits.To
	case c.Assign != nil:
		e.Redo, e.Undo = splitAssignment(*c.Assign, before)
		return e, len(e.Undo) > 0
	}
	back := c.Verb.Inverse()
	if back == "" {
		return e, false
	}
	var hosts []string
	for _, s := range before {
		if changesSite(c.Verb, s) {
			hosts = append(hosts, s.Ref())
		}
	}
	e.Redo = []Change{{Verb: c.Verb, Hosts: hosts}}
	e.Undo = []Change{{Verb: back, Hosts: hosts}}
	return e, len(hosts) > 0
}

// HeldVersion returns the version that a site has been switched to: the infohash at which it is held, or empty while it
// follows its domain.
func HeldVersion(s engine.Site) string {
	switch {
	case engine.IsInfohash(s.Host):
		return s.Infohash // A published site without a name is called by its version.
	case !s.Held:
		return ""
	case s.NextInfohash != "":
		return s.NextInfohash
	}
	return s.Infohash
}

// splitAssignment divides an assignment into its parts, each with the sites that it changed, and into the changes that
// undo them.
func splitAssignment(a engine.Assignment, before []engine.Site) (redo, undo []Change) {
	add := func(does, back engine.Assignment, enough [2]int, hosts []string) {
		if len(hosts) > 0 {
			redo = append(redo, Change{Assign: &does, Enough: enough[0], Hosts: hosts})
			undo = append(undo, Change{Assign: &back, Enough: enough[1], Hosts: hosts})
		}
	}
	sitesWith := func(has func(engine.Site) bool) (hosts []string) {
		for _, s := range before {
			if has(s) {
				hosts = append(hosts, s.Ref())
			}
		}
		return hosts
	}
	for _, label := range a.Label {
		if !slices.Contains(a.Unlabel, label) {
			add(engine.Assignment{Label: []string{label}}, engine.Assignment{Unlabel: []string{label}}, [2]int{},
				sitesWith(func(s engine.Site) bool { return !slices.Contains(s.Labels, label) }))
		}
	}
	for _, label := range a.Unlabel {
		add(engine.Assignment{Unlabel: []string{label}}, engine.Assignment{Label: []string{label}}, [2]int{},
			sitesWith(func(s engine.Site) bool { return slices.Contains(s.Labels, label) }))
	}
	if a.SetEnough {
		var old []int
		for _, s := range before {
			if s.Enough != a.Enough && !slices.Contains(old, s.Enough) {
				old = append(old, s.Enough)
			}
		}
		for _, n := range old {
			add(engine.Assignment{SetEnough: true, Enough: a.Enough}, engine.Assignment{SetEnough: true, Enough: n},
				[2]int{n, a.Enough},
				sitesWith(func(s engine.Site) bool { return s.Enough == n }))
		}
	}
	return redo, undo
}
