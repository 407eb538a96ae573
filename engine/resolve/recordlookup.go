package resolve

import (
	"context"
	"errors"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
	"wtptui/engine/pkarr"
)

const (
	// gracePeriod is how long to wait for other sources after the first answer, which may be the older one of two.
	gracePeriod = 400 * time.Millisecond
	// relayDelay is how long to wait for the DHT before relays are queried.
	relayDelay = 1500 * time.Millisecond
	// dhtLookupTimeout limits a look-up in the DHT.
	dhtLookupTimeout = 15 * time.Second
)

// recordLookup is one look-up of a key's record.
type recordLookup struct {
	rs    *records
	key   engine.PublicKey
	began time.Time
	// notified receives a value when a source has returned something new.
	notified chan struct{}
	// dhtDone receives the result of the look-up in the DHT, and relayReplies the result of querying each relay.
	dhtDone      chan dhtResult
	relayReplies chan relayReply
	// dhtResult and relayAnswers hold the results so far; relaysAsked is how many relays were queried.
	dhtResult    *dhtResult
	relaysAsked  int
	relayAnswers []relayReply
}

// dhtResult is the result of a look-up in the DHT.
type dhtResult struct {
	lookup pkarr.Lookup
	err    error
	took   time.Duration
}

// lookUp looks a key's record up and saves what it finds. It returns after the grace period that follows the first
// answer, or, if complete is set, when all sources have answered. The look-up in the DHT continues in the background
// until its end.
func (rs *records) lookUp(ctx context.Context, key engine.PublicKey, complete bool) *recordLookup {
	l := &recordLookup{
		rs: rs, key: key, began: time.Now(), notified: make(chan struct{}, 1),
		dhtDone: make(chan dhtResult, 1), relayReplies: make(chan relayReply, len(rs.r.cfg.Relays)),
	}
	l.startDHT()
	if rs.r.cfg.Items == nil {
		l.startRelays()
	}
	relayTimer := time.NewTimer(relayDelay)
	defer relayTimer.Stop()
	var graceOver <-chan time.Time
	answered := false
	for !l.isComplete() {
		select {
		case <-l.notified:
			answered = true
			if graceOver == nil && !complete {
				graceOver = time.After(gracePeriod)
			}
		case <-graceOver:
			return l
		case end := <-l.dhtDone:
			l.dhtResult = &end
			if end.lookup.Newest.IsZero() {
				l.startRelays()
			}
		case <-relayTimer.C:
			if !answered {
				l.startRelays()
			}
		case reply := <-l.relayReplies:
			l.relayAnswers = append(l.relayAnswers, reply)
		case <-ctx.Done():
			return l
		}
	}
	return l
}

// isComplete reports whether all sources that were queried have answered.
func (l *recordLookup) isComplete() bool {
	return (l.dhtResult != nil || l.rs.r.cfg.Items == nil) && len(l.relayAnswers) == l.relaysAsked
}

// notify wakes lookUp up. It does not block.
func (l *recordLookup) notify() {
	select {
	case l.notified <- struct{}{}:
	default:
	}
}

// startDHT starts the look-up in the DHT. It continues when nobody waits for it any more: the next look-up uses what
// it finds.
func (l *recordLookup) startDHT() {
	items := l.rs.r.cfg.Items
	if items == nil {
		return
	}
	l.rs.r.background.Go(func() {
		ctx, cancel := context.WithTimeout(l.rs.r.ctx, dhtLookupTimeout)
		defer cancel()
		lookup, err := items.GetItem(ctx, l.key, func(item pkarr.Item) {
			if l.rs.save(item, dhtSource) {
				l.rs.r.memory.forget(l.key.Host())
			}
			l.notify()
		})
		l.rs.saveLookup(l.key, lookup)
		l.dhtDone <- dhtResult{lookup, err, time.Since(l.began)}
	})
}

