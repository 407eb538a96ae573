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
	// listenFor is how long others are listened to after the first answer: it may be the older one of two.
	listenFor = 400 * time.Millisecond
	// relayAfter is how long the DHT is given before relays are asked, where it says nothing.
	relayAfter = 1500 * time.Millisecond
	// readLimit bounds a look-up in the DHT.
	readLimit = 15 * time.Second
)

// reading is one look-up of a key's record.
type reading struct {
	rs    *records
	key   engine.PublicKey
	began time.Time
	// heard gets a value when something new has come from anywhere.
	heard chan struct{}
	// dht gets what became of the look-up in the DHT, and relays what became of asking each relay.
	dht    chan dhtEnd
	relays chan relayReply
	// inDHT and answers are what has come of that; asked is how many relays were.
	inDHT   *dhtEnd
	asked   int
	answers []relayReply
}

// dhtEnd is what became of a look-up in the DHT.
type dhtEnd struct {
	lookup pkarr.Lookup
	err    error
	took   time.Duration
}

// read looks a key's record up: what comes of it is known to records. It returns when the first answer was listened
// after, or, for who wants to know it all, when everybody has answered. A look-up that still goes on by then does so
// until its end.
func (rs *records) read(ctx context.Context, key engine.PublicKey, whole bool) *reading {
	g := &reading{
		rs: rs, key: key, began: time.Now(), heard: make(chan struct{}, 1),
		dht: make(chan dhtEnd, 1), relays: make(chan relayReply, len(rs.r.cfg.Relays)),
	}
	g.askDHT()
	if rs.r.cfg.Items == nil {
		g.askRelays()
	}
	relayTime := time.NewTimer(relayAfter)
	defer relayTime.Stop()
	var listened <-chan time.Time
	answered := false
	for !g.ended() {
		select {
		case <-g.heard:
			answered = true
			if listened == nil && !whole {
				listened = time.After(listenFor)
			}
		case <-listened:
			return g
		case end := <-g.dht:
			g.inDHT = &end
			if end.lookup.Newest.IsZero() {
				g.askRelays()
			}
		case <-relayTime.C:
			if !answered {
				g.askRelays()
			}
		case reply := <-g.relays:
			g.answers = append(g.answers, reply)
		case <-ctx.Done():
			return g
		}
	}
	return g
}

// ended reports whether all that were asked have answered.
func (g *reading) ended() bool {
	return (g.inDHT != nil || g.rs.r.cfg.Items == nil) && len(g.answers) == g.asked
}

// tell wakes up whoever reads.
func (g *reading) tell() {
	select {
	case g.heard <- struct{}{}:
	default:
	}
}

// askDHT begins the look-up in the DHT. It goes on when nobody waits for it any more: what it finds is used the next
// time.
func (g *reading) askDHT() {
	items := g.rs.r.cfg.Items
	if items == nil {
		return
	}
	g.rs.r.flying.Go(func() {
		ctx, cancel := context.WithTimeout(g.rs.r.ctx, readLimit)
		defer cancel()
		lookup, err := items.GetItem(ctx, g.key, func(item pkarr.Item) {
			if g.rs.note(item, dhtSource, false) {
				g.rs.r.memory.forget(g.key.Host())
			}
			g.tell()
		})
		g.rs.looked(g.key, lookup)
		g.dht <- dhtEnd{lookup, err, time.Since(g.began)}
	})
}

// askRelays asks all relays, once.
func (g *reading) askRelays() {
	if g.asked > 0 {
		return
	}
	g.asked = len(g.rs.r.cfg.Relays)
	for _, relay := range g.rs.r.cfg.Relays {
		g.rs.r.flying.Go(func() {
			reply := g.rs.fromRelay(relay, g.key)
			if !reply.item.IsZero() {
				g.tell()
			}
			g.relays <- reply
		})
	}
}

// hearRelays asks all relays and waits for their answers.
func (g *reading) hearRelays() {
	g.heard = make(chan struct{}, 1)
	g.relays = make(chan relayReply, len(g.rs.r.cfg.Relays))
	for g.askRelays(); len(g.answers) < g.asked; {
		g.answers = append(g.answers, <-g.relays)
	}
}

// ask answers for a key by reading its record.
func (rs *records) ask(ctx context.Context, key engine.PublicKey, whole bool) (Answer, error) {
	host := key.Host()
	g := rs.read(ctx, key, whole)
	if ctx.Err() != nil {
		return Answer{}, interrupted(host, ctx.Err())
	}
	return rs.conclude(key, g)
}

