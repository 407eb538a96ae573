// Package limits has limits of concurrent use: SiteLimiter for the requests of each site, and NetworkLimiter for
// anything of network addresses.
package limits

import "sync"

// SiteLimiter limits the number of concurrent requests, and shares it among sites. A site may have another slot if it
// has fewer than are free, and the last eighth is reserved for sites that have none. So a single site can have half of
// all slots, two of them a third each, and another one always gets a slot.
type SiteLimiter struct {
	reserved int // reserved for sites that have none
	mu       sync.Mutex
	free     int
	inUse    map[string]int // by label
	empty    chan struct{}  // closed when no slot is in use any more; nil if nobody waits for that
}

// NewSiteLimiter returns a SiteLimiter for n concurrent requests.
func NewSiteLimiter(n int) *SiteLimiter {
	return &SiteLimiter{reserved: n / 8, free: n, inUse: map[string]int{}}
}

// Acquire acquires a slot for a request to the site with this label. It returns false if there is none for it.
func (p *SiteLimiter) Acquire(label string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have := p.inUse[label]; have >= p.free || have > 0 && p.free <= p.reserved {
		return false
	}
	p.free--
	p.inUse[label]++
	return true
}

// Release releases a slot of a site.
func (p *SiteLimiter) Release(label string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free++
	if p.inUse[label]--; p.inUse[label] == 0 {
		delete(p.inUse, label)
	}
	if len(p.inUse) == 0 && p.empty != nil {
		close(p.empty)
		p.empty = nil
	}
}

// InUse returns how many slots are in use.
func (p *SiteLimiter) InUse() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, taken := range p.inUse {
		n += taken
	}
	return n
}

// Empty returns a channel that is closed as soon as no slot is in use.
func (p *SiteLimiter) Empty() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	none := p.empty
	if none == nil {
		none = make(chan struct{})
		if len(p.inUse) == 0 {
			close(none)
			return none
		}
		p.empty = none
	}
	return none
}
