package swarm

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/anacrolix/torrent"
)

// utpDelay is the start that TCP gets where both are dialed, as the library always does: without one half of all
// connections would be uTP, which is slower, and each time the other one would be thrown away.
const utpDelay = 500 * time.Millisecond

// gate is a listener that keeps what comes, and lets in as many strangers as may shake hands at a time.
type gate struct {
	torrent.Listener
	sockets *sockets
	// greeted connections have said their handshake, and somebody else bounds them.
	greeted bool
}

// Accept implements torrent.Listener.
func (g gate) Accept() (net.Conn, error) {
	<-g.sockets.lent
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if p := g.sockets.keep(c, !g.greeted); p != nil {
			return p, nil
		}
		_ = c.Close()
	}
}

// peerDialer is a torrent.Dialer whose dials end with the client. Whatever made the library want to dial an address, it
// is dialed only if the filter of addresses allows it.
type peerDialer struct {
	sockets *sockets
	network string
	delay   time.Duration
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

// Dial implements torrent.Dialer.
func (d peerDialer) Dial(ctx context.Context, address string) (net.Conn, error) {
	peer, err := netip.ParseAddrPort(address)
	switch {
	case err != nil || !d.sockets.addresses.allows(peer):
		return nil, errStranger
	case d.sockets.offenders.isAddrBanned(peer.Addr().Unmap(), time.Now()):
		return nil, errLiars
	}
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
