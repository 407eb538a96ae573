package resolve

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// health records the result of the last query of each server.
type health struct {
	client *dohClient
	now    func() time.Time
	// ctx ends with the resolver, which waits for the goroutines in background.
	ctx        context.Context
	background *sync.WaitGroup

	mu      sync.Mutex
	servers []serverHealth
}

// serverHealth is the state of one server. A name whose own DNS is broken does not count against it.
type serverHealth struct {
	engine.Resolver
	// answered is when the server last proved healthy, by the monotonic clock.
	answered time.Time
	// probing reports whether a query for the root is under way.
	probing bool
}

func newHealth(r *Resolver) *health {
	h := &health{client: r.client, now: r.now, ctx: r.ctx, background: &r.background}
	for _, s := range r.cfg.Servers {
		h.servers = append(h.servers, serverHealth{Resolver: engine.Resolver{URL: engine.Clean(s)}})
	}
	return h
}

// update calls change with the state of a server.
func (h *health) update(server string, change func(*serverHealth)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.servers {
		if s := &h.servers[i]; s.URL == engine.Clean(server) {
			change(s)
		}
	}
}

// setResult records the result of a query for which only the server is responsible; err is nil if it succeeded.
func (s *serverHealth) setResult(now time.Time, took time.Duration, err error) {
	s.Last, s.Took, s.Error = engine.At(now), int64(took), ""
	if err != nil {
		s.Error = engine.Clean(err.Error())
		return
	}
	s.answered = time.Now()
}

// observe records the result of a query that was sent at the time asked. If it is unclear whether the name or the
// server is at fault, the server is queried for the root, which every resolver knows: it counts as failing only if
// that query fails, too. Until then its state is unchanged. A server that has answered for another name meanwhile
// needs no probe.
func (h *health) observe(resp response, asked time.Time) {
	isUnclear, err := classifyFailure(resp.err)
	probe := false
	h.update(resp.server, func(s *serverHealth) {
		switch {
		case !isUnclear:
			s.setResult(h.now(), resp.took, err)
		case !s.probing && s.answered.Before(asked):
			s.probing, probe = true, true
		}
	})
	if probe {
		h.background.Go(func() { h.probe(resp.server) })
	}
}

// classifyFailure reports whether it is unclear who is at fault for a failure. If it is clear, the error is the
// server's part in it: nil if only the name is at fault.
func classifyFailure(err error) (isUnclear bool, servers error) {
	var unclear *unclearFailure
	var fault *nameFault
	switch {
	case errors.As(err, &unclear):
		return true, nil
	case errors.As(err, &fault):
		return fault.servfail, nil
	}
	return false, err
}

// probe queries a server for the root, and records the result.
func (h *health) probe(server string) {
	began := time.Now()
	err := askRoot(func(q *dns.Msg) ([]byte, time.Duration, error) {
		return h.client.exchangeWithTimeout(h.ctx, server, q)
	})
	h.update(server, func(s *serverHealth) {
		s.probing = false
		if err == nil || h.ctx.Err() == nil && s.answered.Before(began) {
			s.setResult(h.now(), time.Since(began), err)
		}
	})
}

// Servers returns the servers in the order of Config, each with the result of its last query.
func (r *Resolver) Servers() []engine.Resolver {
	r.health.mu.Lock()
	defer r.health.mu.Unlock()
	all := make([]engine.Resolver, 0, len(r.health.servers))
	for _, s := range r.health.servers {
		all = append(all, s.Resolver)
	}
	return all
}
