package tracker

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestWebPeersExchangeOffers(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	a, b := newWebClient(t, server, "1.1.1.1", 1), newWebClient(t, server, "2.2.2.2", 2)
	if m := a.announce(1, 0, "a1", "a2"); m.Action != "announce" || m.InfoHash != binaryString(testHash(1)) ||
		m.Interval != 120 || m.Complete != 1 || m.Incomplete != 0 {
		t.Errorf("the first: %+v", m)
	}
	if m := b.announce(1, 5, "b1", "b2"); m.Complete != 1 || m.Incomplete != 1 {
		t.Errorf("the second: %+v", m)
	}
	offer := a.receive()
	if offer.OfferID != "b1" || *offer.Offer != (description{"offer", "sdp of b1"}) ||
		offer.PeerID != binaryString(testHash(2)) {
		t.Errorf("the offer: %+v", offer)
	}
	a.send(map[string]any{
		"action": "announce", "info_hash": offer.InfoHash, "peer_id": binaryString(testHash(1)), "to_peer_id": offer.PeerID,
		"offer_id": offer.OfferID, "answer": description{"answer", "sdp of the answer"},
	})
	if m := b.receive(); m.Answer == nil || m.Answer.SDP != "sdp of the answer" || m.OfferID != "b1" ||
		m.PeerID != binaryString(testHash(1)) {
		t.Errorf("the answer: %+v", m)
	}
	b.send(map[string]any{"action": "scrape", "info_hash": binaryString(testHash(1))})
	if m := b.receive(); m.Action != "scrape" || m.Files[binaryString(testHash(1))] != (scrapeEntry{1, 0, 1}) {
		t.Errorf("a scrape: %+v", m)
	}
	b.send(map[string]any{"action": "scrape", "info_hash": []string{binaryString(testHash(1)), binaryString(testHash(2))}})
	if m := b.receive(); len(m.Files) != 2 {
		t.Errorf("a scrape of two: %+v", m)
	}
	// Browsers and those that can be called cannot meet, and are not counted together.
	got := announceFrom(t, tr, "7.7.7.7", announceQuery(1, 7, 7, 1))
	if got.Complete != 0 || got.Incomplete != 1 || len(got.peers()) != 0 {
		t.Errorf("over HTTP: %+v", got)
	}
	stopped := b.announceMessage(1, 5)
	stopped["event"] = "stopped"
	b.send(stopped)
	if m := b.receive(); m.Incomplete != 0 {
		t.Errorf("after the second has stopped: %+v", m)
	}
	_ = a.conn.CloseNow()
	waitFor(t, "the first to be gone", func() bool { return tr.Stats().WebPeers == 0 && tr.Stats().Sockets == 1 })
}

// waitFor polls until a condition is true.
func waitFor(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitTimeout); !is(); {
		if time.Now().After(deadline) {
			t.Fatal("waited for", what)
		}
		<-time.After(time.Millisecond)
	}
}

func TestOwnEngineGetsOffersFirst(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	for id := range 5 {
		newWebClient(t, server, "3.3.3.3", 10+id).announce(1, 5)
	}
	engine := newOwnWebClient(t, tr, 99)
	if m := engine.announce(1, 0); m.Complete != 1 || m.Incomplete != 5 {
		t.Errorf("own: %+v", m)
	}
	a := newWebClient(t, server, "1.1.1.1", 1)
	a.announce(1, 5, "first")
	if m := engine.receive(); m.OfferID != "first" {
		t.Errorf("own: %+v", m)
	}
	engine.send(map[string]any{
		"action": "announce", "info_hash": binaryString(testHash(1)), "peer_id": binaryString(testHash(99)),
		"to_peer_id": binaryString(testHash(1)), "offer_id": "first", "answer": description{"answer", "here"},
	})
	if m := a.receive(); m.Answer == nil || m.Answer.SDP != "here" {
		t.Errorf("the answer: %+v", m)
	}
	if s := tr.Stats(); s.WebPeers != 6 || s.Sockets != 6 {
		t.Errorf("%+v", s)
	}
}

