package tracker

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

// rawSocket opens a WebSocket on which the test writes frames itself.
func rawSocket(t *testing.T, server, from string) net.Conn {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(waitTimeout))
	fmt.Fprintf(c, "GET /announce HTTP/1.1\r\nHost: x\r\nFrom: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n", from)
	var head []byte
	for b := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, b[0]) {
		if _, err := c.Read(b); err != nil {
			t.Fatalf("%q: %v", head, err)
		}
	}
	return c
}

// frameHeader returns the header of a masked text frame of a length.
func frameHeader(length uint64) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{0x81, 0xff}, length), 0, 0, 0, 0)
}

// TestEndlessFrame promises that a frame without an end blocks neither its socket nor the tracker.
func TestEndlessFrame(t *testing.T) {
	tr := New(Config{})
	server := serve(t, tr, headerAddress)
	c := rawSocket(t, server, "1.1.1.1")
	if _, err := c.Write(append(frameHeader(1<<40), make([]byte, maxMessage+1)...)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the socket to be gone", func() bool { return tr.Stats().Sockets == 0 })

	c = rawSocket(t, server, "1.1.1.1")
	if _, err := c.Write(append(frameHeader(1<<40), make([]byte, maxMessage+1)...)); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := tr.Close(); err != nil || time.Since(begin) > 2*time.Second {
		t.Errorf("closed after %s: %v", time.Since(begin), err)
	}
}

// TestExpensiveMessages promises that messages of the maximum size cost little memory, whatever they contain.
func TestExpensiveMessages(t *testing.T) {
	head := `{"action":"announce","info_hash":"01234567890123456789","peer_id":"01234567890123456789",`
	for name, parts := range map[string][3]string{
		"scrape of texts":   {`{"action":"scrape","info_hash":[`, `"",`, `1]}`},
		"scrape of numbers": {`{"action":"scrape","info_hash":[`, `1,`, `1]}`},
		"offers":            {head + `"offers":[`, `1,`, `1]}`},
		"left, again":       {head, `"left":[],`, `"left":1}`},
		"event, again":      {head, `"event":[],`, `"event":""}`},
		"deep":              {head + `"x":`, `[`, ``},
	} {
		n := (maxMessage - len(parts[0]) - len(parts[2])) / len(parts[1])
		data := []byte(parts[0] + strings.Repeat(parts[1], n) + parts[2])
		// The library needs one for each key.
		if allocs := testing.AllocsPerRun(5, func() { _, _ = parseMessage(data) }); allocs > 15_000 {
			t.Errorf("%s: %v allocations", name, allocs)
		}
	}
}

// TestRelayedMessagesDoNotGrow promises that a relayed message is not much longer than the received one.
func TestRelayedMessagesDoNotGrow(t *testing.T) {
	sdp := strings.Repeat("<&>", maxSDP/3)
	out := encodeJSON(relayedMessage{Offer: &description{"offer", sdp}})
	if len(out) > len(sdp)+200 || !bytes.Contains(out, []byte("<&>")) {
		t.Errorf("%d bytes for %d", len(out), len(sdp))
	}
}

// TestForgedUDPPackets promises that packets with a forged source address do no harm to the owner of the address.
func TestForgedUDPPackets(t *testing.T) {
	tr := newTracker(t, Config{})
	u, victim := udpServer{tr, &tr.ids}, netip.MustParseAddrPort("1.2.3.4:5")
	connect := append(binary.BigEndian.AppendUint64(nil, udpMagic), 0, 0, 0, udpConnect, 1, 2, 3, 4)
	invalid := append(make([]byte, 8), 0, 0, 0, udpAnnounce, 1, 2, 3, 4)
	for range 2 * requestBurst {
		u.respond(nil, connect, victim, netip.Addr{}, time.Now())
		u.respond(nil, invalid, victim, netip.Addr{}, time.Now())
	}
	if a := announceFrom(t, tr, "1.2.3.4", announceQuery(1, 1, 1, 1)); a.Failure != "" {
		t.Errorf("%+v", a)
	}
	c := newUDPClient(t, tr, "1.2.3.4:5", "")
	if a := c.announce(1, 1, 1, 1, 1<<31, 10); a.failure != "" || a.leechers != 1 {
		t.Errorf("%+v", a)
	}
}

// TestPeerIDOfOwnEngineIsReserved promises that a peer cannot displace this process's own engine by using its id.
func TestPeerIDOfOwnEngineIsReserved(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	newWebClient(t, server, "1.1.1.1", 9).announce(1, 1)
	if m := newOwnWebClient(t, tr, 9).announce(1, 0); m.Failure != "" || m.Complete != 1 || m.Incomplete != 0 {
		t.Errorf("own: %+v", m)
	}
	if m := newWebClient(t, server, "1.1.1.1", 9).announce(1, 1); m.Failure == "" {
		t.Errorf("a stranger takes its place: %+v", m)
	}
}

// TestWebPeerChangesNetwork promises that a browser that has moved to another network is accepted again when its first
// socket is closed.
func TestWebPeerChangesNetwork(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	newWebClient(t, server, "1.1.1.1", 1).announce(1, 1) // It reads no more, and so answers no ping.
	moved := newWebClient(t, server, "2.2.2.2", 1)
	if m := moved.announce(1, 1); m.Failure == "" {
		t.Errorf("at once: %+v", m)
	}
	waitFor(t, "the first socket to be gone", func() bool { return tr.Stats().Sockets == 1 })
	if m := moved.announce(1, 1); m.Failure != "" {
		t.Errorf("then: %+v", m)
	}
}

// TestSocketsForgetRemovedPeers promises that a socket has no more than the peers that still exist.
func TestSocketsForgetRemovedPeers(t *testing.T) {
	tr := newTracker(t, Config{})
	server := serve(t, tr, headerAddress)
	a := newWebClient(t, server, "1.1.1.1", 1)
	for infohash := range 10 {
		a.announce(infohash, 1)
	}
	s := tr.swarms.all[testHash(0)].webPeers[0].socket
	tr.swarms.expire(time.Now().Add(webPeerTimeout + time.Second))
	if len(s.peers) != 0 || len(tr.swarms.all) != 0 || tr.swarms.peers.InUse() != 0 {
		t.Errorf("%d peers, %d swarms, %d places", len(s.peers), len(tr.swarms.all), tr.swarms.peers.InUse())
	}
}

// TestPagesDoNotAnnounceOverHTTP promises that a page cannot make its reader a peer, for instance with the URL of a
// picture.
func TestPagesDoNotAnnounceOverHTTP(t *testing.T) {
	tr := newTracker(t, Config{})
	r := httptest.NewRequest(http.MethodGet, "/announce?"+announceQuery(1, 1, 22, 0), nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	tr.Serve(w, r, Source{Client: netip.MustParseAddr("1.1.1.1")})
	if !strings.Contains(w.Body.String(), fromPage) || tr.Stats().Peers != 0 {
		t.Errorf("%q", w.Body)
	}
}

// TestPeersCannotSpeakForOthers promises that a message only affects the peers of its own socket.
func TestPeersCannotSpeakForOthers(t *testing.T) {
	tr := newTracker(t, Config{})
	announceFrom(t, tr, "1.1.1.1", announceQuery(1, 1, 5, 1))
	announceFrom(t, tr, "1.1.1.1", announceQuery(1, 2, 5, 1, "event=stopped"))
	if s := tr.Stats(); s.Peers != 1 {
		t.Errorf("another id has stopped it: %+v", s)
	}
	announceFrom(t, tr, "1.1.1.1", announceQuery(1, 1, 5, 1, "event=completed")) // with something left
	if n := tr.swarms.counts(testHash(1), false); n.completed != 0 || n.leechers != 1 {
		t.Errorf("%+v", n)
	}
}

// TestSocketsThatDoNotReadAreLimited promises that sockets that do not read leave memory for the messages of others.
func TestSocketsThatDoNotReadAreLimited(t *testing.T) {
	tr := newTracker(t, Config{})
	queued := tr.budget.queued
	for n := range 20 {
		for from := netip.AddrFrom4([4]byte{9, 9, 9, byte(n)}); queued.Acquire(from, 8<<10); {
		}
	}
	server := serve(t, tr, headerAddress)
	a, b := newWebClient(t, server, "1.1.1.1", 1), newWebClient(t, server, "2.2.2.2", 2)
	a.announce(1, 0)
	b.announce(1, 1, "o")
	if m := a.receive(); m.OfferID != "o" {
		t.Errorf("%+v", m)
	}
}
