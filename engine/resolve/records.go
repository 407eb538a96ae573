package resolve

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// Items looks up and puts mutable items of the DHT (BEP 44). *swarm.Items implements it.
type Items interface {
	// GetItem looks a key's item up at all nearest nodes, and calls found with each item that is newer than those
	// before.
	GetItem(ctx context.Context, key engine.PublicKey, found func(pkarr.Item)) (pkarr.Lookup, error)
	// RepublishItem looks it up likewise, and puts the newest item that is found or known.
	RepublishItem(ctx context.Context, key engine.PublicKey, known pkarr.Item, paced bool) (pkarr.Lookup, error)
}

// dhtSource is the Source of answers from the DHT.
const dhtSource = "dht"

// records holds the signed records of keys. The newest record that was seen counts, from the moment at which it is on
// the disk; an older one never counts again.
type records struct {
	r *Resolver
	// signLock has capacity one: records are signed one after the other.
	signLock chan struct{}
	// hostLocks serializes changes of the key that decides for a domain.
	hostLocks hostLocks

	mu    sync.Mutex
	known map[engine.PublicKey]record
}

// record is what is known of a key's record.
type record struct {
	// loaded reports whether the Cache was read.
	loaded bool
	item   pkarr.Item // zero if there is none
	own    bool       // signed on this machine
	// source is where it came from in this run; empty if it is from the Cache.
	source string
	// status describes when it was read and put.
	status engine.Record
	// unsaved is the newest record that was found and could not be stored, because of saveErr; zero if there is none.
	unsaved pkarr.Item
	saveErr error
}

// isOutdated reports whether a newer record was found and could not be stored.
func (k record) isOutdated() bool { return k.unsaved.Newer(k.item) }

// newest returns the newest record that was found, even if it could not be stored, and whether it was signed on this
// machine. No older one may be signed.
func (k record) newest() (item pkarr.Item, own bool) {
	if k.isOutdated() {
		return k.unsaved, false
	}
	return k.item, k.own
}

func newRecords(r *Resolver) records {
	return records{
		r: r, signLock: make(chan struct{}, 1), hostLocks: hostLocks{locks: map[string]*hostLock{}},
		known: map[engine.PublicKey]record{},
	}
}

// get returns what is known of a key's record; it reads the Cache if necessary.
func (rs *records) get(key engine.PublicKey) record {
	rs.mu.Lock()
	k, ok := rs.known[key]
	rs.mu.Unlock()
	if ok && k.loaded || rs.r.cfg.Cache == nil {
		return k
	}
	b, own, err := rs.r.cfg.Cache.Record(key.Host())
	if err == nil && b != nil {
		k.own = own
		k.item, err = pkarr.ParseBytes(key, b)
	}
	if err != nil {
		rs.r.log.Warn("resolve: no record is remembered", "key", key.Host(), "error", err)
		return record{unsaved: k.unsaved, saveErr: k.saveErr}
	}
	return rs.update(key, func(now *record) {
		now.loaded = true
		if k.item.Newer(now.item) {
			now.item, now.own = k.item, k.own
		}
	})
}

// update changes what is known of a key's record, and returns the result.
func (rs *records) update(key engine.PublicKey, change func(*record)) record {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	k, ok := rs.known[key]
	if !ok && len(rs.known) >= maxRemembered {
		clear(rs.known) // It is better to read the disk again than to grow.
	}
	change(&k)
	rs.known[key] = k
	return k
}

// save stores an item that was found if it is newer than the known one: on the disk first. It reports whether the item
// is the known one now: an item that could not be written to the disk does not count.
func (rs *records) save(item pkarr.Item, source string) (isNew bool) {
	known := rs.get(item.Key)
	if !item.Newer(known.item) {
		if known.source == "" && item.Same(known.item) {
			rs.update(item.Key, func(k *record) { k.source = source })
		}
		return false
	}
	if c := rs.r.cfg.Cache; c != nil {
		if err := c.PutRecord(item.Key.Host(), item.Bytes(), false); err != nil {
			rs.r.log.Warn("resolve: a record could not be remembered", "key", item.Key.Host(), "error", err)
			rs.update(item.Key, func(k *record) {
				if !k.unsaved.Newer(item) {
					k.unsaved, k.saveErr = item, err
				}
			})
			return false
		}
	}
	rs.update(item.Key, func(k *record) {
		if item.Newer(k.item) {
			*k = record{
				loaded: true, item: item, source: source, status: engine.Record{Error: k.status.Error},
				unsaved: k.unsaved, saveErr: k.saveErr,
			}
			isNew = true
		}
	})
	return isNew
}

// saveLookup stores the result of a look-up in the DHT.
func (rs *records) saveLookup(key engine.PublicKey, l pkarr.Lookup) {
	now := engine.At(rs.r.now())
	if !l.Newest.IsZero() {
		rs.save(l.Newest, dhtSource)
	}
	rs.update(key, func(k *record) {
		if l.Answered > 0 {
			k.status.ReadAt, k.status.Nearest, k.status.Found = now, l.Nearest, 0
			if l.Newest.Same(k.item) {
				k.status.Found = l.Found
			}
		}
		if l.Stored > 0 && l.Newest.Same(k.item) {
			k.status.PutAt, k.status.Nodes, k.status.Relays, k.status.Error = now, l.Stored, 0, ""
		}
	})
}

// newAnswer returns the answer from a key's record. The error has Kind NotFound if the record names no site.
func (rs *records) newAnswer(key engine.PublicKey, k record) (Answer, error) {
	host := key.Host()
	source := k.source
	if source == "" {
		source = dhtSource
	}
	reply, err := readRecord(host, k.item)
	if err != nil {
		return Answer{Host: host, Key: host, Source: source, At: rs.r.now(), Record: k.toEngine("")}, err
	}
	a, err := rs.r.newAnswer(host, source, reply)
	a.Key, a.NamedKey, a.Record = host, "", k.toEngine(a.Infohash)
	if err != nil || a.Infohash == "" {
		a.TTL = missTTL
		return a, newError(
			host,
			engine.NotFound,
			"what is signed with this key names no site"+quoteFound(reply.keys.others)+": ask its owner",
		)
	}
	if k.item.FromFuture(rs.r.now()) {
		a.Warnings = append(a.Warnings, "the record claims to have been signed in the future, on "+
			k.item.SignedAt().Format("2006-01-02 15:04")+" UTC: its owner cannot sign another one before that")
	}
	return a, nil
}

// toEngine returns the record in the form of the contract.
func (k record) toEngine(infohash string) engine.Record {
	s := k.status
	s.Seq, s.Infohash = k.item.Seq, infohash
	if at := k.item.SignedAt(); !at.IsZero() {
		s.SignedAt = engine.At(at)
	}
	return s
}

// refresh updates an answer that was loaded from the Cache with its key's record, which may be newer by now. It
// returns false if there is nothing to update.
func (rs *records) refresh(old Answer) (Answer, bool) {
	key, ok := engine.ParseKey(old.Key)
	if !ok {
		return old, false
	}
	k := rs.get(key)
	if k.item.IsZero() {
		return old, false
	}
	a, err := rs.newAnswer(key, k)
	if err != nil {
		return old, false
	}
	a.Host, a.NextKey = old.Host, old.NextKey
	a.At, a.TTL, a.Lifetime, a.Source = old.At, old.TTL, old.Lifetime, old.Source
	return a, true
}

// dictionaryTTL is the TTL of a record in the format of BEP 46, which has none.
const dictionaryTTL = pkarr.TTL * time.Second