func TestInvalidMessages(t *testing.T) {
	tr := newTracker(t, Config{Serves: func(h [20]byte) bool { return h != testHash(66) }})
	server := serve(t, tr, headerAddress)
	a := newWebClient(t, server, "1.1.1.1", 1)
	good, foreign := a.announceMessage(1, 1), a.announceMessage(66, 1)
	with := func(key string, value any) map[string]any {
		m := a.announceMessage(1, 1)
		m[key] = value
		return m
	}
	for name, c := range map[string]struct {
		message any
		want    string
	}{
		"no JSON":            {[]byte("{"), "that is not a message of a WebTorrent client"},
		"a list":             {[]byte("[]"), "that is not a message of a WebTorrent client"},
		"no action":          {[]byte("{}"), "action is neither announce nor scrape"},
		"a number":           {with("action", 5), "action is neither announce nor scrape"},
		"a short infohash":   {with("info_hash", "abc"), "info_hash is not 20 bytes"},
		"no bytes":           {with("info_hash", strings.Repeat("€", 20)), "info_hash is not 20 bytes"},
		"no peer id":         {with("peer_id", nil), "peer_id is not 20 bytes"},
		"an empty answer":    {with("answer", map[string]any{}), "to_peer_id is not 20 bytes"},
		"a foreign torrent":  {foreign, notServed},
		"a scrape of none":   {[]byte(`{"action":"scrape"}`), "info_hash is not 20 bytes"},
		"offers that are no": {with("offers", []any{1, "x", map[string]any{}, nil}), ""},
		"what left says":     {with("left", "0"), ""},
		"a good one":         {good, ""},
	} {
		a.send(c.message)
		if m := a.receive(); m.Failure != c.want {
			t.Errorf("%s: %+v, want %q", name, m, c.want)
		}
	}
	if m := a.announce(1, 1); m.Complete != 0 || m.Incomplete != 1 {
		t.Errorf("%+v", m)
	}
}

// TestPeerIDDoesNotReplacePeer promises that a peer's id, which others learn, does not allow to replace the peer.
func TestPeerIDDoesNotReplacePeer(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	victim, thief := newWebClient(t, server, "1.1.1.1", 1), newWebClient(t, server, "2.2.2.2", 1)
	victim.announce(1, 0)
	if m := thief.announce(1, 0); m.Failure == "" {
		t.Errorf("the thief: %+v", m)
	}
	thief.send(map[string]any{
		"action": "announce", "info_hash": binaryString(testHash(1)), "peer_id": binaryString(testHash(1)),
		"to_peer_id": binaryString(testHash(1)), "offer_id": "x", "answer": description{"answer", "forged"},
	})
	stopped := thief.announceMessage(1, 0)
	stopped["event"] = "stopped"
	thief.send(stopped)
	if m := thief.receive(); m.Complete != 1 {
		t.Errorf("who is not there stops another: %+v", m)
	}
	other := newWebClient(t, server, "3.3.3.3", 3)
	other.announce(1, 5, "o")
	if m := victim.receive(); m.OfferID != "o" {
		t.Errorf("the victim: %+v", m)
	}
	// It comes again, before its first connection is known to be gone.
	again := newWebClient(t, server, "1.1.1.1", 1)
	if m := again.announce(1, 0); m.Failure != "" || m.Complete != 1 {
		t.Errorf("again: %+v", m)
	}
}

func TestTooLongMessages(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	a, b := newWebClient(t, server, "1.1.1.1", 1), newWebClient(t, server, "2.2.2.2", 2)
	b.announce(1, 0)
	long := a.announceMessage(1, 5, "o1", "o2")
	long["offers"].([]any)[0].(map[string]any)["offer"] = description{"offer", strings.Repeat("x", maxSDP+1)}
	long["offers"].([]any)[1].(map[string]any)["offer"] = description{"offer", strings.Repeat("y", maxSDP)}
	a.send(long)
	if m := a.receive(); m.Failure != "" || m.Incomplete != 1 {
		t.Errorf("%+v", m)
	}
	if m := b.receive(); m.OfferID != "o2" || len(m.Offer.SDP) != maxSDP {
		t.Errorf("%+v", m.OfferID)
	}
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	go func() { _ = a.conn.Write(ctx, websocket.MessageText, make([]byte, 1<<20)) }() // It need not arrive.
	if _, _, err := a.conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("after a megabyte: %v", err)
	}
	waitFor(t, "the socket to be gone", func() bool { return tr.Stats().Sockets == 1 })
}

