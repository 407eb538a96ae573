package list

import (
	"wtptui/engine"
	"wtptui/ui/keys"
)

// marks are the sites that actions are to apply to together. The zero value has none.
type marks struct {
	hosts map[string]bool
	// anchor is where a range begins: the last site that was marked by hand.
	anchor string
}

func (m *marks) set(host string, on bool) {
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
func (m *marks) keep(there func(string) bool) {
	for host := range m.hosts {
		if !there(host) {
			delete(m.hosts, host)
		}
	}
}

// mark carries out an action on marks. Only rows that are shown are changed: nobody marks what cannot be seen.
func (p *Pane) mark(a keys.Action) {
	n := len(p.shown)
	if n == 0 {
		return
	}
	here := p.sel.Index()
	switch a {
	case keys.Mark:
		host := p.keyAt(here)
		p.marks.set(host, !p.marks.hosts[host])
		p.marks.anchor = host
		p.sel.To(here+1, n, p.keyAt)
	case keys.MarkRange:
		from := here
		for i := range n {
			if p.keyAt(i) == p.marks.anchor {
				from = i
			}
		}
		for i := min(from, here); i <= max(from, here); i++ {
			p.marks.set(p.keyAt(i), true)
		}
		p.marks.anchor = p.keyAt(here)
	case keys.MarkAll:
		all := true
		for i := range n {
			all = all && p.marks.hosts[p.keyAt(i)]
		}
		for i := range n {
			p.marks.set(p.keyAt(i), !all)
		}
	case keys.InvertMark:
		for i := range n {
			host := p.keyAt(i)
			p.marks.set(host, !p.marks.hosts[host])
		}
	}
}

// Marked gives the marked sites, by host, shown or not.
func (p *Pane) Marked() []engine.Site {
	var out []engine.Site
	if len(p.marks.hosts) == 0 {
		return nil
	}
	for i := range p.sites {
		if p.marks.hosts[p.sites[i].Host] {
			out = append(out, p.sites[i])
		}
	}
	return out
}

// Marks is how many sites are marked, and how many of them are not shown.
func (p *Pane) Marks() (marked, hidden int) {
	marked = len(p.marks.hosts)
	if marked == 0 {
		return 0, 0
	}
	hidden = marked
	for i := range p.shown {
		if p.marks.hosts[p.keyAt(i)] {
			hidden--
		}
	}
	return marked, hidden
}

// Unmark takes all marks away, and reports whether there were any.
func (p *Pane) Unmark() bool {
	had := len(p.marks.hosts) > 0
	p.marks = marks{}
	return had
}
