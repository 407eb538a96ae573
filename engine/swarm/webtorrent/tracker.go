package webtorrent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/coder/websocket"
)

// tracker is one WebSocket tracker, which all torrents share. Its goroutine, run, connects, announces, and begins again
// when the connection is lost. Client.mu guards what changes.
type tracker struct {
	client *Client
	url    string
	own    bool // see Tracker.Own
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // there may be something to do
	retry  chan struct{} // the network has changed: do not trust the connection, do not wait to make one

	trusted   bool
	at        netip.Addr          // where the connection leads
	entries   map[[20]byte]*entry // by infohash
	farewells []announceRequest   // of torrents that were dropped
	conn      *websocket.Conn     // nil while there is none
	err       error               // why there is none
	redial    time.Time           // when the next will be tried
	heard     time.Time           // when something came last
	unused    time.Time           // since when it has had no torrents, if it has none
	malformed uint64
}

// run is the tracker's life. It ends when the tracker has had no torrents for a while or the client is closed.
func (t *tracker) run() {
	defer t.cancel()
	backoff := t.backoff(0)
	for {
		conn, err := t.dial()
		if err == nil {
			t.connected(conn)
			at := time.Now()
			err = t.serve(conn)
			if time.Since(at) > min(backoff, t.client.times.ping) {
				backoff = t.backoff(0)
			}
		}
		wait := jitter(backoff)
		if errors.Is(err, errUnneeded) {
			err, wait = nil, 0
		}
		t.disconnected(err, wait)
		hurried := t.sleep(wait)
		if t.retire() {
			return
		}
		backoff = t.backoff(backoff)
		if hurried {
			backoff = t.backoff(0)
		}
	}
}

// times are the waits at this tracker. It is called with Client.mu held, since a tracker may become trusted.
func (t *tracker) times() *times {
	if t.trusted {
		return t.client.trusted
	}
	return t.client.times
}

// backoff is how long to wait after a connection has been lost or was impossible, when the wait before was last; 0 the
// first time.
func (t *tracker) backoff(last time.Duration) time.Duration {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	return min(max(2*last, t.times().minBackoff), t.times().maxBackoff)
}

// jitter spreads what many clients would do at the same time.
func jitter(d time.Duration) time.Duration {
	return d*9/10 + rand.N(d/5+1)
}

// connected has every torrent announced anew: a tracker forgets those of a connection that is gone.
func (t *tracker) connected(conn *websocket.Conn) {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	now := time.Now()
	t.conn, t.err, t.heard, t.redial = conn, nil, now, time.Time{}
	for _, e := range t.entries {
		e.event, e.due, e.known, e.waiting = started, now, false, false
	}
}

// disconnected notes that there is no connection. Offers that the tracker was to pass on are void, since their answers
// cannot come any more.
func (t *tracker) disconnected(err error, wait time.Duration) {
	c := t.client
	c.mu.Lock()
	defer c.mu.Unlock()
	t.conn, t.err, t.redial, t.farewells = nil, err, time.Now().Add(wait), nil
	if c.closed {
		t.cancel() // There is nobody left to whom it could say that torrents have stopped.
	}
	for _, l := range c.links.offers {
		if l.tracker == t {
			l.end()
		}
	}
	if err != nil {
		c.log.Debug("webtorrent: tracker lost", "url", t.url, "err", err, "retry", wait)
	}
}

// retire ends the tracker's life if nobody needs it.
func (t *tracker) retire() bool {
	c := t.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed && len(t.entries) > 0 {
		return false
	}
	if c.trackers[t.url] == t {
		delete(c.trackers, t.url)
	}
	return true
}

// sleep waits before the next connection. It reports whether the wait was cut short because the network has changed.
func (t *tracker) sleep(d time.Duration) (hurried bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return false
		case <-t.retry:
			return true
		case <-t.ctx.Done():
			return false
		case <-t.wake:
			t.client.mu.Lock()
			unneeded := len(t.entries) == 0
			t.client.mu.Unlock()
			if unneeded {
				return false
			}
		}
	}
}

// serve announces until the connection is lost or not needed any more.
func (t *tracker) serve(conn *websocket.Conn) error {
	var readErr error
	lost := make(chan struct{})
	t.client.wg.Go(func() {
		defer close(lost)
		readErr = t.read(conn)
	})
	p := newPacer(t.client.times.pace)
	ping := time.NewTicker(t.client.times.ping)
	defer ping.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-lost:
			_ = conn.CloseNow()
			return readErr
		case <-t.retry:
			t.probe(conn)
		case <-ping.C:
			if t.silent() {
				t.probe(conn)
			}
		case <-t.wake:
		case <-timer.C:
		}
		wait, err := t.step(p)
		if errors.Is(err, errUnneeded) {
			_ = conn.Close(websocket.StatusNormalClosure, "")
		}
		if err != nil {
			_ = conn.CloseNow()
			<-lost
			return err
		}
		timer.Reset(wait)
	}
}

