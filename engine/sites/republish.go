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
	// republishInterval is the longest time between two puts of a record into the DHT, where it expires after two hours
	// (BEP 44). It is shortened by up to a tenth, by a different amount for each host.
	republishInterval = time.Hour
	// startSpread is the time over which the first puts of all records are spread after a start, and onlineSpread the
	// same after the network has come back.
	startSpread  = 10 * time.Minute
	onlineSpread = 90 * time.Second
	// maxRepublishing is how many records are republished at the same time. The swarm limits the rate of all together.
	maxRepublishing = 5
)

// republisher puts the records of the sites that are here into the DHT again, so that a site outlives its owner's
// machine. This includes sites that are held at a version, which do not move.
type republisher struct {
	cfg    *Config
	owner  *owner
	roster *roster
	names  *nameFollower

	running int
	// wasOnline reports whether there has been a network in this run.
	wasOnline bool
}

// republishState is when the record of a site is put next. It is unused for a site without a key.
type republishState struct {
	running     bool
	due         time.Time
	lastSuccess time.Time // when a node or relay last stored the record
	failures    int       // in a row
}

// scheduleFirst schedules the first put for a site that has just been put in place. When the record was last put is
// unknown.
func (k *republishState) scheduleFirst(host string, now time.Time) {
	if k.due.IsZero() {
		k.due = now.Add(hostFraction(host, startSpread))
	}
}

// scheduleNext schedules the next put after an attempt. A record that nobody stored is put again sooner.
func (k *republishState) scheduleNext(host string, now time.Time, record engine.Record, err error) {
	if err != nil || record.Seq != 0 && record.Nodes == 0 && record.Relays == 0 {
		k.due = now.Add(min(minLookupRetry<<min(k.failures, 10), maxLookupRetry))
		k.failures++
		return
	}
	k.failures, k.lastSuccess = 0, now
	k.due = now.Add(republishInterval - hostFraction(host, republishInterval/10))
}

// hasKey reports whether a key decides where the site points.
func (s *site) hasKey() bool { return s.isKey || s.name.answer.Key != "" }

// recordHost returns the host whose record is republished for a site; empty if there is none. The record of a domain
// that is published here is republished even before the domain names the key.
func (k *republisher) recordHost(s *site) string {
	if s.hasKey() {
		return s.row.Host
	}
	return k.names.own.byHost[s.row.Host].PublicKey
}

// startDue republishes the records that are due, longest due first.
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

// republish puts the record of one site into the DHT in the background.
func (k *republisher) republish(s *site) {
	host, target := s.row.Host, k.recordHost(s)
	s.republish.running = true
	k.running++
	k.owner.startBackground(func(ctx context.Context) {
		if engine.IsDomain(target) {
			// The domain may name another key by now, so an expired answer is refreshed.
			_, _ = k.cfg.Resolver.Resolve(ctx, target) // a failure here fails below as well
		}
		answer, err := k.cfg.Resolver.Republish(ctx, target)
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

// onOnline has all records put soon, since nobody could get them from here while there was no network. When a network
// is found for the first time, that is done only for those whose puts have failed.
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

// withSigner adds the name of this machine's key that signs the record, if there is one. It reads files.
func (c *Config) withSigner(answer resolve.Answer) resolve.Answer {
	if c.Keys != nil && answer.Key != "" {
		answer.Record.Signer, _ = c.Keys.FindName(answer.Key)
	}
	return answer
}