// startRelays queries all relays in the background. It does nothing if it was called before.
func (l *recordLookup) startRelays() {
	if l.relaysAsked > 0 {
		return
	}
	l.relaysAsked = len(l.rs.r.cfg.Relays)
	for _, relay := range l.rs.r.cfg.Relays {
		l.rs.r.background.Go(func() {
			reply := l.rs.queryRelay(relay, l.key)
			if !reply.item.IsZero() {
				l.notify()
			}
			l.relayReplies <- reply
		})
	}
}

// queryRelays queries all relays and waits for their answers.
func (l *recordLookup) queryRelays() {
	l.notified = make(chan struct{}, 1)
	l.relayReplies = make(chan relayReply, len(l.rs.r.cfg.Relays))
	for l.startRelays(); len(l.relayAnswers) < l.relaysAsked; {
		l.relayAnswers = append(l.relayAnswers, <-l.relayReplies)
	}
}

// resolve returns the answer for a key by looking up its record.
func (rs *records) resolve(ctx context.Context, key engine.PublicKey, complete bool) (Answer, error) {
	host := key.Host()
	l := rs.lookUp(ctx, key, complete)
	if ctx.Err() != nil {
		return Answer{}, interruptedError(host, ctx.Err())
	}
	return rs.finish(key, l)
}

// finish makes an answer of the result of a look-up, and remembers it.
func (rs *records) finish(key engine.PublicKey, l *recordLookup) (Answer, error) {
	host, known := key.Host(), rs.get(key)
	if known.item.IsZero() {
		err := l.notFoundError()
		if known.isOutdated() {
			err = saveError(key, known.saveErr)
		}
		miss := Answer{Host: host, Key: host, At: rs.r.now(), TTL: missTTL, Queried: l.askedServers()}
		if engine.KindOf(err) == engine.NotFound {
			rs.r.memory.put(host, miss.At, cachedAnswer{answer: miss, miss: err})
		}
		return miss, err
	}
	a, err := rs.newAnswer(key, known)
	a.Queried = l.askedServers()
	a.Warnings = append(a.Warnings, l.warnings(known)...)
	switch {
	case err != nil:
		rs.r.memory.put(host, a.At, cachedAnswer{answer: a, miss: err})
		return a, err
	case known.isOutdated():
		a.Stale, a.TTL, a.Cause = true, missTTL, saveError(key, known.saveErr)
		a.Warnings = append(a.Warnings, "an older record is used, because "+engine.Message(a.Cause))
		rs.r.memory.put(host, a.At, cachedAnswer{answer: a})
		return a, nil
	case !l.foundRecord():
		a.Stale, a.TTL, a.Cause = true, missTTL, l.notFoundError()
		a.Warnings = append(a.Warnings, "the record that was seen last is used, because "+engine.Message(a.Cause))
		rs.r.memory.put(host, a.At, cachedAnswer{answer: a})
		return a, nil
	}
	rs.r.remember(a)
	return a, nil
}

// saveError returns the error for a record that was found and does not count, because it could not be stored.
func saveError(key engine.PublicKey, cause error) *engine.Error {
	err := newError(
		key.Host(), engine.Unavailable,
		"the newest record of the key could not be stored: "+engine.Message(cause),
	)
	err.Err = cause
	return err
}

// foundRecord reports whether any source had a record.
func (l *recordLookup) foundRecord() bool {
	for _, answer := range l.relayAnswers {
		if !answer.item.IsZero() {
			return true
		}
	}
	if l.dhtResult != nil {
		return l.dhtResult.err == nil && !l.dhtResult.lookup.Newest.IsZero()
	}
	return l.rs.r.cfg.Items != nil // The DHT look-up still runs: lookUp has returned because a record was found.
}

