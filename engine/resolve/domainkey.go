package resolve

import (
	"context"
	"slices"

	"wtptui/engine"
)

// decideByKey applies the key that a domain names. answer and err are the result from DNS. The key whose record was
// seen first stays, whatever DNS says from then on, until a person accepts a different one. An infohash in DNS counts
// only while the key's record was never seen here. So whoever can block answers of DNS or the DHT cannot bring an old
// version back.
func (r *Resolver) decideByKey(ctx context.Context, answer Answer, err error, old storedAnswer) (Answer, error) {
	host := answer.Host
	if host == "" {
		host = old.Host
	}
	key := old.Key
	var warnings []string
	switch {
	case key == "":
		key = answer.NamedKey
	case err == nil && answer.NamedKey == "":
		warnings = append(warnings, "the domain names no key any more: the one that it has named still decides")
	case answer.NamedKey != "" && answer.NamedKey != key:
		warnings = append(
			warnings,
			"the domain names another key now, "+answer.NamedKey+": the former one decides until the new one is accepted",
		)
	case err != nil:
		answer.NamedKey = old.NextKey // This is what DNS said last.
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
	return answerFromRecord(answer, record, host, warnings), nil
}

// answerFromRecord returns the answer for a domain that names a key, from the key's record.
func answerFromRecord(dns, record Answer, host string, warnings []string) Answer {
	a := record
	a.Host, a.NamedKey = host, dns.NamedKey
	if dns.NamedKey != "" && dns.NamedKey != record.Key {
		a.NextKey = dns.NamedKey
	}
	if dns.TTL > 0 {
		a.TTL = min(a.TTL, dns.TTL)
	}
	a.AD = dns.AD
	a.Warnings = slices.Concat(dns.Warnings, warnings, record.Warnings)
	a.Queried = slices.Concat(dns.Queried, record.Queried)
	a.OtherStrings = nil
	return a
}

// AcceptKey makes the key that a domain names now the one that decides: see Answer.NextKey. The error has Kind
// Conflict if the domain does not name it.
func (r *Resolver) AcceptKey(host, key string) error {
	if !engine.IsKey(key) || !engine.IsDomain(host) {
		return newError(host, engine.Invalid, "only a domain names a key, of 52 characters")
	}
	if r.cfg.Cache == nil {
		return nil
	}
	unlock, err := r.records.hostLocks.lock(r.ctx, host)
	if err != nil {
		return interruptedError(host, err)
	}
	defer unlock()
	n, err := r.cfg.Cache.Name(host)
	if err != nil {
		return err
	}
	switch key {
	case n.Key:
		return nil
	case n.NextKey:
	default:
		return newError(
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

// rememberUnlessKeyChanged calls remember, which stores an answer that key decided, unless a different key was
// accepted since. It reports whether remember was called or ctx has ended.
func (r *Resolver) rememberUnlessKeyChanged(ctx context.Context, host, key string, remember func()) bool {
	if key == "" {
		remember()
		return true
	}
	unlock, err := r.records.hostLocks.lock(ctx, host)
	if err != nil {
		return true
	}
	defer unlock()
	if now := r.loadStored(host).Key; now != "" && now != key {
		return false
	}
	remember()
	return true
}
