package tracker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"wtptui/localserve/places"

	"github.com/coder/websocket"
)

// Bounds on one socket, and on all of them.
const (
	smallMessage = 4 << 10 // bytes; announces without offers are shorter
	// A longer message is read into one of so many buffers of maxMessage, and one address has at most so many of them.
	longMessages     = 128
	longMessagesEach = 16
	fewLongMessages  = 2
	// fewSockets is how many an address may have once half of all places are taken.
	fewSockets = 8
	// readTime is how long a message may take from its first byte to its last.
	readTime  = 10 * time.Second
	writeTime = 10 * time.Second
	// closeTime is how long the other side may take to hear that its socket is closed, and pongTime to say that it is
	// there.
	closeTime = time.Second
	pongTime  = 5 * time.Second
	// silence is how long a socket may say nothing: somebody who is in a swarm announces.
	silence = 3 * webInterval
	// What waits to be sent on one socket, on all of one address, and on all, in bytes; more is dropped.
	maxQueued     = 128 << 10
	maxQueuedOwn  = 4 << 20
	maxQueuedEach = 4 << 20
	fewQueued     = 256 << 10 // for one address, once half of all waits
	maxQueuedAll  = 32 << 20
	// maxSwarmsOf is how many swarms a socket may be in.
	maxSwarmsOf = 4096
)

// budget is what all sockets share.
type budget struct {
	queued *places.Bounds // bytes that wait to be sent
	long   *places.Bounds // messages that are read into a long buffer
	small  sync.Pool
	large  sync.Pool
}

func newBudget() *budget {
	return &budget{
		queued: places.NewBounds(maxQueuedAll, maxQueuedEach, fewQueued),
		long:   places.NewBounds(longMessages, longMessagesEach, fewLongMessages),
		small:  sync.Pool{New: func() any { return new([smallMessage]byte) }},
		large:  sync.Pool{New: func() any { return new([maxMessage]byte) }},
	}
}

// socket is a WebSocket.
type socket struct {
	tracker *Tracker
	conn    *websocket.Conn
	network netip.Addr
	own     bool // this process's own engine's
	ctx     context.Context
	end     context.CancelFunc // ends the socket
	// peers are those that have announced here, by infohash. swarms.mu guards it.
	peers map[[20]byte]*webPeer
	// probed reports whether somebody looks whether the other side is still there.
	probed atomic.Bool

	mu      sync.Mutex
	queue   [][]byte
	queued  int // bytes
	writing bool
}

func newSocket(t *Tracker, from netip.Addr, own bool) *socket {
	s := &socket{tracker: t, network: from, own: own, peers: map[[20]byte]*webPeer{}}
	s.ctx, s.end = context.WithCancel(t.ctx)
	return s
}

// run handles what comes until the socket ends. The connection below it is closed then, whatever the library waits for:
// it would wait for the rest of a frame that never comes.
func (s *socket) run(below net.Conn) {
	stop := context.AfterFunc(s.ctx, func() { _ = below.Close() })
	defer stop()
	defer func() { _ = s.conn.CloseNow() }()
	defer s.end()
	defer s.tracker.swarms.leaveAll(s)
	deadline := time.AfterFunc(silence, s.end)
	defer deadline.Stop()
	for {
		status, err := s.receive(deadline)
		if status != 0 {
			deadline.Reset(closeTime)
			_ = s.conn.Close(status, err.Error())
		}
		if err != nil {
			return
		}
	}
}

var errTooLong = errors.New("a message is too long")

// receive handles the next message. With an error it returns the status to close with, or 0.
func (s *socket) receive(deadline *time.Timer) (websocket.StatusCode, error) {
	deadline.Reset(silence)
	_, r, err := s.conn.Reader(s.ctx)
	if err != nil {
		return 0, err
	}
	deadline.Reset(readTime)
	b := s.tracker.budget
	small := b.small.Get().(*[smallMessage]byte)
	defer b.small.Put(small)
	n, err := io.ReadFull(r, small[:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, s.handle(small[:n])
	}
	if err != nil {
		return 0, err
	}
	if !s.own {
		if err := s.pause(func() bool { return b.long.Acquire(s.network, 1) }); err != nil {
			return 0, err
		}
		defer b.long.Release(s.network, 1)
	}
	large := b.large.Get().(*[maxMessage]byte)
	defer b.large.Put(large)
	copy(large[:], small[:])
	m, err := io.ReadFull(r, large[n:])
	switch {
	case err == nil:
		return websocket.StatusMessageTooBig, errTooLong
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return 0, s.handle(large[:n+m])
	}
	return 0, err
}

// handle takes a message when its network may ask once more. It does so in a goroutine of its own: the stack that a
// message needs would else be the socket's for as long as that is open.
func (s *socket) handle(data []byte) error {
	cost := 1 + len(data)/costlyBytes
	err := s.pause(func() bool { return s.own || s.tracker.throttle.allow(s.network, cost, time.Now()) })
	if err == nil {
		done := make(chan struct{})
		go func() { defer close(done); s.take(data) }()
		<-done
	}
	return err
}

// pause waits until it may go on. Meanwhile nothing is read, and what the other side sends has to wait there.
func (s *socket) pause(mayGoOn func() bool) error {
	for !mayGoOn() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	return nil
}

// mayPing reports whether a ping is answered. A socket that sends too many of them ends.
func (s *socket) mayPing() bool {
	allowed := s.own || s.tracker.throttle.allow(s.network, 1, time.Now())
	if !allowed {
		s.end()
	}
	return allowed
}

// probe ends the socket if the other side is not there any more.
func (s *socket) probe() {
	if s.probed.Swap(true) {
		return
	}
	s.tracker.begin(func() {
		defer s.probed.Store(false)
		ctx, cancel := context.WithTimeout(s.ctx, pongTime)
		defer cancel()
		if s.conn.Ping(ctx) != nil {
			s.end()
		}
	})
}

// send queues a message, or drops it if too much waits already: whoever does not read misses something.
func (s *socket) send(v any) {
	data := encode(v)
	most := maxQueued
	if s.own {
		most = maxQueuedOwn
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || s.queued+len(data) > most {
		return
	}
	if !s.own && !s.tracker.budget.queued.Acquire(s.network, len(data)) {
		return
	}
	s.queue = append(s.queue, data)
	s.queued += len(data)
	if !s.writing {
		s.writing = s.tracker.begin(s.write)
	}
}

// write sends what is queued. It runs only while there is something, so that a silent socket costs one goroutine.
func (s *socket) write() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.queue, s.writing = nil, false
			s.mu.Unlock()
			return
		}
		data := s.queue[0]
		s.queue[0] = nil
		s.queue = s.queue[1:]
		s.mu.Unlock()

		ctx, cancel := context.WithTimeout(s.ctx, writeTime)
		err := s.conn.Write(ctx, websocket.MessageText, data)
		cancel()
		s.mu.Lock()
		s.queued -= len(data)
		s.mu.Unlock()
		if !s.own {
			s.tracker.budget.queued.Release(s.network, len(data))
		}
		if err != nil {
			s.end()
		}
	}
}
