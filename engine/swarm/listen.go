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
	// peerIDPrefix tells other clients what we are (BEP 20).
	peerIDPrefix = "-WP0100-"
	// portTries is how many ports after the wished one are tried.
	portTries = 20
	// limiterBurst is how many bytes may pass at once under a rate limit.
	limiterBurst = 256 << 10
	// halfOpen is how many calls may be under way.
	halfOpen = 50
)

// SetLimits changes the transfer limits at once: those over all torrents, or those of a label.
func (c *Client) SetLimits(l engine.Limits) { c.rates.set(l) }

// SetMaxConns changes Config.MaxConns and Config.MaxConnsEach at once: what is over them is closed within seconds.
func (c *Client) SetMaxConns(most, each int) { c.budget.limit(most, each) }

// listen opens the sockets on the wished port or one of the next ones, and begins to meet peers.
func (c *Client) listen() error {
	var err error
	for try := range portTries {
		port := c.cfg.PeerPort
		if port != 0 {
			port += try
		}
		if port > 65535 {
			break
		}
		c.sockets, err = openSockets(c.cfg.PeerHost, port, handshakes(c.budget.total(), handshakesInAll), c.log)
		if !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return opError("listen", engine.Conflict, fmt.Sprintf(
			"cannot listen for peers on port %d of %q: choose another peer port or address", c.cfg.PeerPort, c.cfg.PeerHost), err)
	}
	if c.cfg.PeerPort != 0 && c.sockets.port != c.cfg.PeerPort {
		c.warnings = append(c.warnings, fmt.Sprintf("port %d is taken, using %d for peers", c.cfg.PeerPort, c.sockets.port))
	}
	copy(c.peerID[:], peerIDPrefix)
	_, _ = rand.Read(c.peerID[len(peerIDPrefix):]) // It never fails.
	c.caller = dial.New(dial.Config{
		Ways: c.sockets.ways(), MaxHalfOpen: handshakes(c.budget.total(), halfOpen),
		Allowed: c.sockets.allowed, Encryption: c.cfg.Encryption,
	})
	c.mirrors = mirrorTransport()
	return nil
}
