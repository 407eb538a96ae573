package resolve

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// serverTimeout is how long one server may take.
	serverTimeout = 5 * time.Second
	// headStart is how long a server has for itself before the next one is asked as well.
	headStart = 300 * time.Millisecond
	// defaultMinTTL is the floor of TTLs unless Config says otherwise.
	defaultMinTTL = time.Minute
)

// Config says whom to ask.
type Config struct {
	// Servers are URLs of DNS over HTTPS servers: https, or http on this machine. They are raced in this order.
	Servers []string
	// MinTTL is the shortest time for which an answer is believed; 0 means 60 s. A person may lower it to see their
	// own changes sooner.
	MinTTL time.Duration
	// Cache remembers answers over restarts; nil for not at all.
	Cache Cache
	// Items is the DHT's part that keeps signed records of keys; nil for none. Relays are URLs of pkarr relays, which are
	// asked where that gives nothing.
	Items  Items
	Relays []string
	// HTTPClient asks the servers and relays; nil for one of the resolver's own.
	HTTPClient *http.Client
	// WellKnown fetches https://<name>/.well-known/wtp, from hosts that strangers have named: it must not connect to
	// addresses that are not public. Nil means that no such file is asked for.
	WellKnown *http.Client
	// Now is the clock; nil for the system's.
	Now    func() time.Time
	Logger *slog.Logger
}

// Resolver finds infohashes of domains. Its methods may be called from many goroutines.
type Resolver struct {
	cfg       Config
	log       *slog.Logger
	now       func() time.Time
	client    *dohClient
	wellKnown *http.Client // nil for none
	headStart time.Duration
	memory    memory
	health    *health
	records   records

	// ctx ends with the resolver; look-ups outlive whoever asked for them first.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	closed  bool
	flights map[flightKey]*flight
	flying  sync.WaitGroup
}

// flightKey names a look-up; all is for those that ask every server, and keep for those that keep a record.
type flightKey struct {
	host string
	all  bool
	keep bool
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
		cfg: cfg, log: cfg.Logger, now: cfg.Now, headStart: headStart,
		client: &dohClient{renewable{client: newClient(cfg.HTTPClient)}, serverTimeout},
		memory: memory{names: map[string]remembered{}}, flights: map[flightKey]*flight{},
	}
	r.records = newRecords(r)
	if cfg.WellKnown != nil {
		r.wellKnown = newClient(cfg.WellKnown)
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
	r.health = newHealth(r)
	return r
}

// Close ends all look-ups, waits for them, and closes connections to servers.
func (r *Resolver) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.flying.Wait()
	r.client.close(r.cfg.HTTPClient == nil)
	if r.wellKnown != nil {
		r.wellKnown.CloseIdleConnections()
	}
	return nil
}

// Resolve returns the infohash that a domain or a key points to. Errors are of Kind Invalid (neither of them), NotFound
// (there is no such name, or no key at it; the Answer then says who said so, and what was found instead) or Unavailable
// (no server answers and no answer is remembered, or ctx ended).
func (r *Resolver) Resolve(ctx context.Context, host string) (Answer, error) {
	if err := checkHost(host); err != nil {
		return Answer{}, err
	}
	if e, ok := r.memory.get(host, r.now()); ok {
		return e.answer, e.miss
	}
	return r.wait(ctx, flightKey{host: host}, r.lookUp)
}

// Ask is Resolve by asking all servers now, whatever is remembered, and comparing what they say: for a person who wants
// to know. It takes as long as the slowest server, at most 5 s.
func (r *Resolver) Ask(ctx context.Context, host string) (Answer, error) {
	if err := checkHost(host); err != nil {
		return Answer{}, err
	}
	return r.wait(ctx, flightKey{host: host, all: true}, func(ctx context.Context, host string) (Answer, error) {
		if key, isKey := engine.ParseKey(host); isKey {
			return r.records.ask(ctx, key, true)
		}
		return r.askNow(ctx, host, r.stored(host), r.poll)
	})
}

func checkHost(host string) error {
	if engine.IsKey(host) {
		return nil
	}
	if err := engine.RefuseSpecialUse(host); err != nil {
		return err
	}
	if canonical, err := engine.ParseHost(host); err != nil || canonical != host || engine.IsInfohash(host) {
		return notDomain(host)
	}
	return nil
}

// wait gives the result of a look-up that is under way, or of a new one.
func (r *Resolver) wait(ctx context.Context, key flightKey, look func(context.Context, string) (Answer, error)) (Answer, error) {
	f, err := r.join(key, look)
	if err != nil {
		return Answer{}, err
	}
	select {
	case <-f.done:
		return f.answer.clone(), f.err
	case <-ctx.Done():
		return Answer{}, interrupted(key.host, ctx.Err())
	}
}

