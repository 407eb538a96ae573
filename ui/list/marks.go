package list

import (
	"iter"
	"maps"
	"slices"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// Marks are the sites that actions apply to together.
type Marks struct {
	rows  *arrangement
	hosts map[string]bool
	// anchor is the first site of a range: the last one that was marked by hand.
	anchor string
	// sorted are the hosts in order; nil after a change.
	sorted []string
}

// Sites returns the marked sites, by host, shown or not.
func (m *Marks) Sites() []engine.Site {
	var out []engine.Site
	for s := range m.Each() {
		out = append(out, *s)
	}
	return out
}

// Each iterates over the marked sites, by host, shown or not. It costs no more than the sites that are visited, so that
// each frame can ask for the first few.
func (m *Marks) Each() iter.Seq[*engine.Site] {
	if m.sorted == nil && len(m.hosts) > 0 {
		m.sorted = slices.Sorted(maps.Keys(m.hosts))
	}
	return func(yield func(*engine.Site) bool) {
		for _, host := range m.sorted {
			if s := m.rows.lookup(host); s != nil && !yield(s) {
				return
			}
		}
	}
}

// Count returns how many sites are marked, and how many of them are not shown.
func (m *Marks) Count() (marked, hidden int) {
	marked = len(m.hosts)
	if marked == 0 {
		return 0, 0
	}
	hidden = marked
	for i := range m.rows.len() {
		if m.hosts[m.rows.ref(i)] {
			hidden--
		}
	}
	return marked, hidden
}

// Any reports whether a site is marked.
func (m *Marks) Any() bool { return len(m.hosts) > 0 }

// Clear removes all marks, and reports whether there were any.
func (m *Marks) Clear() bool {
	had := len(m.hosts) > 0
	m.hosts, m.sorted, m.anchor = nil, nil, ""
	return had
}

func (m *Marks) set(host string, on bool) {
	m.sorted = nil
	if m.hosts == nil {
		m.hosts = map[string]bool{}
	}
	if on {
		m.hosts[host] = true
	} else {
		delete(m.hosts, host)
	}
}

// dropMissing removes the marks of sites that are gone.
func (m *Marks) dropMissing() {
	for host := range m.hosts {
		if m.rows.lookup(host) == nil {
			m.sorted = nil
			delete(m.hosts, host)
		}
	}
}

// handle carries out an action on marks at row here. Only rows that are shown are changed, so that nobody marks what
// cannot be seen.
func (m *Marks) handle(a keys.Action, here int) {
	n := m.rows.len()
	if n == 0 {
		return
	}
	switch a {
	case keys.Mark:
		host := m.rows.ref(here)
		m.set(host, !m.hosts[host])
		m.anchor = host
	case keys.MarkRange:
		from := here
		for i := range n {
			if m.rows.ref(i) == m.anchor {
				from = i
			}
		}
		for i := min(from, here); i <= max(from, here); i++ {
			m.set(m.rows.ref(i), true)
		}
		m.anchor = m.rows.ref(here)
	case keys.MarkAll:
		all := true
		for i := range n {
			all = all && m.hosts[m.rows.ref(i)]
		}
		for i := range n {
			m.set(m.rows.ref(i), !all)
		}
	case keys.InvertMark:
		for i := range n {
			host := m.rows.ref(i)
			m.set(host, !m.hosts[host])
		}
	}
}
