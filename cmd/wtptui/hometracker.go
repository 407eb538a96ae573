package main

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/localserve/home/tracker"
)

// homeTracker is the tracker of the homes. It is made by listenTracker.
type homeTracker struct {
	tracker *tracker.Tracker
	udp     []net.PacketConn // listeners for announces over UDP
	// urls are its addresses, best first. aliases are further addresses of it.
	urls, aliases []string
	// isOpen reports whether it serves any torrent. Otherwise isKept reports which it serves; isKept is set when ready is
	// closed.
	isOpen bool
	isKept func(infohash [20]byte) bool
	ready  chan struct{}
}

// listenTracker creates the tracker of the homes, unless it is off, and opens its sockets. It answers nobody before
// setReady has told which sites are pinned.
func (n *node) listenTracker(h *homeSettings) (warnings []string, err error) {
	if h.Tracker == trackerOff {
		return nil, nil
	}
	t := &homeTracker{isOpen: h.Tracker == trackerOpen, ready: make(chan struct{})}
	if at := h.udpAddr(); at != noAddress {
		if t.udp, err = listenUDP(at); err != nil {
			err = homeListenError("announces over UDP", "--home-listen-udp", at, err)
			if h.ListenUDP != "" {
				return nil, err
			}
			warnings = append(warnings, engine.Message(err)+" (or none); the tracker does without UDP")
		}
	}
	udpPort, plainPort := "", "80"
	if len(t.udp) > 0 {
		udpPort = addrPort(t.udp[0].LocalAddr())
	}
	if n.public.plain != nil {
		plainPort = listenerPort(n.public.plain)
	}
	t.urls, t.aliases = trackerURLs(n.public.homes, udpPort, plainPort)
	t.tracker = tracker.New(tracker.Config{
		Serves: t.serves, Names: homeNames(n.public.homes), MaxSockets: maxTrackerSockets(), Log: n.log,
	})
	n.tracker = t
	n.onClose("home tracker", func(context.Context) error { return t.close() })
	return warnings, nil
}

// listenUDP opens a socket, or for the unspecified address one for each address family, so that a response leaves from
// the address to which the request came. It skips a family that the machine lacks.
func listenUDP(address string) ([]net.PacketConn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); host != "" && (err != nil || !ip.IsUnspecified()) {
		one, err := net.ListenPacket("udp", address)
		if err != nil {
			return nil, err
		}
		return []net.PacketConn{one}, nil
	}
	var open []net.PacketConn
	var missing error
	for _, network := range []string{"udp4", "udp6"} {
		one, err := net.ListenPacket(network, ":"+port)
		switch {
		case err == nil:
			open = append(open, one)
			port = addrPort(one.LocalAddr()) // Both families use the same port, if any port will do.
		case isUnavailable(network):
			missing = err
		default:
			closeSockets(open)
			return nil, err
		}
	}
	if len(open) == 0 {
		return nil, missing
	}
	return open, nil
}

// isUnavailable reports whether the machine cannot listen in a network.
func isUnavailable(network string) bool {
	conn, err := net.ListenPacket(network, ":0")
	if err == nil {
		conn.Close()
	}
	return err != nil
}

func closeSockets(sockets []net.PacketConn) {
	for _, s := range sockets {
		s.Close()
	}
}

func addrPort(a net.Addr) string {
	_, port, _ := net.SplitHostPort(a.String()) // A UDP socket's address has this form.
	return port
}

// trackerURLs returns the announce URLs of the tracker at the first home, best first, and its aliases: plain HTTP,
// which others should not use, and the URLs at the other homes. An empty udpPort means no UDP.
func trackerURLs(homes []engine.Home, udpPort, plainPort string) (urls, others []string) {
	for i, h := range homes {
		at := strings.TrimPrefix(h.URL, "http") + "announce" // "s://…", or without TLS "://…"
		own := []string{"ws" + at}
		if udpPort != "" {
			own = append(own, "udp://"+net.JoinHostPort(h.Name, udpPort)+"/announce")
		}
		own = append(own, "http"+at)
		if i == 0 {
			urls = own
		} else {
			others = append(others, own...)
		}
		plain := h.Name
		if plainPort != "80" {
			plain = net.JoinHostPort(h.Name, plainPort)
		}
		for _, u := range []string{"http://" + plain + "/announce", "ws://" + plain + "/announce"} {
			if !slices.Contains(urls, u) {
				others = append(others, u)
			}
		}
	}
	return urls, others
}

// maxTrackerSockets returns the number of WebSockets for the tracker: see maxVisitorConnections.
func maxTrackerSockets() int { return min(max(swarm.OpenFileLimit()/4, 16), 8192) }

func (t *homeTracker) serves(infohash [20]byte) bool { return t.isOpen || t.isKept(infohash) }

// ownTracker returns the tracker for this process's own engine; nil if there is none.
func (t *homeTracker) ownTracker() *swarm.OwnTracker {
	if t == nil {
		return nil
	}
	own := &swarm.OwnTracker{Aliases: t.aliases, Open: t.isOpen, Dial: t.dial}
	for _, u := range t.urls {
		if strings.HasPrefix(u, "udp:") {
			own.Aliases = append(own.Aliases, u)
		} else {
			own.URLs = append(own.URLs, u)
		}
	}
	return own
}

// dial connects this process's own engine to the tracker. The engine may announce as soon as it has a torrent, so dial
// waits for setReady.
func (t *homeTracker) dial(ctx context.Context) (net.Conn, error) {
	select {
	case <-t.ready:
		return t.tracker.Dial(ctx)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// setReady sets how the tracker finds out which torrents are of pinned sites, and lets the engine of this process
// announce.
func (t *homeTracker) setReady(isKept func(infohash [20]byte) bool) {
	if t != nil {
		t.isKept = isKept
		close(t.ready)
	}
}

// startTracker starts the tracker over UDP, and returns it for announces over HTTP; nil if there is none.
func (n *node) startTracker() *tracker.Tracker {
	t := n.tracker
	if t == nil {
		return nil
	}
	for _, socket := range t.udp {
		n.runServer("home tracker, "+socket.LocalAddr().String(), func() error { return t.tracker.ServeUDP(socket) },
			func(context.Context) error { return t.close() })
	}
	n.log.Info("home tracker", "urls", strings.Join(t.urls, " "), "open", t.isOpen)
	return t.tracker
}

// close closes the tracker, its sockets and its WebSockets. It may be called repeatedly, and without a tracker.
func (t *homeTracker) close() error {
	if t == nil {
		return nil
	}
	err := t.tracker.Close()
	closeSockets(t.udp)
	return err
}

// status returns the current state of the tracker, which is empty if there is none.
func (t *homeTracker) status() engine.HomeTracker {
	if t == nil {
		return engine.HomeTracker{}
	}
	s := t.tracker.Stats()
	return engine.HomeTracker{
		URLs: t.urls, Open: t.isOpen, Swarms: s.Swarms, Peers: s.Peers, WebPeers: s.WebPeers, Sockets: s.Sockets,
		Announces: s.Announces, Refused: s.Refused,
	}
}
