package webtorrent

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// testTracker is a WebTorrent tracker in this process that records all messages. It forwards the offers of an announce
// to the other peers of the torrent, one to each, and answers to the peers that they are for.
type testTracker struct {
	url      string
	received chan trackerRequest

	mu       sync.Mutex
	server   *http.Server
	interval int
	mute     bool // sends nothing
	refuses  func(infohash string) bool
	conns    map[*testConn]bool
	swarms   map[string]map[string]*testConn // by infohash and peer id
}

// trackerRequest is one message that the tracker got.
type trackerRequest struct {
	raw  []byte
	from *testConn
	announceRequest
	ToPeerID string       `json:"to_peer_id"`
	OfferID  string       `json:"offer_id"`
	Answer   *description `json:"answer"`
}

type testConn struct {
	ws     *websocket.Conn
	header http.Header
}

func (c *testConn) send(v any) {
	data, ok := v.([]byte)
	if !ok {
		data, _ = json.Marshal(v)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = c.ws.Write(ctx, websocket.MessageText, data)
}

func newTestTracker(t testing.TB) *testTracker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tr := &testTracker{url: "ws://" + l.Addr().String() + "/", interval: 60}
	tr.start(l)
	t.Cleanup(tr.stop)
	return tr
}

func (tr *testTracker) start(l net.Listener) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.received == nil {
		tr.received = make(chan trackerRequest, 10000)
	}
	tr.conns = make(map[*testConn]bool)
	tr.swarms = make(map[string]map[string]*testConn)
	tr.server = &http.Server{Handler: tr, ReadHeaderTimeout: patience}
	server := tr.server
	go func() { _ = server.Serve(l) }()
}

// stop ends the tracker and all its connections, as a crash would.
func (tr *testTracker) stop() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	_ = tr.server.Close()
	for c := range tr.conns {
		_ = c.ws.CloseNow()
	}
}

// restart brings it back where it was, with nothing remembered.
func (tr *testTracker) restart(t testing.TB) {
	t.Helper()
	l, err := net.Listen("tcp", tr.url[len("ws://"):len(tr.url)-1])
	if err != nil {
		t.Fatal(err)
	}
	tr.start(l)
}

// all returns the connections that are open.
func (tr *testTracker) all() []*testConn {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var all []*testConn
	for c := range tr.conns {
		all = append(all, c)
	}
	return all
}

func (tr *testTracker) set(f func()) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	f()
}

func (tr *testTracker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	ws.SetReadLimit(-1)
	c := &testConn{ws: ws, header: r.Header}
	tr.set(func() { tr.conns[c] = true })
	defer tr.set(func() { delete(tr.conns, c) })
	for {
		_, data, err := ws.Read(r.Context())
		if err != nil {
			return
		}
		var m trackerRequest
		if json.Unmarshal(data, &m) != nil {
			continue
		}
		m.raw, m.from = data, c
		tr.serve(m)
		select {
		case tr.received <- m:
		default:
		}
	}
}

func (tr *testTracker) serve(m trackerRequest) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if tr.mute {
		return
	}
	if tr.refuses != nil && tr.refuses(m.InfoHash) {
		m.from.send(map[string]any{"action": "announce", "info_hash": m.InfoHash, "failure reason": "not registered"})
		return
	}
	swarm := tr.swarms[m.InfoHash]
	if swarm == nil {
		swarm = make(map[string]*testConn)
		tr.swarms[m.InfoHash] = swarm
	}
	if m.Answer != nil {
		if to := swarm[m.ToPeerID]; to != nil {
			to.send(map[string]any{
				"action": "announce", "info_hash": m.InfoHash, "peer_id": m.PeerID, "offer_id": m.OfferID, "answer": m.Answer,
			})
		}
		return
	}
	swarm[m.PeerID] = m.from
	if m.Event == stopped {
		delete(swarm, m.PeerID)
	}
	m.from.send(map[string]any{
		"action": "announce", "info_hash": m.InfoHash, "interval": tr.interval, "complete": 3, "incomplete": len(swarm),
	})
	var others []*testConn
	for id, c := range swarm {
		if id != m.PeerID && c != m.from {
			others = append(others, c)
		}
	}
	for i, o := range m.Offers {
		if i < len(others) {
			others[i].send(map[string]any{
				"action": "announce", "info_hash": m.InfoHash, "peer_id": m.PeerID, "offer_id": o.OfferID, "offer": o.Offer,
			})
		}
	}
}

// expect waits for a message that matches.
func (tr *testTracker) expect(t testing.TB, what string, match func(trackerRequest) bool) trackerRequest {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case m := <-tr.received:
			if match(m) {
				return m
			}
		case <-timeout:
			t.Fatalf("the tracker did not receive %s", what)
		}
	}
}
