package dial

import (
	"net/netip"
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// maxRemembered is about how many peers are remembered: between half of it and all.
	maxRemembered = 4096
	rememberFor   = time.Hour
)

// choice is what worked with a peer.
type choice struct {
	via        engine.Via
	obfuscated bool
	at         time.Time
}

// memory remembers what worked, for peers that were met lately. The zero value is ready.
type memory struct {
	mu sync.Mutex
	// When newer is half full it becomes older, and what was older is forgotten.
	newer, older map[netip.AddrPort]choice
}

func (m *memory) get(peer netip.AddrPort) (choice, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.newer[peer]
	if !ok {
		c, ok = m.older[peer]
	}
	if !ok || time.Since(c.at) > rememberFor {
		return choice{}, false
	}
	return c, true
}

func (m *memory) put(peer netip.AddrPort, via engine.Via, obfuscated bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.newer == nil || len(m.newer) >= maxRemembered/2 {
		m.newer, m.older = make(map[netip.AddrPort]choice), m.newer
	}
	m.newer[peer] = choice{via, obfuscated, time.Now()}
}
