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

	"wtptui/localserve/limits"

	"github.com/coder/websocket"
)

// Limits for one socket, and for all of them.
const (
	smallMessage = 4 << 10 // bytes; announces without offers are shorter
	// A longer message is read into one of this many buffers of maxMessage bytes; an address has a limited number of
	// them.
	longMessages     = 128
	longMessagesEach = 16
	fewLongMessages  = 2
	// fewSockets is the limit of an address once half of all sockets are in use.
	fewSockets = 8
	// readTimeout is how long a message may take from its first byte to its last.
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	// closeTimeout is how long to wait for the peer's close frame, and pongTimeout for its pong.
	closeTimeout = time.Second
	pongTimeout  = 5 * time.Second
	// silenceTimeout is how long a socket may send nothing: a peer in a swarm announces.
	silenceTimeout = 3 * webInterval
	// How much may be queued for one socket, for all sockets of one address, and for all, in bytes; more is dropped.
	maxQueued     = 128 << 10
	maxQueuedOwn  = 4 << 20
	maxQueuedEach = 4 << 20
	fewQueued     = 256 << 10 // for one address, once half of all is in use
	maxQueuedAll  = 32 << 20
	// maxSwarmsOf is how many swarms a socket may be in.
	maxSwarmsOf = 4096
)

// budget holds the limits and buffers that all sockets share.
type budget struct {
	queued    *limits.NetworkLimiter // queued bytes
	longReads *limits.NetworkLimiter // messages that are read into a large buffer
	small     sync.Pool
	large     sync.Pool
}

func newBudget() *budget {
	return &budget{
		queued:    limits.NewNetworkLimiter(maxQueuedAll, maxQueuedEach, fewQueued),
		longReads: limits.NewNetworkLimiter(longMessages, longMessagesEach, fewLongMessages),
		small:     sync.Pool{New: func() any { return new([smallMessage]byte) }},
		large:     sync.Pool{New: func() any { return new([maxMessage]byte) }},
	}
}

// socket is the WebSocket of one or more peers.
type socket struct {
	tracker *Tracker
	conn    *websocket.Conn
	network netip.Addr
	own     bool // of this process's own engine
	ctx     context.Context
	cancel  context.CancelFunc // closes the socket
	// peers are the peers that have announced over this socket, by infohash. swarms.mu guards it.
	peers map[[20]byte]*webPeer
	// probing reports whether a ping is under way.
	probing atomic.Bool

	mu      sync.Mutex
	queue   [][]byte
	queued  int // bytes
	writing bool
}

func newSocket(t *Tracker, from netip.Addr, own bool) *socket {
	s := &socket{tracker: t, network: from, own: own, peers: map[[20]byte]*webPeer{}}
	s.ctx, s.cancel = context.WithCancel(t.ctx)
	return s
}

// run handles messages until the socket ends. Then it closes the underlying connection, since the library would wait
// for the rest of an incomplete frame.
func (s *socket) run(rawConn net.Conn) {
	stop := context.AfterFunc(s.ctx, func() { _ = rawConn.Close() })
	defer stop()
	defer func() { _ = s.conn.CloseNow() }()
	defer s.cancel()
	defer s.tracker.swarms.leaveAll(s)
	deadline := time.AfterFunc(silenceTimeout, s.cancel)
	defer deadline.Stop()
	for {
		status, err := s.receive(deadline)
		if status != 0 {
			deadline.Reset(closeTimeout)
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
	deadline.Reset(silenceTimeout)
	_, r, err := s.conn.Reader(s.ctx)
	if err != nil {
		return 0, err
	}
	deadline.Reset(readTimeout)
	b := s.tracker.budget
	small := b.small.Get().(*[smallMessage]byte)
	defer b.small.Put(small)
	n, err := io.ReadFull(r, small[:])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, s.handleThrottled(small[:n])
	}
	if err != nil {
		return 0, err
	}
	if !s.own {
		if err := s.waitUntil(func() bool { return b.longReads.Acquire(s.network, 1) }); err != nil {
			return 0, err
		}
		defer b.longReads.Release(s.network, 1)
	}
	large := b.large.Get().(*[maxMessage]byte)
	defer b.large.Put(large)
	copy(large[:], small[:])
	m, err := io.ReadFull(r, large[n:])
	switch {
	case err == nil:
		return websocket.StatusMessageTooBig, errTooLong
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return 0, s.handleThrottled(large[:n+m])
	}
	return 0, err
}

// handleThrottled handles a message when the rate limit of its network permits. It does so in a new goroutine:
// otherwise the stack that a message needs would stay allocated as long as the socket is open.
func (s *socket) handleThrottled(data []byte) error {
	cost := 1 + len(data)/costlyBytes
	err := s.waitUntil(func() bool { return s.own || s.tracker.throttle.allow(s.network, cost, time.Now()) })
	if err == nil {
		done := make(chan struct{})
		go func() { defer close(done); s.handleMessage(data) }()
		<-done
	}
	return err
}

// waitUntil polls ready until it returns true. Meanwhile nothing is read, so the peer's messages wait at its side.
func (s *socket) waitUntil(ready func() bool) error {
	for !ready() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
	return nil
}

// allowPing reports whether a ping is answered. A socket that sends too many pings is closed.
func (s *socket) allowPing() bool {
	allowed := s.own || s.tracker.throttle.allow(s.network, 1, time.Now())
	if !allowed {
		s.cancel()
	}
	return allowed
}

// probe closes the socket if the peer does not answer a ping.
func (s *socket) probe() {
	if s.probing.Swap(true) {
		return
	}
	s.tracker.start(func() {
		defer s.probing.Store(false)
		ctx, cancel := context.WithTimeout(s.ctx, pongTimeout)
		defer cancel()
		if s.conn.Ping(ctx) != nil {
			s.cancel()
		}
	})
}

// send queues a message. It drops the message if too much is queued already.
func (s *socket) send(v any) {
	data := encodeJSON(v)
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
		s.writing = s.tracker.start(s.write)
	}
}

// write sends what is queued. It runs only while the queue is not empty, so that an idle socket costs one goroutine.
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

		ctx, cancel := context.WithTimeout(s.ctx, writeTimeout)
		err := s.conn.Write(ctx, websocket.MessageText, data)
		cancel()
		s.mu.Lock()
		s.queued -= len(data)
		s.mu.Unlock()
		if !s.own {
			s.tracker.budget.queued.Release(s.network, len(data))
		}
		if err != nil {
			s.cancel()
		}
	}
}
