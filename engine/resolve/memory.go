package resolve

import (
	"sync"
	"time"

	"wtptui/engine"
)

const (
	// maxTTL is how long the longest-lived answer is believed.
	maxTTL = 7 * 24 * time.Hour
	// missTTL is how long it is believed that a name has no key, and how long an old answer does when no server can
	// be asked.
	missTTL = time.Minute
	// maxRemembered bounds the memory, in names.
	maxRemembered = 4096
)

// Cache remembers answers over restarts.
type Cache interface {
	// Name gives the host's last answer: the infohash, who said so in Source and when in LastSeen; and for how long
	// it is good from then. The Version is zero when there is none.
	Name(host string) (v engine.Version, ttl time.Duration, err error)
	// PutName remembers an answer.
	PutName(host string, v engine.Version, ttl time.Duration) error
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
	e.answer.TTL = e.expires.Sub(now)
	return e, true
}

func (m *memory) put(host string, now time.Time, e remembered) {
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

// stored gives the last answer that the Cache has for the host, run out or not; TTL is zero when it has.
func (r *Resolver) stored(host string) (Answer, bool) {
	if r.cfg.Cache == nil {
		return Answer{}, false
	}
	v, ttl, err := r.cfg.Cache.Name(host)
	if err != nil {
		r.log.Warn("resolve: no answer is remembered", "host", host, "error", err)
	}
	if err != nil || !engine.IsInfohash(v.Infohash) {
		return Answer{}, false
	}
	a := Answer{Host: host, Infohash: v.Infohash, Source: v.Source, At: v.LastSeen.Std()}
	// An answer from the future, after the clock was set back, is as good as any that has run out.
	if age := r.now().Sub(a.At); age >= 0 {
		a.TTL = max(0, min(ttl, maxTTL)-age)
	}
	return a, true
}

// keep remembers an answer in this run and over restarts.
func (r *Resolver) keep(a Answer) {
	r.memory.put(a.Host, a.At, remembered{answer: a})
	if r.cfg.Cache == nil {
		return
	}
	v := engine.Version{Infohash: a.Infohash, FirstSeen: engine.At(a.At), LastSeen: engine.At(a.At), Source: a.Source}
	if err := r.cfg.Cache.PutName(a.Host, v, a.TTL); err != nil {
		r.log.Warn("resolve: an answer could not be remembered", "host", a.Host, "error", err)
	}
}
