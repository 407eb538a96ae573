// Package places shares out what there is a limited number of: among sites, how many requests are answered at once
// (Places); among network addresses, how many of anything there are (Bounds).
package places

import "sync"

// Places bounds how many requests are answered at once, and shares that among sites: a site may take another place as
// long as it has fewer than are free, and the last eighth of them is for sites that have none. So a single one can have
// half of all, two of them a third each, and whatever a few do, another one finds one.
type Places struct {
	last  int // how many are for sites that have none
	mu    sync.Mutex
	free  int
	taken map[string]int // by label
	none  chan struct{}  // closed when none is taken any more, if somebody waits for that
}

// New returns n places.
func New(n int) *Places { return &Places{last: n / 8, free: n, taken: map[string]int{}} }

// Take takes a place for a request to the site with this label, if there is one for it.
func (p *Places) Take(label string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.taken[label]; have >= p.free || have > 0 && p.free <= p.last {
		return false
	}
	p.free--
	p.taken[label]++
	return true
}

// Give gives a place back.
func (p *Places) Give(label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free++
	if p.taken[label]--; p.taken[label] == 0 {
		delete(p.taken, label)
	}
	if len(p.taken) == 0 && p.none != nil {
		close(p.none)
		p.none = nil
	}
}

// InUse returns how many places are taken.
func (p *Places) InUse() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, taken := range p.taken {
		n += taken
	}
	return n
}

// Empty returns a channel that is closed as soon as no place is taken.
func (p *Places) Empty() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	none := p.none
	if none == nil {
		none = make(chan struct{})
		if len(p.taken) == 0 {
			close(none)
			return none
		}
		p.none = none
	}
	return none
}
