package sites

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

const (
	// keepEvery is how often a record is put into the DHT again at least, which forgets it after two hours (BEP 44). Up
	// to a tenth of that is taken off, another part for each host.
	keepEvery = time.Hour
	// firstKeep is the time in which the records of all sites are kept first after a start, and soonKept that after the
	// network has come back.
	firstKeep = 10 * time.Minute
	soonKept  = 90 * time.Second
	// maxKeeps is how many records are kept at the same time. The swarm paces all of them together.
	maxKeeps = 5
)

// keeping puts the records of the sites that are here into the DHT again, so that a site outlives its owner's machine.
// Sites that stay at a version have theirs kept too, without moving.
type keeping struct {
	cfg    *Config
	owner  *owner
	roster *roster
	names  *naming

	running int
	// wasOnline says that there has been a network in this run.
	wasOnline bool
}

// recordKeep is when the record of a site is kept next. It says nothing for a site without a key.
type recordKeep struct {
	running  bool
	due      time.Time
	last     time.Time // when somebody took the record last
	failures int       // in a row
}

// begin schedules the first time for a site that has just been put in place. When it was done last is not known.
func (k *recordKeep) begin(host string, now time.Time) {
	if k.due.IsZero() {
		k.due = now.Add(fraction(host, firstKeep))
	}
}

// done schedules the next time after the record was put, or was to be. One that nobody took is put again sooner.
func (k *recordKeep) done(host string, now time.Time, record engine.Record, err error) {
	if err != nil || record.Seq != 0 && record.Nodes == 0 && record.Relays == 0 {
		k.due = now.Add(min(retryName<<min(k.failures, 10), mostRetry))
		k.failures++
		return
	}
	k.failures, k.last = 0, now
	k.due = now.Add(keepEvery - fraction(host, keepEvery/10))
}

// hasKey reports whether a key decides where the site is.
func (s *site) hasKey() bool { return s.isKey || s.name.answer.Key != "" }

// keepHost is the host whose record is kept for a site; empty if it has none. The record of a domain that is published
// here is kept also before the domain names the key.
func (k *keeping) keepHost(s *site) string {
	if s.hasKey() {
		return s.row.Host
	}
	return k.names.own.byHost[s.row.Host].PublicKey
}

// pass begins what is due, longest due first.
func (k *keeping) pass(now time.Time) {
	if k.running >= maxKeeps {
		return
	}
	due := pick(k.roster.here, func(s *site) bool {
		return !s.keep.running && !now.Before(s.keep.due) && !s.row.Paused && !s.row.Found && k.keepHost(s) != ""
	})
	slices.SortFunc(due, func(a, b *site) int {
		return cmp.Or(a.keep.due.Compare(b.keep.due), cmp.Compare(a.row.Host, b.row.Host))
	})
	for _, s := range due[:min(len(due), maxKeeps-k.running)] {
		k.keep(s)
	}
}

// keep keeps the record of one site in the background.
func (k *keeping) keep(s *site) {
	host, target := s.row.Host, k.keepHost(s)
	s.keep.running = true
	k.running++
	k.owner.background(func(ctx context.Context) {
		if engine.IsDomain(target) {
			// Its owner may have named another key: an answer of DNS that has run out is asked for again.
			_, _ = k.cfg.Resolver.Resolve(ctx, target) // What fails here fails below.
		}
		answer, err := k.cfg.Resolver.Keep(ctx, target)
		if ctx.Err() != nil {
			return
		}
		answer = k.cfg.withSigner(answer)
		k.owner.ask(func() {
			k.running--
			s.keep.running = false
			s.keep.done(host, k.cfg.Clock.Now(), answer.Record, err)
			if target == s.row.Host {
				k.names.answered(s, answer, err)
			}
			k.pass(k.cfg.Clock.Now())
		})
	})
}

// networkIsBack has all records be kept soon: while there was no network nobody could have them from here. When a
// network is found for the first time, that goes for those that could not be kept.
func (k *keeping) networkIsBack(now time.Time) {
	for _, s := range k.roster.here {
		if k.wasOnline && now.Sub(s.keep.last) >= soonKept || s.keep.failures > 0 {
			s.keep.failures = 0
			if soon := now.Add(fraction(s.row.Host, soonKept)); soon.Before(s.keep.due) {
				s.keep.due = soon
			}
		}
	}
	k.wasOnline = true
}

// withSigner adds the name of the key of this machine that signs the record, if it is here. It reads files.
func (c *Config) withSigner(answer resolve.Answer) resolve.Answer {
	if c.Keys != nil && answer.Key != "" {
		answer.Record.Signer, _ = c.Keys.NameOf(answer.Key)
	}
	return answer
}