// errUnneeded ends a connection that has nothing to say any more.
var errUnneeded = errors.New("webtorrent: no torrents")

// read handles what the tracker sends until the connection is lost.
func (t *tracker) read(conn *websocket.Conn) error {
	conn.SetReadLimit(-1) // a limit of the library's would cost the connection
	buf := make([]byte, 0, 4<<10)
	for {
		_, r, err := conn.Reader(t.ctx)
		if err != nil {
			return err
		}
		if buf, err = readLimited(r, buf[:0], maxMessage); err != nil {
			return err
		}
		if len(buf) <= maxMessage {
			t.handle(buf)
			continue
		}
		t.countMalformed(fmt.Errorf("webtorrent: a message of more than %d bytes", maxMessage))
		n, err := io.Copy(io.Discard, io.LimitReader(r, maxDiscard))
		if err != nil {
			return err
		}
		if n == maxDiscard {
			return errors.New("webtorrent: the tracker's message does not end")
		}
	}
}

// readLimited appends to buf what r has, one byte more than limit at most.
func readLimited(r io.Reader, buf []byte, limit int) ([]byte, error) {
	for len(buf) <= limit {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), limit+1)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// handle takes one message. Nothing that a tracker says is fatal.
func (t *tracker) handle(data []byte) {
	t.client.mu.Lock()
	t.heard = time.Now()
	t.client.mu.Unlock()
	m, err := parseMessage(data)
	if err != nil {
		t.countMalformed(err)
		return
	}
	switch {
	case m.offer != "":
		t.client.handleOffer(t, m)
	case m.answer != "":
		t.client.handleAnswer(t, m)
	default:
		t.answered(m)
	}
}

// answered takes the tracker's answer to an announce.
func (t *tracker) answered(m message) {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	e := t.entries[m.infohash]
	if e == nil {
		if m.failure != "" {
			t.client.log.Debug("webtorrent: tracker refuses", "url", t.url, "reason", m.failure)
		}
		return
	}
	waited := e.waiting
	e.waiting, e.failure, e.warning = false, m.failure, ""
	if m.failure != "" {
		if waited {
			e.refused()
		}
		return
	}
	e.refusals, e.warning = 0, m.warning
	if m.trackerID != "" && len(m.trackerID) <= maxOfferID {
		e.trackerID = m.trackerID
	}
	if m.seeds >= 0 || m.leechers >= 0 {
		e.seeds, e.leechers = m.seeds, m.leechers
		e.count()
	}
	times := t.times()
	interval := times.silentInterval
	if m.interval > 0 {
		interval = m.interval
	}
	e.announceAfter(max(times.minInterval, min(jitter(interval), times.maxInterval)))
}

// refused notes that the tracker has refused the torrent. That is about this torrent alone: it waits longer each
// time, and its offers, which nobody will hear of, are not counted against those of others. It is called with
// Client.mu held.
func (e *entry) refused() {
	times := e.tracker.times()
	e.announceAfter(jitter(min(times.minInterval<<min(e.refusals, 16), times.refusedMax)))
	e.refusals++
	e.endOffers()
}

// announceAfter plans the next announce, from the last one, unless something else is to be told before. It is called
// with Client.mu held.
func (e *entry) announceAfter(d time.Duration) {
	if e.event == update && !e.running {
		e.due = e.sent.Add(d)
		e.tracker.poke()
	}
}

func (t *tracker) countMalformed(err error) {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	t.malformed++
	t.client.counts.Malformed++
	t.client.log.Debug("webtorrent: malformed message", "url", t.url, "err", err)
}

// silent reports whether the tracker has said nothing for a while.
func (t *tracker) silent() bool {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	return time.Since(t.heard) >= t.client.times.ping
}

// probe ends a connection whose other end does not answer.
func (t *tracker) probe(conn *websocket.Conn) {
	t.client.wg.Go(func() {
		ctx, cancel := context.WithTimeout(t.ctx, t.client.times.pong)
		defer cancel()
		if conn.Ping(ctx) != nil {
			_ = conn.CloseNow()
		}
	})
}

// send writes a message on the connection that is there now.
func (t *tracker) send(v any) error {
	t.client.mu.Lock()
	conn := t.conn
	t.client.mu.Unlock()
	if conn == nil {
		return errors.New("webtorrent: not connected to the tracker")
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("webtorrent: encode message: %w", err)
	}
	ctx, cancel := context.WithTimeout(t.ctx, t.client.times.write)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("webtorrent: send: %w", err)
	}
	return nil
}

// poke has the tracker look for something to do.
func (t *tracker) poke() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// isLocal reports whether the tracker is on loopback.
func (t *tracker) isLocal() bool {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	return t.at.IsLoopback()
}

// mayName reports whether a peer that the tracker has found may be looked for at an address, which is for either of
// them to say.
func (t *tracker) mayName(a netip.Addr) bool {
	t.client.mu.Lock()
	at := t.at
	t.client.mu.Unlock()
	return t.client.cfg.Reaches(at, a)
}
