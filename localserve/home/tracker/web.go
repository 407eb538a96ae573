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

	"wtptui/localserve/places"

	"github.com/coder/websocket"
)

func asksForWebSocket(r *http.Request) bool {
	return r.ProtoMajor == 1 && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// webPeer is a peer at a WebSocket. swarms.mu guards it.
type webPeer struct {
	socket *socket
	id     [20]byte
	seed   bool
	seen   time.Time
	index  int // where in its swarm
}

// openSocket makes a WebSocket of a request. Pages of any origin may have one: they prove nothing by it, and nothing
// but the tracker is to be had there.
func (t *Tracker) openSocket(w http.ResponseWriter, r *http.Request, asked Asked) {
	if t.ctx.Err() != nil {
		http.Error(w, "the tracker ends", http.StatusServiceUnavailable)
		return
	}
	from := places.Network(asked.From)
	if !asked.own && !t.sockets.Acquire(from, 1) {
		t.refused.Add(1)
		w.Header().Set("Retry-After", "60")
		w.Header().Set("Connection", "close") // It keeps no place among visitors either.
		http.Error(w, "too many WebSockets are open", http.StatusTooManyRequests)
		return
	}
	give := func() {
		if !asked.own {
			t.sockets.Release(from, 1)
		}
	}
	s := newSocket(t, from, asked.own)
	var below net.Conn
	conn, err := websocket.Accept(thrifty{w, &below}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, OnPingReceived: func(context.Context, []byte) bool { return s.mayPing() },
	})
	if err != nil { // It has been answered.
		t.refused.Add(1)
		give()
		s.end()
		return
	}
	conn.SetReadLimit(-1) // Of what is too long no more is read than the bound.
	s.conn = conn
	// The request's goroutine ends: it holds all that was read of the request, and a stack that TLS has made large.
	if !t.begin(func() { defer give(); s.run(below) }) {
		give()
		s.end()
		_ = conn.CloseNow()
	}
}

// thrifty gives a connection that is hijacked small buffers: it has them for as long as a page is open, nearly always
// for nothing.
type thrifty struct {
	http.ResponseWriter

	below *net.Conn // the connection that TLS, if there is any, goes over
}

// bufferSize is that of each buffer, in bytes: what is read and written in large pieces goes past them.
const bufferSize = 512

// Hijack implements http.Hijacker.
func (w thrifty) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	*w.below = conn
	if secure, ok := conn.(*tls.Conn); ok {
		*w.below = secure.NetConn() // Its own Close would wait to be read.
	}
	n := rw.Reader.Buffered()
	begun, _ := rw.Reader.Peek(n) // So much is there.
	reader := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(begun), conn), max(bufferSize, n))
	_, _ = reader.Peek(n) // What the library finds in the buffer it keeps.
	return conn, bufio.NewReadWriter(reader, bufio.NewWriterSize(conn, bufferSize)), nil
}

// take takes a peer's message.
func (s *socket) take(data []byte) {
	m, err := parseMessage(data)
	switch {
	case err != nil:
		s.refuse(m.infohash, err.Error())
	case m.scrape:
		s.scrape(m.hashes)
	case !s.tracker.serves(m.infohash, s.own && m.event == stopped):
		s.send(webFailure{"announce", binaryString(m.infohash), notServed})
	case m.answer != "":
		s.passAnswer(m)
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
		n        tally
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
			n = sw.tally(true)
			return
		}
		if p, refusal = sw.atSocket(s, p, m); refusal != "" {
			return
		}
		n = sw.tally(true)
		partners = sw.partners(p, len(m.offers))
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
		p.socket.send(passedOn{
			Action: "announce", InfoHash: binaryString(m.infohash), PeerID: binaryString(m.peerID), OfferID: m.offers[i].id,
			Offer: &description{"offer", m.offers[i].sdp},
		})
	}
}

// atSocket notes that a peer is there, which may have been before; else it says why not. A peer's id belongs to the
// address that had it first: strangers know it.
func (sw *swarm) atSocket(s *socket, p *webPeer, m message) (_ *webPeer, refusal string) {
	if old := sw.byID[m.peerID]; old != nil && old != p {
		if !s.own && (old.socket.own || old.socket.network != s.network) {
			old.socket.probe() // It may have moved to another network: it can come again when the first socket is gone.
			return nil, "another peer has that peer_id"
		}
		sw.leaveWeb(old) // It is here again, on another socket; the first one may not know yet that it is gone.
	}
	switch {
	case p != nil:
		if m.event == completed && !p.seed && m.seed {
			sw.completed++
		}
		sw.webSeeds += one(m.seed) - one(p.seed)
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

// passAnswer passes an answer on to who has made the offer, if both are in the swarm.
func (s *socket) passAnswer(m message) {
	var to *webPeer
	s.tracker.swarms.with(m.infohash, func(sw *swarm) {
		if p := s.peers[m.infohash]; p != nil && p.id == m.peerID {
			to = sw.byID[m.to]
		}
	})
	if to == nil || to.socket == s {
		return // It is too late; the one who answers can do nothing about it.
	}
	to.socket.send(passedOn{
		Action: "announce", InfoHash: binaryString(m.infohash), PeerID: binaryString(m.peerID), OfferID: m.offerID,
		Answer: &description{"answer", m.answer},
	})
}

func (s *socket) scrape(hashes [][20]byte) {
	out := webScrape{"scrape", map[string]scraped{}}
	for _, h := range hashes {
		if n, ok := s.tracker.scrape(h, true); ok {
			out.Files[binaryString(h)] = n
		}
	}
	s.tracker.announces.Add(1)
	s.send(out)
}

// encode writes a message to a peer.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // It would make up to six bytes of one.
	if err := e.Encode(v); err != nil {
		panic("tracker: a message cannot be written: " + err.Error()) // It is made of strings and numbers.
	}
	return b.Bytes()
}
