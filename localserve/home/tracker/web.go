package tracker

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"wtptui/localserve/limits"

	"github.com/coder/websocket"
)

func isWebSocketRequest(r *http.Request) bool {
	return r.ProtoMajor == 1 && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// webPeer is a peer with a WebSocket. swarms.mu guards it.
type webPeer struct {
	socket *socket
	id     [20]byte
	seed   bool
	seen   time.Time
	index  int // in its swarm
}

// openSocket upgrades a request to a WebSocket. Pages of any origin may open one: it carries no credentials, and only
// the tracker is available there.
func (t *Tracker) openSocket(w http.ResponseWriter, r *http.Request, asked Source) {
	if t.ctx.Err() != nil {
		http.Error(w, "the tracker ends", http.StatusServiceUnavailable)
		return
	}
	from := limits.Network(asked.Client)
	if !asked.own && !t.sockets.Acquire(from, 1) {
		t.refused.Add(1)
		w.Header().Set("Retry-After", "60")
		w.Header().Set("Connection", "close") // It must not occupy a visitor's connection either.
		http.Error(w, "too many WebSockets are open", http.StatusTooManyRequests)
		return
	}
	release := func() {
		if !asked.own {
			t.sockets.Release(from, 1)
		}
	}
	s := newSocket(t, from, asked.own)
	var rawConn net.Conn
	conn, err := websocket.Accept(smallBuffers{w, &rawConn}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, OnPingReceived: func(context.Context, []byte) bool { return s.allowPing() },
	})
	if err != nil { // Accept has sent a response.
		t.refused.Add(1)
		release()
		s.cancel()
		return
	}
	conn.SetReadLimit(-1) // receive limits the size of messages itself.
	s.conn = conn
	// The request's goroutine ends: it would keep everything that was read of the request, and a stack that TLS has
	// made large.
	if !t.start(func() { defer release(); s.run(rawConn) }) {
		release()
		s.cancel()
		_ = conn.CloseNow()
	}
}

// smallBuffers gives a hijacked connection small buffers: they exist as long as a page is open, nearly always unused.
type smallBuffers struct {
	http.ResponseWriter

	rawConn *net.Conn // the connection below TLS, if there is any
}

// bufferSize is the size of each buffer, in bytes: larger reads and writes bypass them.
const bufferSize = 512

// Hijack implements http.Hijacker.
func (w smallBuffers) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	*w.rawConn = conn
	if secure, ok := conn.(*tls.Conn); ok {
		*w.rawConn = secure.NetConn() // Close of a TLS connection would wait to send an alert.
	}
	n := rw.Reader.Buffered()
	begun, _ := rw.Reader.Peek(n) // These bytes are buffered, so there is no error.
	reader := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(begun), conn), max(bufferSize, n))
	_, _ = reader.Peek(n) // The library keeps what is buffered.
	return conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(conn, bufferSize)), nil
}

// handleMessage handles a message of a peer.
func (s *socket) handleMessage(data []byte) {
	m, err := parseMessage(data)
	switch {
	case err != nil:
		s.refuse(m.infohash, err.Error())
	case m.scrape:
		s.scrape(m.hashes)
	case !s.tracker.isServed(m.infohash, s.own && m.event == stopped):
		s.send(webFailure{"announce", binaryString(m.infohash), notServed})
	case m.answer != "":
		s.relayAnswer(m)
	default:
		s.announce(m)
	}
}

func (s *socket) refuse(infohash [20]byte, why string) {
	s.tracker.refused.Add(1)
	f := webFailure{Action: "announce", Failure: why}
	if infohash != [20]byte{} {
		f.InfoHash = binaryString(infohash)
	}
	s.send(f)
}

func (s *socket) announce(m message) {
	var (
		n        counts
		refusal  string
		partners []*webPeer
	)
	s.tracker.swarms.with(m.infohash, func(sw *swarm) {
		p := s.peers[m.infohash]
		if p != nil && (p.id != m.peerID || m.event == stopped) {
			sw.leaveWeb(p)
			p = nil
		}
		if m.event == stopped {
			n = sw.counts(true)
			return
		}
		if p, refusal = sw.updateWebPeer(s, p, m); refusal != "" {
			return
		}
		n = sw.counts(true)
		partners = sw.pickWebPeers(p, len(m.offers))
	})
	if refusal != "" {
		s.refuse(m.infohash, refusal)
		return
	}
	if !s.own {
		s.tracker.announces.Add(1)
	}
	s.send(webAnswer{"announce", binaryString(m.infohash), seconds(webInterval), n.seeds, n.leechers})
	for i, p := range partners {
		p.socket.send(relayedMessage{
			Action: "announce", InfoHash: binaryString(m.infohash), PeerID: binaryString(m.peerID), OfferID: m.offers[i].id,
			Offer: &description{"offer", m.offers[i].sdp},
		})
	}
}

// updateWebPeer adds a peer or updates it. refusal is the reason if it does not. A peer id belongs to the address that
// had it first, since other peers know it.
func (sw *swarm) updateWebPeer(s *socket, p *webPeer, m message) (_ *webPeer, refusal string) {
	if old := sw.byID[m.peerID]; old != nil && old != p {
		if !s.own && (old.socket.own || old.socket.network != s.network) {
			old.socket.probe() // If the peer has moved, it can announce again once that is closed.
			return nil, "another peer has that peer_id"
		}
		sw.leaveWeb(old) // The peer has a new socket; the first one may not have noticed that its connection is dead.
	}
	switch {
	case p != nil:
		if m.event == completed && !p.seed && m.seed {
			sw.completed++
		}
		sw.webSeeds += boolToInt(m.seed) - boolToInt(p.seed)
		p.seed, p.seen = m.seed, time.Now()
		return p, ""
	case len(s.peers) >= maxSwarmsOf:
		return nil, "too many torrents over one WebSocket"
	}
	p = &webPeer{socket: s, id: m.peerID, seed: m.seed, seen: time.Now()}
	if !sw.joinWeb(p) {
		return nil, "too many peers from your address"
	}
	return p, ""
}

// relayAnswer sends an answer to the peer that has made the offer, if both are in the swarm.
func (s *socket) relayAnswer(m message) {
	var to *webPeer
	s.tracker.swarms.with(m.infohash, func(sw *swarm) {
		if p := s.peers[m.infohash]; p != nil && p.id == m.peerID {
			to = sw.byID[m.toPeer]
		}
	})
	if to == nil || to.socket == s {
		return // It is too late; the answering peer can do nothing about it.
	}
	to.socket.send(relayedMessage{
		Action: "announce", InfoHash: binaryString(m.infohash), PeerID: binaryString(m.peerID), OfferID: m.offerID,
		Answer: &description{"answer", m.answer},
	})
}

func (s *socket) scrape(hashes [][20]byte) {
	out := webScrape{"scrape", map[string]scrapeEntry{}}
	for _, h := range hashes {
		if n, ok := s.tracker.scrape(h, true); ok {
			out.Files[binaryString(h)] = n
		}
	}
	s.tracker.announces.Add(1)
	s.send(out)
}

// encodeJSON encodes a message for a peer.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // It would make up to six bytes of one.
	if err := e.Encode(v); err != nil {
		panic("tracker: a message cannot be written: " + err.Error()) // It consists of strings and numbers.
	}
	return b.Bytes()
}
