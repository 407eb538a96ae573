package resolve

import (
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// maxTTL is the maximum time for which an answer is cached.
	maxTTL = 7 * 24 * time.Hour
	// defaultTTL is the TTL of a .well-known file that names none.
	defaultTTL = time.Hour
	// missTTL is the TTL of a negative answer, and of an expired answer that is used because no server can be reached.
	missTTL = time.Minute
	// maxRemembered is the maximum number of names in memory.
	maxRemembered = 4096
)

// Cache stores answers over restarts.
type Cache interface {
	// Name returns what is stored of a host: its last answer, and in Versions the infohashes it has had. Infohash is
	// empty if there is none.
	Name(host string) (engine.Name, error)
	// PutName stores an answer. It ignores Versions, and updates the stored ones.
	PutName(n engine.Name) error
	// Record returns the newest known signed item of a key, in the format of pkarr.Item.Bytes, and whether it was
	// signed on this machine. It returns nil if there is none.
	Record(key string) (item []byte, own bool, err error)
	// PutRecord stores a key's item, unless a newer one is stored. The item is on the disk when it returns.
	PutRecord(key string, item []byte, own bool) error
}

// memory caches the answers of this run.
type memory struct {
	mu    sync.Mutex
	names map[string]cachedAnswer
}

// cachedAnswer is an answer, or a negative one (miss), until it expires.
type cachedAnswer struct {
	answer  Answer
	miss    error
	expires time.Time
}

func (m *memory) get(host string, now time.Time) (cachedAnswer, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.names[host]
	if !ok || !now.Before(e.expires) {
		return cachedAnswer{}, false
	}
	e.answer = e.answer.clone()
	e.answer.TTL = e.expires.Sub(now)
	return e, true
}

func (m *memory) forget(host string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.names, host)
}

func (m *memory) put(host string, now time.Time, e cachedAnswer) {
	e.answer = e.answer.clone()
	e.expires = now.Add(e.answer.TTL)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.names) >= maxRemembered {
		for name, old := range m.names {
			if !now.Before(old.expires) {
				delete(m.names, name)
			}
		}
		if len(m.names) >= maxRemembered { // It is better to query again than to grow.
			clear(m.names)
		}
	}
	m.names[host] = e
}

// storedAnswer is what the Cache has of a host: the last answer, expired or not (TTL is zero then), and the versions.
type storedAnswer struct {
	Answer

	known    bool
	versions []engine.Version
}

func (r *Resolver) loadStored(host string) storedAnswer {
	if r.cfg.Cache == nil {
		return storedAnswer{}
	}
	n, err := r.cfg.Cache.Name(host)
	if err != nil {
		r.log.Warn("resolve: no answer is remembered", "host", host, "error", err)
		return storedAnswer{}
	}
	if !engine.IsInfohash(n.Infohash) {
		return storedAnswer{versions: n.Versions, Answer: Answer{Key: n.Key}}
	}
	a := Answer{
		Host: host, Infohash: n.Infohash, Source: n.Source, At: n.At.Std(), AD: n.DNSSEC, Key: n.Key, NextKey: n.NextKey,
		Trackers: n.Trackers, WebSeeds: n.WebSeeds, Warnings: n.Warnings,
	}
	if !n.Expires.IsZero() && !n.At.IsZero() {
		a.Lifetime = min(max(0, n.Expires.Sub(n.At)), maxTTL)
	}
	// An answer from the future, after the clock was set back, counts as expired.
	if age := r.now().Sub(a.At); age >= 0 {
		a.TTL = max(0, a.Lifetime-age)
	}
	return storedAnswer{Answer: a, known: true, versions: n.Versions}
}

// remember stores an answer in memory and in the Cache.
func (r *Resolver) remember(a Answer) {
	r.memory.put(a.Host, a.At, cachedAnswer{answer: a})
	if r.cfg.Cache == nil {
		return
	}
	if err := r.cfg.Cache.PutName(a.Name(nil)); err != nil {
		r.log.Warn("resolve: an answer could not be remembered", "host", a.Host, "error", err)
	}
}
