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

// tracker is one WebSocket tracker, shared by all torrents. Its goroutine, run, connects, announces, and reconnects
// when the connection is lost. Client.mu guards the mutable fields.
type tracker struct {
	client *Client
	url    string
	own    bool // see Tracker.Own
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // notified when there may be something to send
	retry  chan struct{} // notified when the network may have changed

	trusted         bool
	remoteAddr      netip.Addr          // of the connection
	entries         map[[20]byte]*entry // by infohash
	stoppedRequests []announceRequest   // of dropped torrents
	conn            *websocket.Conn     // nil if not connected
	err             error               // why it is not connected
	nextDial        time.Time           // when the next attempt is due
	lastMessage     time.Time           // when the last message arrived
	unusedSince     time.Time           // since when it has had no torrents, if it has none
	malformed       uint64
}

// run runs the tracker. It ends when the tracker has had no torrents for a while or the client is closed.
func (t *tracker) run() {
	defer t.cancel()
	backoff := t.backoff(0)
	for {
		conn, err := t.dial()
		if err == nil {
			t.handleConnected(conn)
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
		t.handleDisconnected(err, wait)
		networkChanged := t.waitToReconnect(wait)
		if t.removeIfUnneeded() {
			return
		}
		backoff = t.backoff(backoff)
		if networkChanged {
			backoff = t.backoff(0)
		}
	}
}

// times returns the intervals for this tracker. The caller must hold Client.mu, since a tracker may become trusted.
func (t *tracker) times() *times {
	if t.trusted {
		return t.client.trusted
	}
	return t.client.times
}

// backoff returns how long to wait after a connection was lost or failed. last is the previous wait, 0 the first time.
func (t *tracker) backoff(last time.Duration) time.Duration {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	return min(max(2*last, t.times().minBackoff), t.times().maxBackoff)
}

// jitter randomizes d by ±10 %, so that many clients do not act at the same time.
func jitter(d time.Duration) time.Duration {
	return d*9/10 + rand.N(d/5+1)
}

// handleConnected makes all torrents due: a tracker forgets those of a closed connection.
func (t *tracker) handleConnected(conn *websocket.Conn) {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	now := time.Now()
	t.conn, t.err, t.lastMessage, t.nextDial = conn, nil, now, time.Time{}
	for _, e := range t.entries {
		e.event, e.due, e.announced, e.awaitingReply = started, now, false, false
	}
}

// handleDisconnected records that there is no connection. It closes the links of offers that the tracker was to
// forward, since their answers cannot arrive any more.
func (t *tracker) handleDisconnected(err error, wait time.Duration) {
	c := t.client
	c.mu.Lock()
	defer c.mu.Unlock()
	t.conn, t.err, t.nextDial, t.stoppedRequests = nil, err, time.Now().Add(wait), nil
	if c.closed {
		t.cancel() // Torrents cannot be announced as stopped any more.
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

// removeIfUnneeded removes the tracker if it has no torrents, and reports whether it did.
func (t *tracker) removeIfUnneeded() bool {
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

// waitToReconnect waits before the next connection. It returns true if the wait was cut short because the network has
// changed.
func (t *tracker) waitToReconnect(d time.Duration) (networkChanged bool) {
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
			t.checkAlive(conn)
		case <-ping.C:
			if t.isSilent() {
				t.checkAlive(conn)
			}
		case <-t.wake:
		case <-timer.C:
		}
		wait, err := t.sendDue(p)
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

// errUnneeded ends a connection that is not needed any more.
var errUnneeded = errors.New("webtorrent: no torrents")

// read handles what the tracker sends until the connection is lost.
func (t *tracker) read(conn *websocket.Conn) error {
	conn.SetReadLimit(-1) // The library's limit would close the connection.
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

// readLimited appends what it reads from r to buf, up to one byte more than limit.
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

// handle handles one message. No message is fatal.
func (t *tracker) handle(data []byte) {
	t.client.mu.Lock()
	t.lastMessage = time.Now()
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
		t.handleReply(m)
	}
}

// handleReply handles the tracker's reply to an announce.
func (t *tracker) handleReply(m message) {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	e := t.entries[m.infohash]
	if e == nil {
		if m.failure != "" {
			t.client.log.Debug("webtorrent: tracker refuses", "url", t.url, "reason", m.failure)
		}
		return
	}
	waited := e.awaitingReply
	e.awaitingReply, e.failure, e.warning = false, m.failure, ""
	if m.failure != "" {
		if waited {
			e.handleRefusal()
		}
		return
	}
	e.refusals, e.warning = 0, m.warning
	if m.trackerID != "" && len(m.trackerID) <= maxOfferID {
		e.trackerID = m.trackerID
	}
	if m.seeds >= 0 || m.leechers >= 0 {
		e.seeds, e.leechers = m.seeds, m.leechers
		e.reportSeeds()
	}
	times := t.times()
	interval := times.silentInterval
	if m.interval > 0 {
		interval = m.interval
	}
	e.scheduleAfter(max(times.minInterval, min(jitter(interval), times.maxInterval)))
}

// handleRefusal handles a refusal of the torrent. It concerns this torrent alone: it waits longer each time, and its
// offers, which nobody receives, do not count against those of others. The caller must hold Client.mu.
func (e *entry) handleRefusal() {
	times := e.tracker.times()
	e.scheduleAfter(jitter(min(times.minInterval<<min(e.refusals, 16), times.refusedMax)))
	e.refusals++
	e.endOffers()
}

// scheduleAfter schedules the next announce after d from the last one, unless an event is due before. The caller must
// hold Client.mu.
func (e *entry) scheduleAfter(d time.Duration) {
	if e.event == update && !e.running {
		e.due = e.sent.Add(d)
		e.tracker.notify()
	}
}

func (t *tracker) countMalformed(err error) {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	t.malformed++
	t.client.counts.Malformed++
	t.client.log.Debug("webtorrent: malformed message", "url", t.url, "err", err)
}

// isSilent reports whether the tracker has sent nothing for the ping interval.
func (t *tracker) isSilent() bool {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	return time.Since(t.lastMessage) >= t.client.times.ping
}

// checkAlive pings the tracker, and closes the connection if there is no reply.
func (t *tracker) checkAlive(conn *websocket.Conn) {
	t.client.wg.Go(func() {
		ctx, cancel := context.WithTimeout(t.ctx, t.client.times.pong)
		defer cancel()
		if conn.Ping(ctx) != nil {
			_ = conn.CloseNow()
		}
	})
}

// send sends a message over the current connection.
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

// notify makes the tracker's goroutine check for something to send.
func (t *tracker) notify() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// isLocal reports whether the tracker is on loopback.
func (t *tracker) isLocal() bool {
	t.client.mu.Lock()
	defer t.client.mu.Unlock()
	return t.remoteAddr.IsLoopback()
}

// mayUseAddr reports whether a peer that was found through the tracker may be contacted at an address that it, or the
// tracker, has sent.
func (t *tracker) mayUseAddr(a netip.Addr) bool {
	t.client.mu.Lock()
	at := t.remoteAddr
	t.client.mu.Unlock()
	return t.client.cfg.MayReach(at, a)
}