// notFoundError returns the error that explains why there is no record.
func (l *recordLookup) notFoundError() error {
	host := l.key.Host()
	missing := l.dhtResult != nil && l.dhtResult.err == nil
	var errs []error
	if l.dhtResult != nil {
		errs = append(errs, l.dhtResult.err)
	}
	for _, answer := range l.relayAnswers {
		missing = missing || answer.err == nil && answer.item.IsZero()
		errs = append(errs, answer.err)
	}
	if missing {
		return newError(
			host,
			engine.NotFound,
			"nobody has anything that is signed with this key: check the address, or ask its owner",
		)
	}
	err := newError(host, engine.Unavailable, "neither the DHT nor a relay answers for the key: check the network")
	if l.rs.r.cfg.Items == nil && l.relaysAsked == 0 {
		err.Msg = "keys cannot be looked up without the DHT: start without --no-dht, or give a relay with --relay"
	} else if l.relaysAsked == 0 {
		err.Msg = "no node of the DHT can be reached: check the network, and that UDP is let through, " +
			"or give a relay with --relay"
	}
	err.Err = errors.Join(errs...)
	return err
}

// warnings lists the sources that returned an older record than the known one, and those whose record is invalid.
func (l *recordLookup) warnings(known record) []string {
	var warnings []string
	older := func(who string, item pkarr.Item) {
		if !item.IsZero() && known.item.Newer(item) {
			warnings = append(warnings, who+" has an older record, which is not used"+signedOn(item))
		}
	}
	if l.dhtResult != nil {
		older("the DHT", l.dhtResult.lookup.Newest)
	}
	for _, answer := range l.relayAnswers {
		older(serverName(answer.relay), answer.item)
		if engine.KindOf(answer.err) == engine.Refused {
			warnings = append(warnings, serverName(answer.relay)+" gives "+engine.Message(answer.err))
		}
	}
	return warnings
}

// signedOn returns when an item was signed, in parentheses; empty if the item does not say.
func signedOn(item pkarr.Item) string {
	if at := item.SignedAt(); !at.IsZero() {
		return " (signed on " + at.Format("2006-01-02 15:04") + " UTC)"
	}
	return ""
}

// askedServers lists the sources that were queried and their results.
func (l *recordLookup) askedServers() []engine.Asked {
	asked := []engine.Asked{}
	if l.rs.r.cfg.Items != nil {
		a := engine.Asked{URL: dhtSource, Took: int64(time.Since(l.began))}
		if end := l.dhtResult; end != nil {
			a.Took, a.Infohash = int64(end.took), infohashOf(l.key, end.lookup.Newest)
			if end.err != nil {
				a.Error = engine.Message(end.err)
			}
		} else {
			a.Infohash = infohashOf(l.key, l.rs.get(l.key).item)
		}
		asked = append(asked, a)
	}
	for _, answer := range l.relayAnswers {
		a := engine.Asked{URL: engine.Clean(answer.relay), Took: int64(answer.took), Infohash: infohashOf(l.key, answer.item)}
		if answer.err != nil {
			a.Error = engine.Message(answer.err)
		}
		asked = append(asked, a)
	}
	return asked
}

// infohashOf returns the infohash that an item names; empty if none.
func infohashOf(key engine.PublicKey, item pkarr.Item) string {
	if item.IsZero() {
		return ""
	}
	reply, err := readRecord(key.Host(), item)
	if err != nil || len(reply.keys.infohashes) == 0 {
		return ""
	}
	return reply.keys.infohashes[0]
}

// readRecord parses the value of an item like the response of a DNS server about its key's name. The error has Kind
// NotFound if it is not a record of wtp.
func readRecord(host string, item pkarr.Item) (reply, error) {
	if infohash, ok := item.Dictionary(); ok {
		return reply{ttl: dictionaryTTL, keys: keys{infohashes: []string{infohash}}}, nil
	}
	unknown := newError(host, engine.NotFound, "the record of this key is not that of a site: ask its owner")
	packet, ok := item.Packet()
	m := new(dns.Msg)
	if !ok || m.Unpack(packet) != nil {
		return reply{}, unknown
	}
	r, texts, err := followCNAMEs(dns.Fqdn(host), m.Answer)
	if err != nil {
		unknown.Err = err
		return reply{}, unknown
	}
	r.keys = findKeys(texts)
	return r, nil
}
