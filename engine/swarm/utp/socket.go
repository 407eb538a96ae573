package utp

import (
	"net"
	"sync/atomic"
	"time"

	"github.com/anacrolix/utp"
)

// Socket is a uTP endpoint on one UDP port: it accepts, dials, and passes on packets that are not uTP (the DHT's).
type Socket struct {
	*utp.Socket
	closed atomic.Bool
}

// Listen listens on addr ("host:port"; port 0 picks one) of the UDP network given.
func Listen(network, addr string) (*Socket, error) {
	s, err := utp.NewSocket(network, addr)
	if err != nil {
		return nil, err
	}
	return &Socket{Socket: s}, nil
}

// New runs uTP over a packet connection that it then owns.
func New(pc net.PacketConn) (*Socket, error) {
	s, err := utp.NewSocketFromPacketConn(pc)
	if err != nil {
		return nil, err
	}
	return &Socket{Socket: s}, nil
}

// Close ends the socket with its connections and frees the port at once. Left to itself the implementation would wait
// for connections whose peers have gone, and leave whoever reads packets waiting for ever.
func (s *Socket) Close() error {
	s.closed.Store(true)
	err := s.CloseNow()
	_ = s.SetReadDeadline(time.Unix(1, 0))
	return err
}

// ReadFrom returns the next packet that is not uTP's.
func (s *Socket) ReadFrom(p []byte) (int, net.Addr, error) {
	n, from, err := s.Socket.ReadFrom(p)
	if err != nil && s.closed.Load() {
		err = net.ErrClosed
	}
	return n, from, err
}