func (r *Resolver) join(key flightKey, look func(context.Context, string) (Answer, error)) (*flight, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, interrupted(key.host, context.Canceled)
	}
	f := r.flights[key]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		r.flights[key] = f
		r.flying.Go(func() {
			f.answer, f.err = look(r.ctx, key.host)
			r.mu.Lock()
			delete(r.flights, key)
			r.mu.Unlock()
			close(f.done)
		})
	}
	return f, nil
}

// begin keeps Close waiting until end is called. It is false when the resolver is closed.
func (r *Resolver) begin() (end func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	r.flying.Add(1)
	return r.flying.Done, true
}

// lookUp goes through all that may know the host, the most trustworthy first.
func (r *Resolver) lookUp(ctx context.Context, host string) (Answer, error) {
	if e, ok := r.memory.get(host, r.now()); ok { // It was found out between Resolve's look and this look-up's start.
		return e.answer, e.miss
	}
	old := r.stored(host)
	if old.known && old.TTL > 0 {
		if a, ok := r.records.recall(old.Answer); ok {
			old.Answer = a
		}
		r.memory.put(host, r.now(), remembered{answer: old.Answer})
		return old.Answer, nil
	}
	if key, isKey := engine.ParseKey(host); isKey {
		return r.records.ask(ctx, key, false)
	}
	return r.askNow(ctx, host, old, r.race)
}

// askNow asks the servers in the way that is given, then the name's own .well-known file, and falls back on the old
// answer. What comes of it is remembered.
func (r *Resolver) askNow(ctx context.Context, host string, old stored, servers func(context.Context, string, stored) (Answer, error)) (Answer, error) {
	answer, err := servers(ctx, host, old)
	if err != nil && ctx.Err() == nil && r.wellKnown != nil && !errors.Is(err, errMissing) && !errors.Is(err, errUnsettled) {
		if a, ok := r.askWellKnown(ctx, host, &answer); ok {
			answer, err = a, nil
		}
	}
	if answer.Named != "" || old.Key != "" {
		answer, err = r.decideByKey(ctx, answer, err, old)
	}
	switch {
	case ctx.Err() != nil:
		return Answer{}, interrupted(host, ctx.Err())
	case err == nil && answer.Stale:
		if !r.unlessAccepted(ctx, host, old.Key, func() { r.memory.put(host, r.now(), remembered{answer: answer}) }) {
			return r.askNow(ctx, host, r.stored(host), servers)
		}
	case err == nil:
		if w := returned(answer, old); w != "" && answer.Key == "" { // A record cannot be repeated.
			answer.Warnings = append(answer.Warnings, w)
		}
		if !r.unlessAccepted(ctx, host, old.Key, func() { r.keep(answer) }) {
			return r.askNow(ctx, host, r.stored(host), servers)
		}
	case old.known:
		asked := answer.Asked
		answer = old.Answer
		answer.Stale, answer.Cause, answer.TTL, answer.Asked = true, err, missTTL, asked
		answer.Warnings = append(answer.Warnings, stale(answer, err))
		r.memory.put(host, r.now(), remembered{answer: answer})
		return answer, nil
	case engine.KindOf(err) == engine.NotFound:
		r.memory.put(host, answer.At, remembered{answer: answer, miss: err})
	}
	return answer, err
}

// judge makes an answer of what a server says.
func (r *Resolver) judge(host, server string, reply reply) (Answer, error) {
	a := Answer{Host: host, Source: server, At: r.now(), AD: reply.ad, TTL: missTTL, Warnings: reply.warnings}
	a.Named = reply.keys.named()
	a.Warnings = append(a.Warnings, reply.keys.keyFaults()...)
	if len(reply.keys.infohashes) == 0 && a.Named != "" {
		a.TTL = r.bound(reply.ttl)
		a.Lifetime = a.TTL
		return a, nil
	}
	if len(reply.keys.infohashes) == 0 {
		a.Found = reply.keys.others
		return a, noKey(host, reply)
	}
	a.Infohash = reply.keys.infohashes[0]
	a.TTL = r.bound(reply.ttl)
	a.Lifetime = a.TTL
	a.Trackers, a.WebSeeds = reply.keys.hints.trackers, reply.keys.hints.webSeeds
	if len(reply.keys.infohashes) > 1 {
		a.Warnings = append(a.Warnings, ambiguous(reply.keys.infohashes))
	}
	return a, nil
}

// bound applies floor and cap to a TTL.
func (r *Resolver) bound(ttl time.Duration) time.Duration { return min(max(ttl, r.cfg.MinTTL), maxTTL) }
