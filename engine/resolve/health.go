package resolve

import (
	"errors"
	"sync"
	"time"

	"wtptui/engine"
)

// health remembers how each server did when it was asked last.
type health struct {
	mu      *sync.Mutex
	servers []engine.Resolver
}

func newHealth(servers []string) health {
	h := health{mu: new(sync.Mutex), servers: make([]engine.Resolver, len(servers))}
	for i, s := range servers {
		h.servers[i].URL = engine.Clean(s)
	}
	return h
}

func (h *health) note(v response, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.servers {
		if s := &h.servers[i]; s.URL == engine.Clean(v.server) {
			s.Last, s.Took, s.Error = engine.At(now), int64(v.took), ""
			var fault *nameFault
			if v.err != nil && !errors.As(v.err, &fault) {
				s.Error = engine.Clean(v.err.Error())
			}
		}
	}
}

// Servers are the servers in the order of Config, each with how it did last.
func (r *Resolver) Servers() []engine.Resolver {
	r.health.mu.Lock()
	defer r.health.mu.Unlock()
	return append([]engine.Resolver{}, r.health.servers...)
}
