package resolve

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// serverTimeout is how long one server may take.
	serverTimeout = 5 * time.Second
	// defaultMinTTL is the floor of TTLs unless Config says otherwise.
	defaultMinTTL = time.Minute
)

// Config says whom to ask.
type Config struct {
	// Servers are URLs of DNS over HTTPS servers: https, or http on this machine. They are asked in this order until
	// one answers.
	Servers []string
	// MinTTL is the shortest time for which an answer is believed; 0 means 60 s. A person may lower it to see their
	// own changes sooner.
	MinTTL time.Duration
	// Cache remembers answers over restarts; nil for not at all.
	Cache Cache
	// HTTPClient asks the servers; nil for one of the resolver's own.
	HTTPClient *http.Client
	// Now is the clock; nil for the system's.
	Now    func() time.Time
	Logger *slog.Logger
}

// Resolver finds infohashes of domains. Its methods may be called from many goroutines.
type Resolver struct {
	cfg     Config
	log     *slog.Logger
	now     func() time.Time
	client  *http.Client
	timeout time.Duration
	memory  memory

	// ctx ends with the resolver; look-ups outlive whoever asked for them first.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	flights map[string]*flight
	flying  sync.WaitGroup
}

// flight is one look-up and all who wait for it.
type flight struct {
	done   chan struct{} // closed when the two below are set
	answer Answer
	err    error
}

// New makes a resolver. Close it.
func New(cfg Config) *Resolver {
	r := &Resolver{
		cfg: cfg, log: cfg.Logger, now: cfg.Now, client: newClient(cfg.HTTPClient), timeout: serverTimeout,
		memory: memory{names: map[string]remembered{}}, flights: map[string]*flight{},
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.now == nil {
		r.now = time.Now
	}
	if r.cfg.MinTTL <= 0 {
		r.cfg.MinTTL = defaultMinTTL
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

// Close ends all look-ups, waits for them, and closes connections to servers.
func (r *Resolver) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.flying.Wait()
	if r.cfg.HTTPClient == nil {
		r.client.CloseIdleConnections()
	}
	return nil
}

// Resolve gives the infohash that a domain points to. Errors are of Kind Invalid (not a domain), NotFound (there is no
// such name, or no key at it; the Answer then says who said so, and what was found instead) or Unavailable (no server
// answers and no answer is remembered, or ctx ended).
func (r *Resolver) Resolve(ctx context.Context, host string) (Answer, error) {
	if canonical, err := engine.ParseHost(host); err != nil || canonical != host || engine.IsInfohash(host) {
		return Answer{}, notDomain(host)
	}
	if e, ok := r.memory.get(host, r.now()); ok {
		return e.answer, e.miss
	}
	f, err := r.join(host)
	if err != nil {
		return Answer{}, err
	}
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
		return Answer{}, interrupted(host, ctx.Err())
	}
}

// join gives the look-up of host that is under way, or starts one.
func (r *Resolver) join(host string) (*flight, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, interrupted(host, context.Canceled)
	}
	f := r.flights[host]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		r.flights[host] = f
		r.flying.Go(func() {
			f.answer, f.err = r.lookUp(r.ctx, host)
			r.mu.Lock()
			delete(r.flights, host)
			r.mu.Unlock()
			close(f.done)
		})
	}
	return f, nil
}

// lookUp goes through all that may know the host, the most trustworthy first.
func (r *Resolver) lookUp(ctx context.Context, host string) (Answer, error) {
	if e, ok := r.memory.get(host, r.now()); ok { // It was found out between Resolve's look and this look-up's start.
		return e.answer, e.miss
	}
	old, known := r.stored(host)
	if known && old.TTL > 0 {
		r.memory.put(host, r.now(), remembered{answer: old})
		return old, nil
	}
	answer, err := r.askServers(ctx, host)
	switch engine.KindOf(err) {
	case engine.None:
		r.keep(answer)
	case engine.NotFound:
		r.memory.put(host, answer.At, remembered{answer: answer, miss: err})
	case engine.Unavailable:
		if known && ctx.Err() == nil {
			old.Stale, old.TTL = true, missTTL
			old.Warnings = []string{stale(old, err)}
			r.memory.put(host, r.now(), remembered{answer: old})
			return old, nil
		}
	}
	return answer, err
}

// askServers asks one server after the other. The first that has an answer has the last word, even when the answer is
// that there is no key.
func (r *Resolver) askServers(ctx context.Context, host string) (Answer, error) {
	q := question(host)
	var failures []failure
	for _, server := range r.cfg.Servers {
		reply, err := r.ask(ctx, server, q)
		if err == nil {
			return r.judge(host, server, reply)
		}
		if ctx.Err() != nil {
			return Answer{}, interrupted(host, ctx.Err())
		}
		r.log.Info("resolve: a server does not answer", "server", server, "host", host, "error", err)
		failures = append(failures, failure{server, err})
	}
	return Answer{}, unavailable(host, failures)
}

// judge makes an answer of what a server says.
func (r *Resolver) judge(host, server string, reply reply) (Answer, error) {
	a := Answer{Host: host, Source: server, At: r.now(), AD: reply.ad, TTL: missTTL}
	if len(reply.keys.infohashes) == 0 {
		a.Found = reply.keys.others
		return a, noKey(host, reply)
	}
	a.Infohash = reply.keys.infohashes[0]
	a.TTL = min(max(reply.ttl, r.cfg.MinTTL), maxTTL)
	if len(reply.keys.infohashes) > 1 {
		a.Warnings = []string{ambiguous(reply.keys.infohashes)}
	}
	return a, nil
}
