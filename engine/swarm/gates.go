package swarm

import (
	"context"
	"net"
	"time"

	"github.com/anacrolix/torrent"

	"wtptui/engine/swarm/webtorrent"
)

// utpDelay is the start that TCP gets where both are dialed, as the library always does: without one half of all
// connections would be uTP, which is slower, and each time the other one would be thrown away.
const utpDelay = 500 * time.Millisecond

// gate is a listener that lets in as many as may come.
type gate struct {
	torrent.Listener
	sockets *sockets
}

// Accept implements torrent.Listener.
func (g gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if p := g.sockets.keep(c, true); p != nil {
			return p, nil
		}
		_ = c.Close()
	}
}

// webGate keeps the connections of browsers; the web torrent client bounds them itself.
type webGate struct {
	*webtorrent.Client
	sockets *sockets
}

// Accept implements torrent.Listener.
func (g webGate) Accept() (net.Conn, error) {
	for {
		c, err := g.Client.Accept()
		if err != nil {
			return nil, err
		}
		if p := g.sockets.keep(c, false); p != nil {
			return p, nil
		}
		_ = c.Close()
	}
}

// peerDialer is a torrent.Dialer whose dials end with the client.
type peerDialer struct {
	sockets *sockets
	network string
	delay   time.Duration
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

// Dial implements torrent.Dialer.
func (d peerDialer) Dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(d.sockets.ctx, cancel)
	defer stop()
	if d.delay > 0 {
		select {
		case <-time.After(d.delay):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	c, err := d.dial(ctx, d.network, address)
	if err != nil {
		return nil, err
	}
	if p := d.sockets.keep(c, false); p != nil {
		return p, nil
	}
	_ = c.Close()
	return nil, net.ErrClosed
}

// DialerNetwork implements torrent.Dialer.
func (d peerDialer) DialerNetwork() string { return d.network }