// conclude makes an answer of what was read, and remembers it.
func (rs *records) conclude(key engine.PublicKey, g *reading) (Answer, error) {
	host, known := key.Host(), rs.get(key)
	if known.item.IsZero() {
		err := g.nothing()
		miss := Answer{Host: host, Key: host, At: rs.r.now(), TTL: missTTL, Asked: g.told()}
		if engine.KindOf(err) == engine.NotFound {
			rs.r.memory.put(host, miss.At, remembered{answer: miss, miss: err})
		}
		return miss, err
	}
	a, err := rs.answer(key, known)
	a.Asked = g.told()
	a.Warnings = append(a.Warnings, g.warnings(known)...)
	switch {
	case err != nil:
		rs.r.memory.put(host, a.At, remembered{answer: a, miss: err})
		return a, err
	case !g.heardAnything():
		a.Stale, a.TTL, a.Cause = true, missTTL, g.nothing()
		a.Warnings = append(a.Warnings, "the record that was seen last is used, because "+engine.Message(a.Cause))
		rs.r.memory.put(host, a.At, remembered{answer: a})
		return a, nil
	}
	rs.r.keep(a)
	return a, nil
}

// heardAnything reports whether anybody had any record.
func (g *reading) heardAnything() bool {
	for _, v := range g.answers {
		if !v.item.IsZero() {
			return true
		}
	}
	if g.inDHT != nil {
		return g.inDHT.err == nil && !g.inDHT.lookup.Newest.IsZero()
	}
	return g.rs.r.cfg.Items != nil // The look-up goes on: something was heard, or it would have been waited for.
}

// nothing says why there is no record.
func (g *reading) nothing() error {
	host := g.key.Host()
	missing := g.inDHT != nil && g.inDHT.err == nil
	var errs []error
	if g.inDHT != nil {
		errs = append(errs, g.inDHT.err)
	}
	for _, v := range g.answers {
		missing = missing || v.err == nil && v.item.IsZero()
		errs = append(errs, v.err)
	}
	if missing {
		return fail(
			host,
			engine.NotFound,
			"nobody has anything that is signed with this key: check the address, or ask its owner",
		)
	}
	err := fail(host, engine.Unavailable, "neither the DHT nor a relay answers for the key: check the network")
	if g.rs.r.cfg.Items == nil && g.asked == 0 {
		err.Msg = "keys cannot be looked up without the DHT: start without --no-dht, or give a relay with --relay"
	} else if g.asked == 0 {
		err.Msg = "no node of the DHT can be reached: check the network, and that UDP is let through, " +
			"or give a relay with --relay"
	}
	err.Err = errors.Join(errs...)
	return err
}

// warnings name those who gave an older record than is known, and those whose record is wrong.
func (g *reading) warnings(known record) []string {
	var warnings []string
	older := func(who string, item pkarr.Item) {
		if !item.IsZero() && known.item.Newer(item) {
			warnings = append(warnings, who+" has an older record, which is not used"+signedOn(item))
		}
	}
	if g.inDHT != nil {
		older("the DHT", g.inDHT.lookup.Newest)
	}
	for _, v := range g.answers {
		older(name(v.relay), v.item)
		if engine.KindOf(v.err) == engine.Refused {
			warnings = append(warnings, name(v.relay)+" gives "+engine.Message(v.err))
		}
	}
	return warnings
}

// signedOn says when an item was signed, where it tells that.
func signedOn(item pkarr.Item) string {
	if at := item.SignedAt(); !at.IsZero() {
		return " (signed on " + at.Format("2006-01-02 15:04") + " UTC)"
	}
	return ""
}

// told is the story of the look-up.
func (g *reading) told() []engine.Asked {
	asked := []engine.Asked{}
	if g.rs.r.cfg.Items != nil {
		a := engine.Asked{URL: dhtSource, Took: int64(time.Since(g.began))}
		if end := g.inDHT; end != nil {
			a.Took, a.Infohash = int64(end.took), infohashOf(g.key, end.lookup.Newest)
			if end.err != nil {
				a.Error = engine.Message(end.err)
			}
		} else {
			a.Infohash = infohashOf(g.key, g.rs.get(g.key).item)
		}
		asked = append(asked, a)
	}
	for _, v := range g.answers {
		a := engine.Asked{URL: engine.Clean(v.relay), Took: int64(v.took), Infohash: infohashOf(g.key, v.item)}
		if v.err != nil {
			a.Error = engine.Message(v.err)
		}
		asked = append(asked, a)
	}
	return asked
}

// infohashOf returns what an item names; empty if that is nothing.
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

// readRecord reads the value of an item as the answer of a DNS server about its key's name. Kind NotFound if it is
// nothing that wtp knows.
func readRecord(host string, item pkarr.Item) (reply, error) {
	if infohash, ok := item.Dictionary(); ok {
		return reply{ttl: dictionaryTTL, keys: keys{infohashes: []string{infohash}}}, nil
	}
	unknown := fail(host, engine.NotFound, "what is signed with this key is no record of a site: ask its owner")
	packet, ok := item.Packet()
	m := new(dns.Msg)
	if !ok || m.Unpack(packet) != nil {
		return reply{}, unknown
	}
	r, texts, err := follow(dns.Fqdn(host), m.Answer)
	if err != nil {
		unknown.Err = err
		return reply{}, unknown
	}
	r.keys = findKeys(texts)
	return r, nil
}
