package dial

import (
	"net/netip"
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// maxRemembered limits how many peers are remembered, approximately.
	maxRemembered = 4096
	rememberTime  = time.Hour
)

// success is what worked with a peer.
type success struct {
	via        engine.Via
	obfuscated bool
	at         time.Time
}

// memory remembers what worked with recent peers. The zero value is ready to use.
type memory struct {
	mu sync.Mutex
	// When newer is half full it becomes older, and the old older is dropped.
	newer, older map[netip.AddrPort]success
}

func (m *memory) get(peer netip.AddrPort) (success, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.newer[peer]
	if !ok {
		c, ok = m.older[peer]
	}
	if !ok || time.Since(c.at) > rememberTime {
		return success{}, false
	}
	return c, true
}

func (m *memory) put(peer netip.AddrPort, via engine.Via, obfuscated bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.newer == nil || len(m.newer) >= maxRemembered/2 {
		m.newer, m.older = make(map[netip.AddrPort]success), m.newer
	}
	m.newer[peer] = success{via, obfuscated, time.Now()}
}
