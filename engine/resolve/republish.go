package resolve

import (
	"context"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// republishTimeout limits how long one record takes to republish, including the wait for the rate limit.
const republishTimeout = 10 * time.Minute

// Republish looks up the record of a key, or of the key that a domain names, at all sources, and puts the newest known
// one into the DHT again, unchanged: so it outlives its owner's machine. All calls together send and receive at most 30
// packets a second. Its errors are those of Resolve.
func (r *Resolver) Republish(ctx context.Context, host string) (Answer, error) {
	if key, isKey := engine.ParseKey(host); isKey {
		return r.waitForLookup(
			ctx, flightKey{host: key.Host(), republish: true},
			func(ctx context.Context, _ string) (Answer, error) {
				return r.records.republish(ctx, key)
			},
		)
	}
	a, err := r.Resolve(ctx, host)
	key, hasKey := engine.ParseKey(a.Key)
	if err != nil || !hasKey {
		return a, err
	}
	kept, keepErr := r.Republish(ctx, key.Host())
	if keepErr != nil {
		kept.Record = a.Record // Where the site is, is known; nothing else has changed.
	}
	if keepErr == nil && !kept.Stale && kept.Infohash != a.Infohash {
		r.memory.forget(host)
		if again, err := r.Resolve(ctx, host); err == nil {
			a = again
		}
	}
	a.Record = kept.Record
	return a, nil
}

// republish puts the record of a key into the DHT again.
func (rs *records) republish(ctx context.Context, key engine.PublicKey) (Answer, error) {
	known := rs.get(key)
	if rs.r.cfg.Items == nil && len(rs.r.cfg.Relays) == 0 && !known.item.IsZero() {
		return rs.finish(key, &recordLookup{rs: rs, key: key, began: time.Now()})
	}
	limit, cancel := context.WithTimeout(ctx, republishTimeout)
	defer cancel()
	began := time.Now()
	end := dhtResult{err: errNoDHT}
	if items := rs.r.cfg.Items; items != nil {
		end.lookup, end.err = items.RepublishItem(limit, key, known.item, true)
		rs.saveLookup(key, end.lookup)
	}
	end.took = time.Since(began)
	if ctx.Err() != nil {
		return Answer{}, interruptedError(key.Host(), ctx.Err())
	}
	if known = rs.get(key); known.item.IsZero() {
		return rs.resolve(ctx, key, true)
	}
	l := &recordLookup{rs: rs, key: key, began: began, dhtResult: &end}
	if end.lookup.Stored == 0 {
		if end.lookup.Found == 0 { // Relays may have a newer one.
			l.queryRelays()
			known = rs.get(key)
		}
		rs.putToRelaysInstead(key, known.item, end)
	}
	return rs.finish(key, l)
}

// errNoDHT is the error of a look-up without a DHT.
var errNoDHT = newError("", engine.Unavailable, "the DHT is off: start without --no-dht")

// putToRelaysInstead sends a record that no DHT node has stored to the relays, and records the result.
func (rs *records) putToRelaysInstead(key engine.PublicKey, item pkarr.Item, end dhtResult) {
	relays := rs.putToRelays(item)
	now := engine.At(rs.r.now())
	rs.update(key, func(k *record) {
		k.status.Nodes, k.status.Relays = 0, relays
		switch {
		case relays > 0:
			k.status.PutAt, k.status.Error = now, ""
		case end.err != nil:
			k.status.Error = "nobody takes the record: " + engine.Message(end.err) + ". It is tried again by itself"
		default:
			k.status.Error = "no node of the DHT takes the record. It is tried again by itself"
		}
	})
}
