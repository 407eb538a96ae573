package list

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// Marks are the sites that actions are to apply to together.
type Marks struct {
	rows  *arrangement
	hosts map[string]bool
	// anchor is where a range begins: the last site that was marked by hand.
	anchor string
}

// Sites returns the marked sites, by host, shown or not.
func (m *Marks) Sites() []engine.Site {
	if len(m.hosts) == 0 {
		return nil
	}
	var out []engine.Site
	for i := range m.rows.all {
		if m.hosts[m.rows.all[i].Host] {
			out = append(out, m.rows.all[i])
		}
	}
	return out
}

// Count returns how many sites are marked, and how many of them are not shown.
func (m *Marks) Count() (marked, hidden int) {
	marked = len(m.hosts)
	if marked == 0 {
		return 0, 0
	}
	hidden = marked
	for i := range m.rows.len() {
		if m.hosts[m.rows.host(i)] {
			hidden--
		}
	}
	return marked, hidden
}

// Clear takes all marks away, and reports whether there were any.
func (m *Marks) Clear() bool {
	had := len(m.hosts) > 0
	m.hosts, m.anchor = nil, ""
	return had
}

func (m *Marks) set(host string, on bool) {
	if m.hosts == nil {
		m.hosts = map[string]bool{}
	}
	if on {
		m.hosts[host] = true
	} else {
		delete(m.hosts, host)
	}
}

// keep forgets marks of sites that are gone.
func (m *Marks) keep() {
	for host := range m.hosts {
		if m.rows.lookup(host) == nil {
			delete(m.hosts, host)
		}
	}
}

// handle carries out an action on marks at row here. Only rows that are shown are changed: nobody marks what cannot be
// seen.
func (m *Marks) handle(a keys.Action, here int) {
	n := m.rows.len()
	if n == 0 {
		return
	}
	switch a {
	case keys.Mark:
		host := m.rows.host(here)
		m.set(host, !m.hosts[host])
		m.anchor = host
	case keys.MarkRange:
		from := here
		for i := range n {
			if m.rows.host(i) == m.anchor {
				from = i
			}
		}
		for i := min(from, here); i <= max(from, here); i++ {
			m.set(m.rows.host(i), true)
		}
		m.anchor = m.rows.host(here)
	case keys.MarkAll:
		all := true
		for i := range n {
			all = all && m.hosts[m.rows.host(i)]
		}
		for i := range n {
			m.set(m.rows.host(i), !all)
		}
	case keys.InvertMark:
		for i := range n {
			host := m.rows.host(i)
			m.set(host, !m.hosts[host])
		}
	}
}
