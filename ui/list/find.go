package list

import (
	"wtptui/ui/filter"
)

// find is the filter in force, and the last one there was.
type find struct {
	text   string
	picked filter.Filter
	last   string
}

func (f *find) set(text string) {
	f.text, f.picked = text, filter.Parse(text)
	if text != "" {
		f.last = text
	}
}

func (f *find) clear() { f.text, f.picked = "", filter.Filter{} }

// Filter is the text by which sites are picked; empty for all.
func (p *Pane) Filter() string { return p.find.text }

// Wrong says what is wrong with the filter, or missing in it; empty when nothing is.
func (p *Pane) Wrong() string { return p.find.picked.Wrong }

// SetFilter picks sites, see package filter.
func (p *Pane) SetFilter(text string) {
	if text == "" {
		p.find.clear()
	} else {
		p.find.set(text)
	}
	if p.at > 0 && p.saved[p.at-1].Filter != text {
		p.at = 0
	}
	p.arrange()
}

// Next selects the next row below (or above) that the last filter picks, and goes on at the other end. It reports whether
// there is one.
func (p *Pane) Next(up bool) bool {
	n := len(p.shown)
	if p.find.last == "" || n == 0 {
		return false
	}
	picked := filter.Parse(p.find.last)
	step := 1
	if up {
		step = n - 1
	}
	for i, at := 0, p.sel.Index(); i < n; i++ {
		at = (at + step) % n
		if picked.Match(&p.sites[p.shown[at]], p.now) {
			p.sel.To(at, n, p.keyAt)
			return true
		}
	}
	return false
}
