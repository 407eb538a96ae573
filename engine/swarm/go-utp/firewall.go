package utp

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/anacrolix/utp"
)

// socket adds the firewall: the pure-Go implementation accepts first, so a refused peer is closed at once.
type socket struct {
	*utp.Socket
	options
	firewall atomic.Pointer[FirewallCallback]
	closed   atomic.Bool
}

func wrap(s *utp.Socket, opts []Option) *socket {
	w := &socket{Socket: s}
	for _, o := range opts {
		o(&w.options)
	}
	return w
}

func (s *socket) SetFirewallCallback(f FirewallCallback) { s.firewall.Store(&f) }

// Accept returns the next connection that the firewall lets in.
func (s *socket) Accept() (net.Conn, error) {
	for {
		c, err := s.Socket.Accept()
		if err != nil {
			return nil, err
		}
		f := s.firewall.Load()
		if f == nil || !(*f)(c.RemoteAddr()) {
			return c, nil
		}
		if s.logger != nil {
			s.logger.Debug("utp: refused a connection", "from", c.RemoteAddr())
		}
		_ = c.Close()
	}
}

// Close ends the socket with its connections and frees the port at once. Left to itself the implementation would wait
// for connections whose peers have gone, and leave whoever reads packets waiting for ever.
func (s *socket) Close() error {
	s.closed.Store(true)
	err := s.CloseNow()
	_ = s.SetReadDeadline(time.Unix(1, 0))
	return err
}

// ReadFrom returns the next packet that is not uTP's.
func (s *socket) ReadFrom(p []byte) (int, net.Addr, error) {
	n, from, err := s.Socket.ReadFrom(p)
	if err != nil && s.closed.Load() {
		err = net.ErrClosed
	}
	return n, from, err
}
