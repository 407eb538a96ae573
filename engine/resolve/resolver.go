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
	// serverTimeout limits one query to one server.
	serverTimeout = 5 * time.Second
	// headStart is how long to wait for a server before the next one is queried as well.
	headStart = 300 * time.Millisecond
	// defaultMinTTL is the minimum TTL unless Config sets one.
	defaultMinTTL = time.Minute
)

// Config holds the servers and settings of a Resolver.
type Config struct {
	// Servers are URLs of DNS over HTTPS servers: https, or http on this machine. They are raced in this order.
	Servers []string
	// MinTTL is the minimum time for which an answer is cached; 0 means 60 s. A person may lower it to see their own
	// changes sooner.
	MinTTL time.Duration
	// Cache stores answers over restarts; nil for none.
	Cache Cache
	// Items accesses signed records of keys in the DHT; nil for none. Relays are URLs of pkarr relays, which are
	// queried if the DHT returns nothing.
	Items  Items
	Relays []string
	// HTTPClient is used for servers and relays; nil for a client of the resolver's own.
	HTTPClient *http.Client
	// WellKnown fetches https://<name>/.well-known/wtp from untrusted host names: it must not connect to addresses
	// that are not public. If it is nil, no such file is fetched.
	WellKnown *http.Client
	// Now is the clock; nil for the system's.
	Now    func() time.Time
	Logger *slog.Logger
}

// Resolver finds the infohashes of domains and keys. It is safe for concurrent use.
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

	// ctx ends with the resolver; a look-up may outlive the call that started it.
	ctx    context.Context
	cancel context.CancelFunc

	mu         sync.Mutex
	closed     bool
	flights    map[flightKey]*flight
	background sync.WaitGroup
}

// flightKey identifies a look-up. all is set for those that query every server, and republish for those that republish
// a record.
type flightKey struct {
	host      string
	all       bool
	republish bool
}

// flight is a look-up that all its callers share.
type flight struct {
	done   chan struct{} // closed when the two below are set
	answer Answer
	err    error
}

// New returns a resolver. The caller must close it.
func New(cfg Config) *Resolver {
	r := &Resolver{
		cfg: cfg, log: cfg.Logger, now: cfg.Now, headStart: headStart,
		client: &dohClient{renewableClient{client: newHTTPClient(cfg.HTTPClient)}, serverTimeout},
		memory: memory{names: map[string]cachedAnswer{}}, flights: map[flightKey]*flight{},
	}
	r.records = newRecords(r)
	if cfg.WellKnown != nil {
		r.wellKnown = newHTTPClient(cfg.WellKnown)
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

// Close cancels all look-ups, waits for them, and closes connections to servers.
func (r *Resolver) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.background.Wait()
	r.client.close(r.cfg.HTTPClient == nil)
	if r.wellKnown != nil {
		r.wellKnown.CloseIdleConnections()
	}
	return nil
}

// Resolve returns the infohash that a domain or a key points to. Errors have Kind Invalid (host is neither), NotFound
// (the name does not exist or has no key; the Answer then holds the source, and what was found instead) or Unavailable
// (no server answers and no answer is stored, or ctx has ended).
func (r *Resolver) Resolve(ctx context.Context, host string) (Answer, error) {
	if err := checkHost(host); err != nil {
		return Answer{}, err
	}
	if e, ok := r.memory.get(host, r.now()); ok {
		return e.answer, e.miss
	}
	return r.waitForLookup(ctx, flightKey{host: host}, r.lookUp)
}

// ResolveUncached is like Resolve, but ignores stored answers, queries all servers and compares their responses. It
// takes as long as the slowest server, at most 5 s.
func (r *Resolver) ResolveUncached(ctx context.Context, host string) (Answer, error) {
	if err := checkHost(host); err != nil {
		return Answer{}, err
	}
	return r.waitForLookup(ctx, flightKey{host: host, all: true}, func(ctx context.Context, host string) (Answer, error) {
		if key, isKey := engine.ParseKey(host); isKey {
			return r.records.resolve(ctx, key, true)
		}
		return r.queryServers(ctx, host, r.loadStored(host), r.queryAll)
	})
}

func checkHost(host string) error {
	if engine.IsKey(host) {
		return nil
	}
	if err := engine.CheckSpecialUse(host); err != nil {
		return err
	}
	if canonical, err := engine.ParseHost(host); err != nil || canonical != host || engine.IsInfohash(host) {
		return notDomainError(host)
	}
	return nil
}

// waitForLookup returns the result of a look-up that is under way, or of a new one.
func (r *Resolver) waitForLookup(
	ctx context.Context, key flightKey, lookUp func(context.Context, string) (Answer, error),
) (Answer, error) {
	f, err := r.joinOrStart(key, lookUp)
	if err != nil {
		return Answer{}, err
	}
	select {
	case <-f.done:
		return f.answer.clone(), f.err
	case <-ctx.Done():
		return Answer{}, interruptedError(key.host, ctx.Err())
	}
}

func (r *Resolver) joinOrStart(key flightKey, lookUp func(context.Context, string) (Answer, error)) (*flight, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, interruptedError(key.host, context.Canceled)
	}
	f := r.flights[key]
	if f == nil {
		f = &flight{done: make(chan struct{})}
		r.flights[key] = f
		r.background.Go(func() {
			f.answer, f.err = lookUp(r.ctx, key.host)
			r.mu.Lock()
			delete(r.flights, key)
			r.mu.Unlock()
			close(f.done)
		})
	}
	return f, nil
}

