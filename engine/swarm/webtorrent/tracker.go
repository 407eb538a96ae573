package webtorrent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"wtptui/engine/swarm/serial"
)

// tracker is one WebSocket tracker, shared by all torrents. Its goroutine, run, connects, announces, and reconnects
// when the connection is lost. trackerState holds what others see and change of it.
type tracker struct {
	client      *Client
	url         string
	own         bool // see Tracker.Own
	ctx         context.Context
	cancel      context.CancelFunc
	wake        chan struct{} // notified when there may be something to send
	retry       chan struct{} // notified when the network may have changed
	lastMessage atomic.Int64  // when the last message arrived, in Unix nanoseconds
	messages    serial.Queue  // for send alone
}

// run runs the tracker. It ends when the tracker has had no torrents for a while or the client is closed.
func (t *tracker) run() {
	defer t.cancel()
	backoff := t.backoff(0)
	for {
		conn, remote, err := t.dial()
		if err == nil {
			at := time.Now()
			t.lastMessage.Store(at.UnixNano())
			t.update(func(_ *state, ts *trackerState) { ts.setConnected(conn, remote, at) })
			err = t.serve(conn)
			if time.Since(at) > min(backoff, t.client.times.ping) {
				backoff = t.backoff(0)
			}
		}
		wait := jitter(backoff)
		if errors.Is(err, errUnneeded) {
			err, wait = nil, 0
		}
		t.update(func(s *state, ts *trackerState) { s.setDisconnected(ts, err, time.Now().Add(wait)) })
		if err != nil {
			t.client.log.Debug("webtorrent: tracker lost", "url", t.url, "err", err, "retry", wait)
		}
		networkChanged := t.waitToReconnect(wait)
		removed := false
		t.update(func(s *state, ts *trackerState) { removed = s.removeIfUnneeded(ts) })
		if removed {
			return
		}
		backoff = t.backoff(backoff)
		if networkChanged {
			backoff = t.backoff(0)
		}
	}
}

// backoff returns how long to wait after a connection was lost or failed. last is the previous wait, 0 the first time.
func (t *tracker) backoff(last time.Duration) (next time.Duration) {
	t.update(func(_ *state, ts *trackerState) { next = min(max(2*last, ts.times.minBackoff), ts.times.maxBackoff) })
	return next
}

// jitter randomizes d by ±10 %, so that many clients do not act at the same time.
func jitter(d time.Duration) time.Duration {
	return d*9/10 + rand.N(d/5+1)
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
			unneeded := false
			t.update(func(_ *state, ts *trackerState) { unneeded = len(ts.entries) == 0 })
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
		wait, err := t.sendDue(conn, p)
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
	t.lastMessage.Store(time.Now().UnixNano())
	m, err := parseMessage(data)
	if err != nil {
		t.countMalformed(err)
		return
	}
	if m.failure != "" {
		t.client.log.Debug("webtorrent: tracker refuses", "url", t.url, "reason", m.failure)
	}
	switch {
	case m.offer != "":
		t.client.handleOffer(t, m)
	case m.answer != "":
		t.client.handleAnswer(t, m)
	default:
		t.update(func(s *state, ts *trackerState) { s.handleReply(ts, m) })
	}
}

func (t *tracker) countMalformed(err error) {
	t.update(func(s *state, ts *trackerState) {
		ts.malformed++
		s.counts.Malformed++
	})
	t.client.log.Debug("webtorrent: malformed message", "url", t.url, "err", err)
}

// isSilent reports whether the tracker has sent nothing for the ping interval.
func (t *tracker) isSilent() bool {
	return time.Since(time.Unix(0, t.lastMessage.Load())) >= t.client.times.ping
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

// send sends the message that next returns over the current connection, or nothing if next returns nil. Messages are
// sent one at a time, in the order in which their next was called.
func (t *tracker) send(next func() any) error {
	var err error
	t.messages.Run(func() {
		if v := next(); v != nil {
			err = t.write(v)
		}
	})
	return err
}

// write sends a message over the current connection.
func (t *tracker) write(v any) error {
	var conn *websocket.Conn
	t.update(func(_ *state, ts *trackerState) { conn = ts.conn })
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

// notifyRetry makes the tracker connect now, or check that it still is connected.
func (t *tracker) notifyRetry() {
	select {
	case t.retry <- struct{}{}:
	default:
	}
}
