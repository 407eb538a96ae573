package resolve

import (
	"context"
	"slices"

	"wtptui/engine"
)

// decideByKey lets the key decide where a domain's site is that the domain names. answer and err are what DNS says. The
// key whose record was seen first stays, whatever DNS says of others from then on, until a person accepts another one;
// an infohash in DNS serves only who has never seen the key's record: who can keep DNS or the DHT from answering cannot
// bring an old version back.
func (r *Resolver) decideByKey(ctx context.Context, answer Answer, err error, old stored) (Answer, error) {
	host := answer.Host
	if host == "" {
		host = old.Host
	}
	key := old.Key
	var warnings []string
	switch {
	case key == "":
		key = answer.Named
	case err == nil && answer.Named == "":
		warnings = append(warnings, "the domain names no key any more: the one that it has named still decides")
	case answer.Named != "" && answer.Named != key:
		warnings = append(
			warnings,
			"the domain names another key now, "+answer.Named+": the former one decides until the new one is accepted",
		)
	case err != nil:
		answer.Named = old.NextKey // That is what DNS said last.
		warnings = append(
			warnings,
			"DNS gives no answer, and the key that the domain has named decides: "+engine.Message(err),
		)
	}
	record, keyErr := r.Resolve(ctx, key)
	if keyErr != nil && ctx.Err() != nil {
		return answer, keyErr
	}
	switch {
	case keyErr == nil:
	case old.Key == "" && answer.Infohash != "":
		answer.Warnings = append(
			answer.Warnings,
			"the domain names a key, whose record was never seen here; until it is, DNS decides: "+
				engine.Message(keyErr),
		)
		return answer, err
	case old.known && old.Key != "":
		answer.Infohash, answer.Key, answer.Source, answer.At = old.Infohash, key, old.Source, old.At
		answer.Trackers, answer.WebSeeds = old.Trackers, old.WebSeeds
		answer.Stale, answer.Cause, answer.TTL, answer.Lifetime = true, keyErr, missTTL, old.Lifetime
		answer.Warnings = append(answer.Warnings, warnings...)
		return answer, nil
	default:
		answer.TTL = missTTL
		return answer, keyErr
	}
	return byKey(answer, record, host, warnings), nil
}

// byKey is the answer of a key's record for a domain that names it.
func byKey(dns, record Answer, host string, warnings []string) Answer {
	a := record
	a.Host, a.Named = host, dns.Named
	if dns.Named != "" && dns.Named != record.Key {
		a.NextKey = dns.Named
	}
	if dns.TTL > 0 {
		a.TTL = min(a.TTL, dns.TTL)
	}
	a.AD = dns.AD
	a.Warnings = slices.Concat(dns.Warnings, warnings, record.Warnings)
	a.Asked = slices.Concat(dns.Asked, record.Asked)
	a.Found = nil
	return a
}

// AcceptKey lets the key decide that a domain names now: see Answer.NextKey.
func (r *Resolver) AcceptKey(host, key string) error {
	if !engine.IsKey(key) || !engine.IsDomain(host) {
		return fail(host, engine.Invalid, "only a domain names a key, of 52 characters")
	}
	if r.cfg.Cache == nil {
		return nil
	}
	done, err := r.records.turns.take(r.ctx, host)
	if err != nil {
		return interrupted(host, err)
	}
	defer done()
	n, err := r.cfg.Cache.Name(host)
	if err != nil {
		return err
	}
	switch key {
	case n.Key:
		return nil
	case n.NextKey:
	default:
		return fail(
			host,
			engine.Conflict,
			host+" does not name the key "+key+" now: see what it names with `wtptui resolve "+host+"`",
		)
	}
	n.Host, n.Key, n.NextKey, n.Expires = host, key, "", n.At
	if err := r.cfg.Cache.PutName(n); err != nil {
		return err
	}
	r.memory.forget(host)
	return nil
}

// unlessAccepted does what remembers an answer in which key decides for a domain, unless another key has been accepted
// since; it reports whether none has.
func (r *Resolver) unlessAccepted(ctx context.Context, host, key string, remember func()) bool {
	if key == "" {
		remember()
		return true
	}
	done, err := r.records.turns.take(ctx, host)
	if err != nil {
		return true
	}
	defer done()
	if now := r.stored(host).Key; now != "" && now != key {
		return false
	}
	remember()
	return true
}
