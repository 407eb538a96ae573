package swarm

import (
	"crypto/rand"
	"errors"
	"fmt"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
)

const (
	userAgent = "wtptui"
	// peerIDPrefix identifies the client (BEP 20).
	peerIDPrefix = "-WP0100-"
	// maxPortTries is how many ports are tried, beginning with the configured one.
	maxPortTries = 20
	// limiterBurst is how many bytes may pass at once under a rate limit.
	limiterBurst = 256 << 10
	// maxDials is how many dials may be in progress.
	maxDials = 50
)

// SetLimits sets the rate limits of all torrents, or those of a label. They take effect at once.
func (c *Client) SetLimits(l engine.Limits) { c.rates.set(l) }

// SetMaxConns sets Config.MaxConns and Config.MaxConnsEach. Surplus connections are closed within seconds.
func (c *Client) SetMaxConns(total, each int) { c.budget.setLimits(total, each) }

// listen opens the sockets on the configured port or one of the next ones.
func (c *Client) listen() error {
	var err error
	for try := range maxPortTries {
		port := c.cfg.PeerPort
		if port != 0 {
			port += try
		}
		if port > 65535 {
			break
		}
		c.sockets, err = openSockets(c.cfg.PeerHost, port, handshakeLimit(c.budget.maxConns(), maxHandshakes), c.log)
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return opError("listen", engine.Conflict, fmt.Sprintf(
			"cannot listen for peers on port %d of %q: choose another peer port or address", c.cfg.PeerPort, c.cfg.PeerHost),
			err)
	}
	if c.cfg.PeerPort != 0 && c.sockets.port != c.cfg.PeerPort {
		c.warnings = append(c.warnings, fmt.Sprintf("port %d is taken, using %d for peers", c.cfg.PeerPort, c.sockets.port))
	}
	copy(c.peerID[:], peerIDPrefix)
	_, _ = rand.Read(c.peerID[len(peerIDPrefix):]) // never fails
	c.dialer = dial.New(dial.Config{
		Ways: c.sockets.dialWays(), MaxHalfOpen: handshakeLimit(c.budget.maxConns(), maxDials),
		Allowed: c.sockets.checkAddr, Encryption: c.cfg.Encryption,
	})
	c.webSeedTransport = newWebSeedTransport()
	return nil
}
