package webtorrent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/webrtc/v4"

	"wtptui/engine/enginetest"
)

// manualPeer is a peer with a tracker connection that a test controls step by step.
type manualPeer struct {
	t  testing.TB
	ws *websocket.Conn
	id [20]byte

	mu  sync.Mutex
	pcs []*webrtc.PeerConnection
}

func newManualPeer(t testing.TB, tr *testTracker, name string) *manualPeer {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), tr.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	s := &manualPeer{t: t, ws: ws, id: peerID(name)}
	t.Cleanup(func() {
		_ = ws.CloseNow()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, pc := range s.pcs {
			_ = pc.GracefulClose()
		}
	})
	s.send(announceRequest{
		Action: "announce", InfoHash: encodeBinary(testInfohash[:]), PeerID: encodeBinary(s.id[:]), Left: 1,
		Offers: []offer{},
	})
	s.receive()
	return s
}

func (s *manualPeer) send(v any) {
	s.t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.ws.Write(context.Background(), websocket.MessageText, data); err != nil {
		s.t.Fatal(err)
	}
}

func (s *manualPeer) receive() message {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, data, err := s.ws.Read(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	m, err := parseMessage(data)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

func (s *manualPeer) newPeerConnection() *webrtc.PeerConnection {
	s.t.Helper()
	pc, err := newPeerConnection(nil, true, time.Hour)
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pcs = append(s.pcs, pc)
	return pc
}

// offer offers a connection with a peer id, and returns its channel once that opens.
func (s *manualPeer) offer(id [20]byte, offerID string) <-chan io.ReadWriteCloser {
	s.t.Helper()
	pc := s.newPeerConnection()
	opened := make(chan io.ReadWriteCloser, 1)
	dc, err := pc.CreateDataChannel("x", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	dc.OnOpen(func() {
		if raw, err := dc.Detach(); err == nil {
			opened <- raw
		}
	})
	sdp, err := makeOffer(s.t.Context(), pc, time.Second)
	if err != nil {
		s.t.Fatal(err)
	}
	s.send(announceRequest{
		Action: "announce", InfoHash: encodeBinary(testInfohash[:]), PeerID: encodeBinary(id[:]), Left: 1, NumWant: 1,
		Offers: []offer{{offerID, description{"offer", sdp}}},
	})
	return opened
}

// acceptAnswer applies the answer to the last offer.
func (s *manualPeer) acceptAnswer(m message) {
	s.t.Helper()
	s.mu.Lock()
	pc := s.pcs[len(s.pcs)-1]
	s.mu.Unlock()
	if err := acceptAnswer(pc, m.answer); err != nil {
		s.t.Fatal(err)
	}
}

// receiveAnswer returns the next answer, and skips other messages.
func (s *manualPeer) receiveAnswer() message {
	s.t.Helper()
	for {
		if m := s.receive(); m.answer != "" {
			return m
		}
	}
}

func newSeed(t testing.TB, tr *testTracker, change func(*Config)) *Client {
	t.Helper()
	c := newTestClient(t, "seed", change)
	spec, _ := newSpec(0, tr.url)
	c.Add(spec)
	tr.expect(t, "the seed", func(m trackerRequest) bool { return m.Event == started })
	return c
}

// 100 channels on which no handshake arrives are closed after the timeout.
func TestChannelsWithoutHandshakeAreClosed(t *testing.T) {
	n := 100
	if testing.Short() {
		n = 10
	}
	tr := newTestTracker(t)
	c := newSeed(t, tr, func(cfg *Config) {
		cfg.times.handshake = time.Second
		cfg.MaxPeersEach = n
	})
	s := newManualPeer(t, tr, "silent")
	for i := range n {
		opened := s.offer(peerID(fmt.Sprint(i)), fmt.Sprint("offer", i))
		m := s.receiveAnswer()
		if m.offerID != fmt.Sprint("offer", i) || m.peerID != c.cfg.PeerID {
			t.Fatalf("answer to %s by %x", m.offerID, m.peerID)
		}
		s.acceptAnswer(m)
		enginetest.Receive(t, opened, "the channel to open")
	}
	eventually(t, "silence has an end", func() bool {
		s := c.Status()
		return s.Silent == uint64(n) && s.Peers == 0 && s.Connecting == 0
	})
}

func TestWrongHandshakesAreRefused(t *testing.T) {
	tr := newTestTracker(t)
	c := newSeed(t, tr, nil)
	s := newManualPeer(t, tr, "s")
	for name, said := range map[string]func() handshake{
		"http":          func() (h handshake) { copy(h[:], "GET / HTTP/1.1\r\n\r\n"); return h },
		"other torrent": func() handshake { return newHandshake([8]byte{}, [20]byte{1}, s.id) },
		"ourselves":     func() handshake { return newHandshake([8]byte{}, testInfohash, c.cfg.PeerID) },
	} {
		before := c.Status().Opened
		opened := s.offer(peerID(name), name)
		s.acceptAnswer(s.receiveAnswer())
		ch := enginetest.Receive(t, opened, "the channel to open")
		h := said()
		if _, err := ch.Write(h[:]); err != nil {
			t.Fatal(err)
		}
		eventually(t, name+" ends", func() bool { st := c.Status(); return st.Opened == before+1 && st.Peers == 0 })
	}
}

// A second channel of a connection is closed; the first stays open.
func TestSecondChannelIsClosed(t *testing.T) {
	tr := newTestTracker(t)
	c := newSeed(t, tr, nil)
	s := newManualPeer(t, tr, "s")
	opened := s.offer(s.id, "x")
	s.acceptAnswer(s.receiveAnswer())
	ch := enginetest.Receive(t, opened, "the channel to open")
	h := newHandshake([8]byte{}, testInfohash, s.id)
	if _, err := ch.Write(h[:]); err != nil {
		t.Fatal(err)
	}
	conn := accept(t, c)
	second, err := s.pcs[0].CreateDataChannel("y", nil)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	second.OnOpen(func() {
		raw, err := second.Detach()
		if err == nil {
			_, err = raw.Read(make([]byte, 1000))
		}
		closed <- err
	})
	if err := enginetest.Receive(t, closed, "the end of the second channel"); err == nil {
		t.Error("a second channel is read")
	}
	if _, err := conn.Write([]byte("still here")); err != nil {
		t.Error(err)
	}
}

// Both sides send offers at the same time, at two trackers, again and again: there is one connection, and it stays.
func TestSimultaneousOffers(t *testing.T) {
	first, second := newTestTracker(t), newTestTracker(t)
	for _, tr := range []*testTracker{first, second} {
		tr.set(func() { tr.interval = 0 })
	}
	a, b := newTestClient(t, "a", nil), newTestClient(t, "b", nil)
	for _, c := range []*Client{a, b} {
		spec, _ := newSpec(5, first.url, second.url)
		c.Add(spec)
	}
	atA := make(chan *Conn, 1)
	go func() { atA <- accept(t, a) }()
	atB := accept(t, b)
	conn := enginetest.Receive(t, atA, "the connection at the other end")
	for range 10 { // a few more rounds of offers
		first.expect(t, "another announce", func(m trackerRequest) bool { return len(m.Offers) > 0 })
	}
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_ = atB.SetReadDeadline(time.Now().Add(patience))
	buf := make([]byte, 10)
	if n, err := atB.Read(buf); string(buf[:n]) != "hello" {
		t.Fatal(n, err)
	}
	for _, c := range []*Client{a, b} {
		eventually(t, "there is one connection", func() bool { s := c.Status(); return s.Peers == 1 && s.Connecting == 0 })
	}
}

func TestKnownPeersAreNotConnected(t *testing.T) {
	tr := newTestTracker(t)
	c := newSeed(t, tr, func(cfg *Config) {
		cfg.IsConnected = func(ih, id [20]byte) bool { return ih == testInfohash && id == peerID("s") }
	})
	s := newManualPeer(t, tr, "s")
	s.offer(s.id, "x")
	eventually(t, "the offer is ignored", func() bool { return c.Status().Duplicates == 1 })
}

func TestPeerLimitEvictsTheLongestIdle(t *testing.T) {
	tr := newTestTracker(t)
	c := newSeed(t, tr, func(cfg *Config) {
		cfg.MaxPeersEach = 2
		cfg.times.idle = time.Hour
	})
	s := newManualPeer(t, tr, "s")
	conns := map[string]*Conn{}
	join := func(name string) {
		opened := s.offer(peerID(name), name)
		s.acceptAnswer(s.receiveAnswer())
		h := newHandshake([8]byte{}, testInfohash, peerID(name))
		if _, err := enginetest.Receive(t, opened, "the channel to open").Write(h[:]); err != nil {
			t.Fatal(err)
		}
		conns[name] = accept(t, c)
	}
	join("a")
	join("b")
	s.offer(peerID("c"), "c")
	eventually(t, "a third is refused", func() bool { return c.Status().Refused == 1 })
	if _, err := conns["a"].Write(make([]byte, minContentMessage)); err != nil {
		t.Fatal(err)
	}
	c.update(func(s *state) { s.times.idle = 0 })
	join("d")
	if _, err := conns["b"].Read(make([]byte, 1)); err == nil {
		t.Error("the one that was idle for longer is still there")
	}
	if _, err := conns["a"].Write([]byte("x")); err != nil {
		t.Errorf("the busy one: %v", err)
	}
	if n := c.Status().Peers; n != 2 {
		t.Errorf("%d peers", n)
	}
}

func TestUnansweredOffersEnd(t *testing.T) {
	tr := newTestTracker(t)
	tr.set(func() { tr.mute = true })
	c := newTestClient(t, "a", func(cfg *Config) {
		// An offer's life begins before it is made, which takes its time on a busy machine.
		cfg.times.unanswered, cfg.times.silentInterval = 4*time.Second, time.Hour
		cfg.MaxOffers = 8
	})
	spec, _ := newSpec(10, tr.url)
	c.Add(spec)
	if m := tr.expect(t, "offers", func(trackerRequest) bool { return true }); len(m.Offers) != 4 {
		t.Errorf("%d offers, half of what there may be is 4", len(m.Offers))
	}
	eventually(t, "the end of offers", func() bool { s := c.Status(); return s.Offers == 0 && s.Unanswered == 4 })
}

func TestAnsweredOfferThatNeverConnects(t *testing.T) {
	tr := newTestTracker(t)
	c := newSeed(t, tr, func(cfg *Config) { cfg.times.open = 200 * time.Millisecond })
	s := newManualPeer(t, tr, "s")
	s.offer(s.id, "x") // and nothing more
	eventually(t, "the end of waiting", func() bool { st := c.Status(); return st.Connecting == 0 && st.Unconnected == 1 })
}