// startWork makes Close wait until end is called. It returns false if the resolver is closed.
func (r *Resolver) startWork() (end func(), ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, false
	}
	r.background.Add(1)
	return r.background.Done, true
}

// lookUp tries all sources of an answer, the most trustworthy first.
func (r *Resolver) lookUp(ctx context.Context, host string) (Answer, error) {
	if e, ok := r.memory.get(host, r.now()); ok { // Another look-up has ended since Resolve checked.
		return e.answer, e.miss
	}
	old := r.loadStored(host)
	if old.known && old.TTL > 0 {
		if a, ok := r.records.refresh(old.Answer); ok {
			old.Answer = a
		}
		r.memory.put(host, r.now(), cachedAnswer{answer: old.Answer})
		return old.Answer, nil
	}
	if key, isKey := engine.ParseKey(host); isKey {
		return r.records.resolve(ctx, key, false)
	}
	return r.queryServers(ctx, host, old, r.race)
}

// queryServers calls servers, then tries the name's .well-known file, and falls back on the stored answer. It
// remembers the result.
func (r *Resolver) queryServers(
	ctx context.Context, host string, old storedAnswer,
	servers func(context.Context, string, storedAnswer) (Answer, error),
) (Answer, error) {
	answer, err := servers(ctx, host, old)
	if err != nil && ctx.Err() == nil && r.wellKnown != nil &&
		!errors.Is(err, errNoSuchName) && !errors.Is(err, errDisagree) {
		if a, ok := r.queryWellKnown(ctx, host, &answer); ok {
			answer, err = a, nil
		}
	}
	if answer.NamedKey != "" || old.Key != "" {
		answer, err = r.decideByKey(ctx, answer, err, old)
	}
	switch {
	case ctx.Err() != nil:
		return Answer{}, interruptedError(host, ctx.Err())
	case err == nil && answer.Stale:
		remember := func() { r.memory.put(host, r.now(), cachedAnswer{answer: answer}) }
		if !r.rememberUnlessKeyChanged(ctx, host, old.Key, remember) {
			return r.queryServers(ctx, host, r.loadStored(host), servers)
		}
	case err == nil:
		if w := returnedWarning(answer, old); w != "" && answer.Key == "" { // A signed record cannot be replayed.
			answer.Warnings = append(answer.Warnings, w)
		}
		if !r.rememberUnlessKeyChanged(ctx, host, old.Key, func() { r.remember(answer) }) {
			return r.queryServers(ctx, host, r.loadStored(host), servers)
		}
	case old.known:
		asked := answer.Queried
		answer = old.Answer
		answer.Stale, answer.Cause, answer.TTL, answer.Queried = true, err, missTTL, asked
		answer.Warnings = append(answer.Warnings, staleWarning(answer, err))
		r.memory.put(host, r.now(), cachedAnswer{answer: answer})
		return answer, nil
	case engine.KindOf(err) == engine.NotFound:
		r.memory.put(host, answer.At, cachedAnswer{answer: answer, miss: err})
	}
	return answer, err
}

// newAnswer returns the answer from a server's reply.
func (r *Resolver) newAnswer(host, server string, reply reply) (Answer, error) {
	a := Answer{Host: host, Source: server, At: r.now(), AD: reply.ad, TTL: missTTL, Warnings: reply.warnings}
	a.NamedKey = reply.keys.publicKey()
	a.Warnings = append(a.Warnings, reply.keys.publicKeyWarnings()...)
	if len(reply.keys.infohashes) == 0 && a.NamedKey != "" {
		a.TTL = r.clampTTL(reply.ttl)
		a.Lifetime = a.TTL
		return a, nil
	}
	if len(reply.keys.infohashes) == 0 {
		a.OtherStrings = reply.keys.others
		return a, noKeyError(host, reply)
	}
	a.Infohash = reply.keys.infohashes[0]
	a.TTL = r.clampTTL(reply.ttl)
	a.Lifetime = a.TTL
	a.Trackers, a.WebSeeds = reply.keys.hints.trackers, reply.keys.hints.webSeeds
	if len(reply.keys.infohashes) > 1 {
		a.Warnings = append(a.Warnings, ambiguousWarning(reply.keys.infohashes))
	}
	return a, nil
}

// clampTTL applies minimum and maximum to a TTL.
func (r *Resolver) clampTTL(ttl time.Duration) time.Duration {
	return min(max(ttl, r.cfg.MinTTL), maxTTL)
}
