package swarm

import (
	"net"
	"slices"
	"sync/atomic"
	"time"

	"wtptui/engine"
)

// onlineFor is how long an answer from the network counts as being online.
const onlineFor = 3 * time.Minute

// onlineClock remembers when something out there answered last.
type onlineClock struct{ last atomic.Int64 }

func (o *onlineClock) answered() { o.last.Store(time.Now().UnixNano()) }

func (o *onlineClock) online() bool {
	last := o.last.Load()
	return last != 0 && time.Since(time.Unix(0, last)) < onlineFor
}

// Status is about the client as a whole. It is cheap.
func (c *Client) Status() Status {
	s := Status{Port: c.sockets.port, PortOpen: c.reception.inward.Load(), DHTNodes: -1}
	reached := false
	for _, t := range c.web.Status().Trackers {
		if t.Connected {
			s.WebTrackers++
			reached = reached || !t.Own
		}
	}
	s.Online = c.budget.open.Load() > 0 || reached || c.online.online()
	if c.cfg.DHT {
		s.DHTNodes = c.nodes.good()
	}
	s.Disk = engine.Disk{Free: c.guard.last.Load(), Needed: c.cfg.MinFree}
	s.AnnouncesWaiting = c.ann.Waiting()
	s.Warnings = slices.Clone(c.warnings)
	if low := c.guard.low.Load(); low != nil {
		s.Warnings = append(s.Warnings, low.Msg)
	}
	if !s.Online && c.network.absent.Load() && !c.cfg.staysHere() {
		s.Warnings = append(s.Warnings, noNetwork)
	}
	return s
}

// staysHere reports whether peers are only to come from this machine itself, which needs no network.
func (cfg *Config) staysHere() bool {
	ip := net.ParseIP(cfg.PeerHost)
	return ip != nil && ip.IsLoopback()
}
