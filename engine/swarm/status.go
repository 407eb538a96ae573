package swarm

import (
	"net"
	"slices"
	"sync/atomic"
	"time"

	"wtptui/engine"
)

// onlineTimeout is how long an answer from the network counts as being online.
const onlineTimeout = 3 * time.Minute

// onlineClock records when something on the network answered last.
type onlineClock struct{ last atomic.Int64 }

func (o *onlineClock) recordAnswer() { o.last.Store(time.Now().UnixNano()) }

func (o *onlineClock) isOnline() bool {
	last := o.last.Load()
	return last != 0 && time.Since(time.Unix(0, last)) < onlineTimeout
}

// Status returns the state of the whole client. It is cheap.
func (c *Client) Status() Status {
	s := Status{Port: c.sockets.port, PortOpen: c.acceptor.publicIncoming.Load(), DHTNodes: -1}
	reached := false
	for _, t := range c.web.Status().Trackers {
		if t.Connected {
			s.WebTrackers++
			reached = reached || !t.Own
		}
	}
	s.Online = c.budget.open.Load() > 0 || reached || c.online.isOnline()
	if c.cfg.DHT {
		s.DHTNodes = c.dhtNodes.countGood()
	}
	s.Disk = engine.Disk{Free: c.guard.lastFree.Load(), Needed: c.cfg.MinFree}
	s.AnnouncesWaiting = c.ann.Waiting()
	s.Warnings = slices.Clone(c.warnings)
	if low := c.guard.low.Load(); low != nil {
		s.Warnings = append(s.Warnings, low.Msg)
	}
	if !s.Online && c.network.isOffline.Load() && !c.cfg.isLoopbackOnly() {
		s.Warnings = append(s.Warnings, noNetwork)
	}
	return s
}

// isLoopbackOnly reports whether only peers on this machine can connect, which needs no network.
func (cfg *Config) isLoopbackOnly() bool {
	ip := net.ParseIP(cfg.PeerHost)
	return ip != nil && ip.IsLoopback()
}
