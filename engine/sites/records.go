package sites

import (
	"context"
	"fmt"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
)

// errSignedElsewhere is what is wrong with the record of a site that is published here and on another machine.
const errSignedElsewhere = "another machine signs with this key: " +
	"publish the folder again with --take-over, or remove the key here"

// describeAnswer says who says where a site is: "says https://dns.example/", or "signed 3 days ago by the key's
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

// timeAgo says to a person how long ago something happened.
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

// acceptRecord notes what is new in a record, and reports whether the answer is to be gone by: it is not if a newer
// record of that key is known.
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

// handleNextKey tells that the domain names another key. A site that is pinned waits until a person accepts it, unless
// it is published with that key from here.
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

// refresh looks a site with a key up again if its answer has run out: somebody opens it, who does not wait for that.
func (n *nameFollower) refreshExpired(s *site) {
	if s.hasKey() && s.isLookedUpAgain() && !n.cfg.Clock.Now().Before(s.name.due) {
		n.startLookup(s)
	}
}

// acceptance is a key that a person lets decide for a domain.
type acceptedKey struct{ host, key string }

// accept does that, which is on the disk when it returns, and looks the domains up again.
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

// nameAuthority says to a person whom the site follows.
func nameAuthority(s *site) string {
	if s.hasKey() {
		return "key's owner"
	}
	return "domain"
}
