package lsd

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// The groups of BEP 14.
const (
	Group4 = "239.192.152.143:6771"
	Group6 = "[ff15::efc0:988f]:6771"
)

const (
	announceInterval = 5 * time.Minute // BEP 14
	// minPacketInterval is the time between two packets, so that many torrents do not cause a burst.
	minPacketInterval = 100 * time.Millisecond
	// rescanInterval is how often the groups are joined on new interfaces.
	rescanInterval = time.Minute
)

// Config holds the settings of a Node.
type Config struct {
	// Port is the port for peers.
	Port uint16
	// Groups are the multicast groups, host:port; empty means those of BEP 14.
	Groups []string
	// Hashes returns the torrents to announce now. Private ones (BEP 27) must not be among them.
	Hashes func() [][20]byte
	// Found is called with each peer that announces a torrent, whether it is one of ours or not.
	Found  func(infohash [20]byte, peer netip.AddrPort)
	Logger *slog.Logger
}

// Node announces torrents and receives the announces of others.
type Node struct {
	cfg    Config
	cookie string
	conns  []conn
	cancel context.CancelFunc
	wg     sync.WaitGroup
	urgent chan [20]byte
}

// conn is the socket of one group.
type conn interface {
	net.PacketConn
	group() *net.UDPAddr
	// join joins the group on an interface. It returns an error if it has been joined there.
	join(*net.Interface) error
	// send sends to the group on one interface.
	send(b []byte, on *net.Interface) error
}

// New joins the groups on all interfaces that are up, loopback included. It returns an error if no group can be
// joined. The caller must Close the Node.
func New(cfg Config) (*Node, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if len(cfg.Groups) == 0 {
		cfg.Groups = []string{Group4, Group6}
	}
	n := &Node{cfg: cfg, cookie: rand.Text()[:8], urgent: make(chan [20]byte, 64)}
	var err error
	for _, g := range cfg.Groups {
		c, e := listen(g)
		if e != nil {
			err = errors.Join(err, e)
			continue
		}
		n.conns = append(n.conns, c)
	}
	if len(n.conns) == 0 {
		return nil, err
	}
	n.joinAll()
	var ctx context.Context
	ctx, n.cancel = context.WithCancel(context.Background())
	for _, c := range n.conns {
		n.wg.Go(func() { n.receive(c) })
	}
	n.wg.Go(func() { n.announce(ctx) })
	return n, nil
}

// Close leaves the groups and waits for all goroutines.
func (n *Node) Close() {
	n.cancel()
	for _, c := range n.conns {
		_ = c.Close()
	}
	n.wg.Wait()
}

// Announce announces a torrent soon, without waiting for the next interval.
func (n *Node) Announce(infohash [20]byte) {
	select {
	case n.urgent <- infohash:
	default: // The next interval announces it.
	}
}

// interfaces returns the interfaces that are up and support multicast.
func interfaces() []net.Interface {
	all, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var up []net.Interface
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&(net.FlagMulticast|net.FlagLoopback) != 0 {
			up = append(up, i)
		}
	}
	return up
}

func (n *Node) joinAll() {
	for _, i := range interfaces() {
		for _, c := range n.conns {
			_ = c.join(&i) // Fails if joined already, or if the interface lacks the address family.
		}
	}
}

func (n *Node) receive(c conn) {
	buf := make([]byte, 2*maxMessage)
	for {
		size, from, err := c.ReadFrom(buf)
		if err != nil {
			return // closed
		}
		m, ok := parse(buf[:size])
		a, isUDP := from.(*net.UDPAddr)
		if !ok || !isUDP || m.cookie == n.cookie {
			continue
		}
		ip := a.AddrPort().Addr().Unmap()
		for _, h := range m.hashes {
			n.cfg.Found(h, netip.AddrPortFrom(ip, m.port))
		}
	}
}

func (n *Node) announce(ctx context.Context) {
	round := time.NewTicker(announceInterval)
	scan := time.NewTicker(rescanInterval)
	defer round.Stop()
	defer scan.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-scan.C:
			n.joinAll()
		case h := <-n.urgent:
			n.send(ctx, n.collectUrgent(h))
		case <-round.C:
			n.send(ctx, n.cfg.Hashes())
		}
	}
}

// collectUrgent returns h and the other torrents that were passed to Announce.
func (n *Node) collectUrgent(h [20]byte) [][20]byte {
	hashes := [][20]byte{h}
	for len(hashes) < maxHashes {
		select {
		case h := <-n.urgent:
			hashes = append(hashes, h)
		default:
			return hashes
		}
	}
	return hashes
}

func (n *Node) send(ctx context.Context, hashes [][20]byte) {
	for len(hashes) > 0 {
		m := message{port: n.cfg.Port, hashes: hashes[:min(len(hashes), maxHashes)], cookie: n.cookie}
		hashes = hashes[len(m.hashes):]
		for _, i := range interfaces() {
			for _, c := range n.conns {
				if err := c.send(m.encode(c.group().String()), &i); err != nil {
					n.cfg.Logger.Debug("local announce", "on", i.Name, "err", err)
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(minPacketInterval):
		}
	}
}

// listen opens the socket of a group. Other programs on this host may listen on it, too.
func listen(group string) (conn, error) {
	addr, err := net.ResolveUDPAddr("udp", group)
	if err != nil {
		return nil, err
	}
	if addr.IP.To4() != nil {
		c, err := net.ListenMulticastUDP("udp4", nil, addr)
		if err != nil {
			return nil, err
		}
		p := ipv4.NewPacketConn(c)
		_ = p.SetMulticastLoopback(true)
		return &conn4{UDPConn: c, p: p, addr: addr}, nil
	}
	c, err := net.ListenMulticastUDP("udp6", nil, addr)
	if err != nil {
		return nil, err
	}
	p := ipv6.NewPacketConn(c)
	_ = p.SetMulticastLoopback(true)
	return &conn6{UDPConn: c, p: p, addr: addr}, nil
}

type conn4 struct {
	*net.UDPConn
	p    *ipv4.PacketConn
	addr *net.UDPAddr
}

func (c *conn4) group() *net.UDPAddr { return c.addr }

func (c *conn4) join(i *net.Interface) error { return c.p.JoinGroup(i, c.addr) }

func (c *conn4) send(b []byte, on *net.Interface) error {
	_, err := c.p.WriteTo(b, &ipv4.ControlMessage{IfIndex: on.Index}, c.addr)
	return err
}

type conn6 struct {
	*net.UDPConn
	p    *ipv6.PacketConn
	addr *net.UDPAddr
}

func (c *conn6) group() *net.UDPAddr { return c.addr }

func (c *conn6) join(i *net.Interface) error { return c.p.JoinGroup(i, c.addr) }

func (c *conn6) send(b []byte, on *net.Interface) error {
	_, err := c.p.WriteTo(b, &ipv6.ControlMessage{IfIndex: on.Index}, c.addr)
	return err
}