func TestSocketsOfOneAddressAreLimited(t *testing.T) {
	tr := newTracker(t, Config{MaxSockets: 300})
	server := serve(t, tr, headerAddress)
	var mu sync.Mutex
	opened := 0
	inParallel(5000, func(int) {
		conn, err := dialWeb(server, "1.1.1.1")
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			opened++
			t.Cleanup(func() { _ = conn.CloseNow() })
		}
	})
	if opened != 64 || tr.Stats().Sockets != 64 {
		t.Errorf("%d opened, %+v", opened, tr.Stats())
	}
	newWebClient(t, server, "2.2.2.2", 1).announce(1, 1)
}

// TestSlowReaderLosesMessages promises that a socket that does not read has a limited queue, and loses messages above
// the limit.
func TestSlowReaderLosesMessages(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	deaf := newWebClient(t, server, "1.1.1.1", 1)
	deaf.announce(1, 0)
	loud := newWebClient(t, server, "2.2.2.2", 2)
	for range 500 {
		m := loud.announceMessage(1, 5, "o")
		m["offers"].([]any)[0].(map[string]any)["offer"] = description{"offer", strings.Repeat("x", 8<<10)}
		loud.send(m)
		if said := loud.receive(); said.Failure != "" {
			t.Fatalf("%+v", said)
		}
		if q := tr.budget.queued.InUse(); q > maxQueued+8<<10 {
			t.Fatalf("%d bytes wait", q)
		}
	}
	_ = deaf.conn.CloseNow()
	waitFor(t, "nothing to wait any more", func() bool { return tr.budget.queued.InUse() == 0 && tr.Stats().Sockets == 1 })
}

func TestCloseEndsSockets(t *testing.T) {
	tr := New(Config{})
	server := serve(t, tr, headerAddress)
	a := newWebClient(t, server, "1.1.1.1", 1)
	a.announce(1, 1)
	newOwnWebClient(t, tr, 9).announce(1, 0)
	begin := time.Now()
	if err := tr.Close(); err != nil || time.Since(begin) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(begin))
	}
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	if _, _, err := a.conn.Read(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if _, err := dialWeb(server, "1.1.1.1"); err == nil {
		t.Error("a socket is opened afterwards")
	}
	if _, err := tr.Dial(ctx); err == nil {
		t.Error("the own engine connects afterwards")
	}
}

// FuzzMessage promises that no message exceeds the limits.
func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"action":"announce","info_hash":"01234567890123456789","peer_id":"01234567890123456789","left":0,` +
		`"offers":[{"offer_id":"x","offer":{"type":"offer","sdp":"y"}}]}`))
	f.Add([]byte(`{"action":"scrape","info_hash":["01234567890123456789"]}`))
	f.Add([]byte(`{"action":"announce","info_hash":"01234567890123456789","peer_id":"01234567890123456789",` +
		`"to_peer_id":"01234567890123456789","offer_id":"x","answer":{"type":"answer","sdp":"y"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMessage(data)
		if err != nil {
			return
		}
		if len(m.offers) > maxOffers || len(m.answer) > maxSDP || len(m.offerID) > maxOfferID || len(m.hashes) > maxScraped {
			t.Errorf("%+v", m)
		}
		for _, o := range m.offers {
			if o.id == "" || len(o.id) > maxOfferID || o.sdp == "" || len(o.sdp) > maxSDP {
				t.Errorf("%+v", o)
			}
		}
	})
}

// FuzzHTTP promises that a peer is only named at the address of its request.
func FuzzHTTP(f *testing.F) {
	f.Add(announceQuery(1, 1, 1, 1))
	f.Add("info_hash=%zz&" + announceQuery(1, 1, 1, 1, "numwant=99999999999999999999", "port=-1", "left=x", "ip=9.9.9.9"))
	f.Add(strings.Repeat("info_hash=01234567890123456789&", 200))
	asked := Source{Client: netip.MustParseAddr("1.2.3.4")}
	f.Fuzz(func(t *testing.T, raw string) {
		tr := New(Config{})
		defer func() { _ = tr.Close() }()
		for _, path := range []string{announcePath, scrapePath} {
			r := &http.Request{Method: http.MethodGet, ProtoMajor: 1, Header: http.Header{}}
			r.URL = mustURL(path, raw)
			if tr.Handles(r) {
				checkResponse(t, tr, r, asked)
			}
		}
		for _, s := range tr.swarms.all {
			for _, p := range s.connectable {
				if p.addr.Addr() != asked.Client || p.addr.Port() == 0 {
					t.Errorf("a peer at %s", p.addr)
				}
			}
		}
	})
}
