package resolve

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// health knows how each server did when it was asked last.
type health struct {
	client *dohClient
	now    func() time.Time
	// ctx ends with the resolver, which waits for what is in flying.
	ctx    context.Context
	flying *sync.WaitGroup

	mu      sync.Mutex
	servers []serverHealth
}

// serverHealth is what is known of one server. A name whose own DNS is broken does not count against it.
type serverHealth struct {
	engine.Resolver
	// answered is when the server was found well last, by the monotonic clock.
	answered time.Time
	// probing says that it is being asked for the root.
	probing bool
}

func newHealth(r *Resolver) *health {
	h := &health{client: r.client, now: r.now, ctx: r.ctx, flying: &r.flying}
	for _, s := range r.cfg.Servers {
		h.servers = append(h.servers, serverHealth{Resolver: engine.Resolver{URL: engine.Clean(s)}})
	}
	return h
}

// update changes what is known of a server.
func (h *health) update(server string, change func(*serverHealth)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.servers {
		if s := &h.servers[i]; s.URL == engine.Clean(server) {
			change(s)
		}
	}
}

// note takes what the server did that nobody but the server can be to blame for; err is nil if it is well.
func (s *serverHealth) note(now time.Time, took time.Duration, err error) {
	s.Last, s.Took, s.Error = engine.At(now), int64(took), ""
	if err != nil {
		s.Error = engine.Clean(err.Error())
		return
	}
	s.answered = time.Now()
}

// observe notes how a server did that was asked at a time. Where it is not clear whether the name or the server is to
// blame, the server is asked for the root, which every resolver knows: it counts as failing only if that fails, too.
// Until then it counts as it did. One that has answered for another name meanwhile need not be asked.
func (h *health) observe(v response, asked time.Time) {
	isDoubtful, err := blame(v.err)
	probe := false
	h.update(v.server, func(s *serverHealth) {
		switch {
		case !isDoubtful:
			s.note(h.now(), v.took, err)
		case !s.probing && s.answered.Before(asked):
			s.probing, probe = true, true
		}
	})
	if probe {
		h.flying.Go(func() { h.probe(v.server) })
	}
}

// blame finds out whose fault a failure is: not clear, or else the server's part in it, which is nil if the server is
// well and the name is not.
func blame(err error) (isDoubtful bool, servers error) {
	var doubt *doubtful
	var fault *nameFault
	switch {
	case errors.As(err, &doubt):
		return true, nil
	case errors.As(err, &fault):
		return fault.servfail, nil
	}
	return false, err
}

// probe asks a server for the root, and notes whether it is well.
func (h *health) probe(server string) {
	began := time.Now()
	err := askRoot(func(q *dns.Msg) ([]byte, time.Duration, error) { return h.client.send(h.ctx, server, q) })
	h.update(server, func(s *serverHealth) {
		s.probing = false
		if err == nil || h.ctx.Err() == nil && s.answered.Before(began) {
			s.note(h.now(), time.Since(began), err)
		}
	})
}

// Servers are the servers in the order of Config, each with how it did last.
func (r *Resolver) Servers() []engine.Resolver {
	r.health.mu.Lock()
	defer r.health.mu.Unlock()
	all := make([]engine.Resolver, 0, len(r.health.servers))
	for _, s := range r.health.servers {
		all = append(all, s.Resolver)
	}
	return all
}
