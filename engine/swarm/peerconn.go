package swarm

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// peerConn is a connection that is known until it is closed. It looks at the first byte that goes over it: a BitTorrent
// handshake begins with the length of the protocol's name, an obfuscated one with anything.
type peerConn struct {
	net.Conn
	sockets  *sockets
	origin   netip.Prefix
	key      connKey
	first    atomic.Int32
	used     bool
	once     sync.Once
	backlog  backlog
	throttle throttle
	done     chan struct{} // closed by Close
	// readSome is called after a Read that has emptied the socket, written after each Write. Either may be nil.
	readSome, written func()
}

const (
	plain      = 1
	obfuscated = 2
	nameLength = 19 // of "BitTorrent protocol"
)

func (p *peerConn) sniff(b []byte) {
	if len(b) == 0 || p.first.Load() != 0 {
		return
	}
	kind := int32(obfuscated)
	if b[0] == nameLength && (len(b) < 2 || b[1] == 'B') {
		kind = plain
	}
	p.first.Store(kind)
}

// Read implements net.Conn.
func (p *peerConn) Read(b []byte) (int, error) {
	if d := p.throttle.pause(time.Now()); d > 0 {
		select {
		case <-time.After(d):
		case <-p.done:
		}
		b = b[:min(len(b), pausedRead)]
	}
	n, err := p.Conn.Read(b)
	p.sniff(b[:n])
	if n < len(b) && p.readSome != nil {
		p.readSome()
	}
	return n, err
}

// Write implements net.Conn. It has no errors: what goes wrong ends the connection, which the next Read tells. The library
// would take a failed Write for the end of a peer that it goes on counting until it reads; see connections.hangUp.
func (p *peerConn) Write(b []byte) (int, error) {
	p.sniff(b)
	p.backlog.begin(len(b), time.Now())
	for chunk := range slices.Chunk(b, writeChunk) {
		if _, err := p.Conn.Write(chunk); err != nil {
			_ = p.Close()
			break
		}
		p.backlog.progress(time.Now())
	}
	p.backlog.end()
	p.throttle.moved(len(b))
	if p.written != nil {
		p.written()
	}
	return len(b), nil
}

// SetDeadline implements net.Conn. It has no errors, on which the library would panic: a connection that was closed
// meanwhile fails soon enough when it is used.
func (p *peerConn) SetDeadline(t time.Time) error {
	_ = p.Conn.SetDeadline(t)
	return nil
}

// Close implements net.Conn.
func (p *peerConn) Close() error {
	p.once.Do(func() {
		close(p.done)
		p.sockets.mu.Lock()
		defer p.sockets.mu.Unlock()
		p.sockets.remove(p)
		p.backlog.close()
	})
	return p.Conn.Close()
}
