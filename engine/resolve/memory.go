package resolve

import (
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// maxTTL is how long the longest-lived answer is believed.
	maxTTL = 7 * 24 * time.Hour
	// defaultTTL is how long an answer is believed that does not say it.
	defaultTTL = time.Hour
	// missTTL is how long it is believed that a name has no key, and how long an old answer does when no server can
	// be asked.
	missTTL = time.Minute
	// maxRemembered bounds the memory, in names.
	maxRemembered = 4096
)

// Cache remembers answers over restarts.
type Cache interface {
	// Name gives all that is remembered of a host: its last answer, and the infohashes it has had in Versions. Infohash is
	// empty when there is none.
	Name(host string) (engine.Name, error)
	// PutName remembers an answer; Versions are not part of it, but kept up to date by it.
	PutName(n engine.Name) error
	// Record returns the newest signed item of a key that is known, as pkarr.Item.Bytes has it, and whether it was signed
	// on this machine; nil if none is.
	Record(key string) (item []byte, own bool, err error)
	// PutRecord remembers a key's item, unless a newer one is known. It is on the disk when it returns.
	PutRecord(key string, item []byte, own bool) error
}

// memory is what has been found out in this run.
type memory struct {
	mu    sync.Mutex
	names map[string]remembered
}

// remembered is an answer, or a miss, until it runs out.
type remembered struct {
	answer  Answer
	miss    error
	expires time.Time
}

func (m *memory) get(host string, now time.Time) (remembered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.names[host]
	if !ok || !now.Before(e.expires) {
		return remembered{}, false
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

func (m *memory) put(host string, now time.Time, e remembered) {
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
		if len(m.names) >= maxRemembered { // Rather ask again than grow.
			clear(m.names)
		}
	}
	m.names[host] = e
}

// stored is what the Cache has of a host: the last answer, run out or not (TTL is zero when it has), and the versions.
type stored struct {
	Answer

	known    bool
	versions []engine.Version
}

func (r *Resolver) stored(host string) stored {
	if r.cfg.Cache == nil {
		return stored{}
	}
	n, err := r.cfg.Cache.Name(host)
	if err != nil {
		r.log.Warn("resolve: no answer is remembered", "host", host, "error", err)
		return stored{}
	}
	if !engine.IsInfohash(n.Infohash) {
		return stored{versions: n.Versions, Answer: Answer{Key: n.Key}}
	}
	a := Answer{
		Host: host, Infohash: n.Infohash, Source: n.Source, At: n.At.Std(), AD: n.DNSSEC, Key: n.Key, NextKey: n.NextKey,
		Trackers: n.Trackers, WebSeeds: n.WebSeeds, Warnings: n.Warnings,
	}
	if !n.Expires.IsZero() && !n.At.IsZero() {
		a.Lifetime = min(max(0, n.Expires.Sub(n.At)), maxTTL)
	}
	// An answer from the future, after the clock was set back, is as good as any that has run out.
	if age := r.now().Sub(a.At); age >= 0 {
		a.TTL = max(0, a.Lifetime-age)
	}
	return stored{Answer: a, known: true, versions: n.Versions}
}

// keep remembers an answer in this run and over restarts.
func (r *Resolver) keep(a Answer) {
	r.memory.put(a.Host, a.At, remembered{answer: a})
	if r.cfg.Cache == nil {
		return
	}
	if err := r.cfg.Cache.PutName(a.Name(nil)); err != nil {
		r.log.Warn("resolve: an answer could not be remembered", "host", a.Host, "error", err)
	}
}
