package resolve

import (
	"context"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// keepLimit bounds how long a record is kept, which waits for its turn.
const keepLimit = 10 * time.Minute

// Keep reads the record of a key, or of the key that a domain names, to the end, and puts the newest one that is known
// into the DHT again, unchanged: so it outlives its owner's machine. It takes its time: all of them together send and
// get at most 30 packets a second. Its errors are those of Resolve.
func (r *Resolver) Keep(ctx context.Context, host string) (Answer, error) {
	if key, isKey := engine.ParseKey(host); isKey {
		return r.wait(ctx, flightKey{host: key.Host(), keep: true}, func(ctx context.Context, _ string) (Answer, error) {
			return r.records.keep(ctx, key)
		})
	}
	a, err := r.Resolve(ctx, host)
	key, hasKey := engine.ParseKey(a.Key)
	if err != nil || !hasKey {
		return a, err
	}
	kept, keepErr := r.Keep(ctx, key.Host())
	if keepErr != nil {
		kept.Record = a.Record // It is known where the site is, and nothing else has changed.
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

// keep keeps the record of a key.
func (rs *records) keep(ctx context.Context, key engine.PublicKey) (Answer, error) {
	known := rs.get(key)
	if rs.r.cfg.Items == nil && len(rs.r.cfg.Relays) == 0 && !known.item.IsZero() {
		return rs.conclude(key, &reading{rs: rs, key: key, began: time.Now()})
	}
	limit, cancel := context.WithTimeout(ctx, keepLimit)
	defer cancel()
	began := time.Now()
	end := dhtEnd{err: errNoDHT}
	if items := rs.r.cfg.Items; items != nil {
		end.lookup, end.err = items.KeepItem(limit, key, known.item, true)
		rs.looked(key, end.lookup)
	}
	end.took = time.Since(began)
	if ctx.Err() != nil {
		return Answer{}, interrupted(key.Host(), ctx.Err())
	}
	if known = rs.get(key); known.item.IsZero() {
		return rs.ask(ctx, key, true)
	}
	g := &reading{rs: rs, key: key, began: began, inDHT: &end}
	if end.lookup.Stored == 0 {
		if end.lookup.Found == 0 { // Relays may know a newer one.
			g.hearRelays()
			known = rs.get(key)
		}
		rs.unkept(key, known.item, end)
	}
	return rs.conclude(key, g)
}

// errNoDHT is the error of a look-up without a DHT.
var errNoDHT = fail("", engine.Unavailable, "the DHT is off: start without --no-dht")

// unkept gives a record that no node took to relays, and notes what is wrong.
func (rs *records) unkept(key engine.PublicKey, item pkarr.Item, end dhtEnd) {
	relays := rs.putToRelays(item)
	now := engine.At(rs.r.now())
	rs.change(key, func(k *record) {
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
