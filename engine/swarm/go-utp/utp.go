// Package utp stands in for github.com/anacrolix/go-utp, whose pinned version the module proxy does not serve.
//
// It offers the eight symbols that github.com/anacrolix/torrent uses, over the pure-Go github.com/anacrolix/utp, so
// that the program builds with CGO_ENABLED=0 and speaks uTP (BEP 29) on every platform. Drop this module and the
// replace line in the parent go.mod as soon as the real one can be downloaded again.
package utp

import (
	"context"
	"log/slog"
	"net"

	"github.com/anacrolix/utp"
)

// Default names the implementation in the torrent library's errors.
const Default = "pure-go"

// FirewallCallback reports whether a connection attempt from addr is to be refused.
type FirewallCallback func(addr net.Addr) bool

// Socket is a uTP endpoint on one UDP port: it accepts, dials, and passes on packets that are not uTP (the DHT's).
type Socket interface {
	net.PacketConn
	Accept() (net.Conn, error)
	Addr() net.Addr
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	SetFirewallCallback(FirewallCallback)
}

// Option changes how a socket is made.
type Option func(*options)

type options struct{ logger *slog.Logger }

// WithLogger gives the socket a logger for refused connections.
func WithLogger(l *slog.Logger) Option {
	return func(o *options) { o.logger = l }
}

// NewSocket listens on addr ("host:port"; port 0 picks one) of the UDP network given.
func NewSocket(network, addr string, opts ...Option) (Socket, error) {
	s, err := utp.NewSocket(network, addr)
	if err != nil {
		return nil, err
	}
	return wrap(s, opts), nil
}

// NewSocketFromPacketConn runs uTP over a packet connection that it then owns.
func NewSocketFromPacketConn(pc net.PacketConn, opts ...Option) (Socket, error) {
	s, err := utp.NewSocketFromPacketConn(pc)
	if err != nil {
		return nil, err
	}
	return wrap(s, opts), nil
}
