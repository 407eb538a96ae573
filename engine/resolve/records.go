package resolve

import (
	"context"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

// Items looks up and puts mutable items of the DHT (BEP 44); *swarm.Items is one.
type Items interface {
	// GetItem looks a key's item up to the end, and calls found with each one that is newer than those before.
	GetItem(ctx context.Context, key engine.PublicKey, found func(pkarr.Item)) (pkarr.Lookup, error)
	// KeepItem does, and puts the newest one that is found or known.
	KeepItem(ctx context.Context, key engine.PublicKey, known pkarr.Item, paced bool) (pkarr.Lookup, error)
}

// dhtSource is the Source of what the DHT says.
const dhtSource = "dht"

// records are what owners of keys have signed. The newest one that was seen counts, from the moment at which it is on
// the disk, and an older one never again.
type records struct {
	r *Resolver
	// signing has one place: records are signed one after the other.
	signing chan struct{}
	// turns are those of writing down which key decides for a domain.
	turns turns

	mu    sync.Mutex
	known map[engine.PublicKey]record
}

// record is what is known of a key's record.
type record struct {
	// loaded says that what was remembered over a restart is in it.
	loaded bool
	item   pkarr.Item // zero if there is none
	own    bool       // signed on this machine
	// source is who gave it in this run; empty if it was remembered.
	source string
	// status is about reading and putting it.
	status engine.Record
}

func newRecords(r *Resolver) records {
	return records{
		r: r, signing: make(chan struct{}, 1), turns: turns{lines: map[string]*line{}}, known: map[engine.PublicKey]record{},
	}
}

// get returns what is known of a key's record.
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
		return record{}
	}
	return rs.change(key, func(now *record) {
		now.loaded = true
		if k.item.Newer(now.item) {
			now.item, now.own = k.item, k.own
		}
	})
}

// change changes what is known of a key's record.
func (rs *records) change(key engine.PublicKey, change func(*record)) record {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	k, ok := rs.known[key]
	if !ok && len(rs.known) >= maxRemembered {
		clear(rs.known) // Rather read the disk again than grow.
	}
	change(&k)
	rs.known[key] = k
	return k
}

// note remembers an item that was found, if it is newer than what is known: on the disk first. It reports whether it
// is.
func (rs *records) note(item pkarr.Item, source string, own bool) (isNew bool) {
	known := rs.get(item.Key)
	if !item.Newer(known.item) {
		if known.source == "" && item.Same(known.item) {
			rs.change(item.Key, func(k *record) { k.source = source })
		}
		return false
	}
	if c := rs.r.cfg.Cache; c != nil {
		if err := c.PutRecord(item.Key.Host(), item.Bytes(), own); err != nil {
			rs.r.log.Warn("resolve: a record could not be remembered", "key", item.Key.Host(), "error", err)
		}
	}
	rs.change(item.Key, func(k *record) {
		if item.Newer(k.item) {
			*k = record{loaded: true, item: item, own: own, source: source, status: engine.Record{Error: k.status.Error}}
			isNew = true
		}
	})
	return isNew
}

// looked notes what a look-up in the DHT has found, and done.
func (rs *records) looked(key engine.PublicKey, l pkarr.Lookup) {
	now := engine.At(rs.r.now())
	if !l.Newest.IsZero() {
		rs.note(l.Newest, dhtSource, false)
	}
	rs.change(key, func(k *record) {
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

// answer makes an answer of what is known of a key's record. Kind NotFound if it says of no site.
func (rs *records) answer(key engine.PublicKey, k record) (Answer, error) {
	host := key.Host()
	source := k.source
	if source == "" {
		source = dhtSource
	}
	reply, err := readRecord(host, k.item)
	if err != nil {
		return Answer{Host: host, Key: host, Source: source, At: rs.r.now(), Record: k.told("")}, err
	}
	a, err := rs.r.judge(host, source, reply)
	a.Key, a.Named, a.Record = host, "", k.told(a.Infohash)
	if err != nil || a.Infohash == "" {
		a.TTL = missTTL
		return a, fail(
			host,
			engine.NotFound,
			"what is signed with this key names no site"+found(reply.keys.others)+": ask its owner",
		)
	}
	if k.item.FromFuture(rs.r.now()) {
		a.Warnings = append(a.Warnings, "the record claims to have been signed in the future, on "+
			k.item.SignedAt().Format("2006-01-02 15:04")+" UTC: its owner cannot sign another one before that")
	}
	return a, nil
}

// told is the record as the contract has it.
func (k record) told(infohash string) engine.Record {
	s := k.status
	s.Seq, s.Infohash = k.item.Seq, infohash
	if at := k.item.SignedAt(); !at.IsZero() {
		s.SignedAt = engine.At(at)
	}
	return s
}

// recall completes an answer that was remembered over a restart with what is known of its key's record, which may be
// newer by now. It is false if there is nothing to add.
func (rs *records) recall(old Answer) (Answer, bool) {
	key, ok := engine.ParseKey(old.Key)
	if !ok {
		return old, false
	}
	k := rs.get(key)
	if k.item.IsZero() {
		return old, false
	}
	a, err := rs.answer(key, k)
	if err != nil {
		return old, false
	}
	a.Host, a.NextKey = old.Host, old.NextKey
	a.At, a.TTL, a.Lifetime, a.Source = old.At, old.TTL, old.Lifetime, old.Source
	return a, true
}

// dictionaryTTL is how long a record of BEP 46 is believed, which does not say it.
const dictionaryTTL = pkarr.TTL * time.Second
