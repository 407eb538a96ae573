package sites

import (
	"context"
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// errSignedElsewhere is the error for the record of a site that is published here and on another machine.
const errSignedElsewhere = "another machine signs with this key: " +
	"publish the folder again with --take-over, or remove the key here"

// describeAnswer returns the source of an answer: "says https://dns.example/", or "signed 3 days ago by the key's
// owner".
func describeAnswer(answer resolve.Answer, now time.Time) string {
	if answer.Key == "" || answer.Record.Seq == 0 {
		return "says " + engine.Clean(answer.Source)
	}
	at := answer.Record.SignedAt
	if at.IsZero() || at.Std().After(now) {
		return "signed by the key's owner"
	}
	return "signed " + timeAgo(now.Sub(at.Std())) + " by the key's owner"
}

// timeAgo returns how long ago something happened, as text.
func timeAgo(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "a moment ago"
	case d < 2*day:
		return shortTime(d) + " ago"
	}
	return fmt.Sprintf("%d days ago", d/day)
}

// acceptRecord handles what is new in a record. It reports whether the answer should be used: not if a newer record of
// its key is known.
func (n *nameFollower) acceptRecord(s *site, before resolve.Answer, answer *resolve.Answer) bool {
	if answer.Key == before.Key && answer.Record.Seq < before.Record.Seq {
		return false
	}
	if answer.Record.Seq != before.Record.Seq && s.row.Infohash != "" {
		n.versions.folders.markChanged(s.row.Infohash)
	}
	r, published := n.own.byHost[s.row.Host]
	isForeign := answer.Infohash != s.row.Infohash && !isOwnVersion(r, answer.Infohash)
	if published && s.row.Mine && answer.Record.Signer != "" && isForeign {
		answer.Record.Error = errSignedElsewhere
		if before.Record.Error != errSignedElsewhere {
			n.events.record(s, engine.Warning, engine.Noticed, errSignedElsewhere)
		}
	}
	if answer.NextKey != "" && answer.NextKey != before.NextKey {
		n.handleNextKey(s, answer.NextKey)
	}
	return true
}

// handleNextKey handles that the domain names another key. A pinned site keeps following the former key until a person
// accepts the new one, unless the site is published here with the new one.
func (n *nameFollower) handleNextKey(s *site, key string) {
	if s.row.Pinned && key != n.own.byHost[s.row.Host].PublicKey {
		n.events.record(s, engine.Warning, engine.Noticed, "its domain names another key now, "+key+
			": the former one decides until you accept that: `wtptui accept-key "+s.row.Host+"`")
		return
	}
	n.events.record(s, engine.Warning, engine.Noticed, "its domain names another key now, "+key+": it decides from now on")
	host := s.row.Host
	n.owner.startBackground(func(ctx context.Context) {
		err := n.cfg.Resolver.AcceptKey(host, key)
		n.owner.do(func() {
			switch {
			case ctx.Err() != nil:
			case err != nil:
				n.events.record(s, engine.Problem, engine.Noticed, "the key could not be accepted: "+engine.Message(err))
			default:
				n.restartLookup(s)
			}
		})
	})
}

// refreshExpired looks up the name of a site with a key again if its answer has expired. Whoever opens the site does
// not wait for that.
func (n *nameFollower) refreshExpired(s *site) {
	if s.hasKey() && s.isLookedUpAgain() && !n.cfg.Clock.Now().Before(s.name.due) {
		n.startLookup(s)
	}
}

// acceptedKey is a key that a person has accepted for a domain.
type acceptedKey struct{ host, key string }

// acceptKeys stores accepted keys and looks the domains up again. The keys are on the disk when it returns.
func (a *stateAccess) acceptKeys(op string, resolver Resolver, accepted []acceptedKey) error {
	var failed error
	for _, one := range accepted {
		if err := resolver.AcceptKey(one.host, one.key); err != nil {
			failed = err
			continue
		}
		err := a.withState(op, one.host, func(st *state) error {
			if s := st.roster.here[one.host]; s != nil {
				s.name.answer.NextKey = ""
				st.events.record(s, engine.Info, engine.Noticed, "the key "+one.key+" decides from now on")
				st.names.restartLookup(s)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return failed
}

// nameAuthority returns who decides where the site points, as text.
func nameAuthority(s *site) string {
	if s.hasKey() {
		return "key's owner"
	}
	return "domain"
}
