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
	// republishInterval is how often a record is put into the DHT again at least, which forgets it after two hours (BEP
	// 44). Up to a tenth of that is taken off, another part for each host.
	republishInterval = time.Hour
	// startSpread is the time in which the records of all sites are kept first after a start, and onlineSpread that after
	// the network has come back.
	startSpread  = 10 * time.Minute
	onlineSpread = 90 * time.Second
	// maxRepublishing is how many records are kept at the same time. The swarm paces all of them together.
	maxRepublishing = 5
)

// keeping puts the records of the sites that are here into the DHT again, so that a site outlives its owner's machine.
// Sites that stay at a version have theirs kept too, without moving.
type republisher struct {
	cfg    *Config
	owner  *owner
	roster *roster
	names  *nameFollower

	running int
	// wasOnline says that there has been a network in this run.
	wasOnline bool
}

// republishState is when the record of a site is kept next. It says nothing for a site without a key.
type republishState struct {
	running     bool
	due         time.Time
	lastSuccess time.Time // when somebody took the record last
	failures    int       // in a row
}

// begin schedules the first time for a site that has just been put in place. When it was done last is not known.
func (k *republishState) scheduleFirst(host string, now time.Time) {
	if k.due.IsZero() {
		k.due = now.Add(hostFraction(host, startSpread))
	}
}

// done schedules the next time after the record was put, or was to be. One that nobody took is put again sooner.
func (k *republishState) scheduleNext(host string, now time.Time, record engine.Record, err error) {
	if err != nil || record.Seq != 0 && record.Nodes == 0 && record.Relays == 0 {
		k.due = now.Add(min(minLookupRetry<<min(k.failures, 10), maxLookupRetry))
		k.failures++
		return
	}
	k.failures, k.lastSuccess = 0, now
	k.due = now.Add(republishInterval - hostFraction(host, republishInterval/10))
}

// hasKey reports whether a key decides where the site is.
func (s *site) hasKey() bool { return s.isKey || s.name.answer.Key != "" }

// recordHost is the host whose record is kept for a site; empty if it has none. The record of a domain that is
// published here is kept also before the domain names the key.
func (k *republisher) recordHost(s *site) string {
	if s.hasKey() {
		return s.row.Host
	}
	return k.names.own.byHost[s.row.Host].PublicKey
}

// pass begins what is due, longest due first.
func (k *republisher) startDue(now time.Time) {
	if k.running >= maxRepublishing {
		return
	}
	due := selectSites(k.roster.here, func(s *site) bool {
		return !s.republish.running && !now.Before(s.republish.due) && !s.row.Paused && !s.row.Found && k.recordHost(s) != ""
	})
	slices.SortFunc(due, func(a, b *site) int {
		return cmp.Or(a.republish.due.Compare(b.republish.due), cmp.Compare(a.row.Host, b.row.Host))
	})
	for _, s := range due[:min(len(due), maxRepublishing-k.running)] {
		k.republish(s)
	}
}

// keep keeps the record of one site in the background.
func (k *republisher) republish(s *site) {
	host, target := s.row.Host, k.recordHost(s)
	s.republish.running = true
	k.running++
	k.owner.startBackground(func(ctx context.Context) {
		if engine.IsDomain(target) {
			// Its owner may have named another key: an answer of DNS that has run out is asked for again.
			_, _ = k.cfg.Resolver.Resolve(ctx, target) // What fails here fails below.
		}
		answer, err := k.cfg.Resolver.Keep(ctx, target)
		if ctx.Err() != nil {
			return
		}
		answer = k.cfg.withSigner(answer)
		k.owner.do(func() {
			k.running--
			s.republish.running = false
			s.republish.scheduleNext(host, k.cfg.Clock.Now(), answer.Record, err)
			if target == s.row.Host {
				k.names.handleAnswer(s, answer, err)
			}
			k.startDue(k.cfg.Clock.Now())
		})
	})
}

// onOnline has all records be kept soon: while there was no network nobody could have them from here. When a
// network is found for the first time, that goes for those that could not be kept.
func (k *republisher) onOnline(now time.Time) {
	for _, s := range k.roster.here {
		if k.wasOnline && now.Sub(s.republish.lastSuccess) >= onlineSpread || s.republish.failures > 0 {
			s.republish.failures = 0
			if soon := now.Add(hostFraction(s.row.Host, onlineSpread)); soon.Before(s.republish.due) {
				s.republish.due = soon
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
