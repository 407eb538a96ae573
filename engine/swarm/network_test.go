package swarm

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	peerstore "github.com/anacrolix/dht/v2/peer-store"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/swarm/dial"
)

func TestPeersAreDescribed(t *testing.T) {
	s := newSite(t, 16<<10, 32<<20) // which takes longer than all that is looked at meanwhile
	author := start(t, config(t))
	original := publish(t, author, s)
	cfg := config(t)
	cfg.Encryption = dial.Prefer
	cfg.Limits = engine.Limits{Down: 1 << 20}
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	connect(tor, author)
	var seed engine.Peer
	eventually(t, "the seed is described", func() bool {
		for _, p := range tor.Peers() {
			seed = p
			return p.DownRate > 0 && p.Client != "" && !p.PeerChoking
		}
		return false
	})
	isOtherVia := seed.Via != engine.TCP && seed.Via != engine.UTP
	if seed.Client != "wtptui" || seed.Incoming || seed.Source != "given" || seed.Done != 1 || isOtherVia ||
		!seed.Interested || seed.Choking || seed.PeerInterested || seed.Downloaded == 0 || seed.Since.IsZero() {
		t.Errorf("the seed is %+v", seed)
	}
	var leech engine.Peer
	eventually(t, "the leech is described", func() bool {
		for _, p := range original.Peers() {
			leech = p
			return p.UpRate > 0 && p.PeerInterested
		}
		return false
	})
	if !seed.Encrypted || !leech.Encrypted {
		t.Error("clients that prefer to be obfuscated are not")
	}
	if !leech.Incoming || leech.Source != "incoming" || leech.Done == 1 || leech.Interested || leech.Uploaded == 0 ||
		leech.Via != seed.Via {
		t.Errorf("the leech is %+v", leech)
	}
	st := tor.Stats()
	if st.Peers != 1 || st.Known < 1 {
		t.Errorf("stats %+v", st)
	}
	eventually(t, "a seed is counted", func() bool { return tor.Stats().Seeds == 1 })
	if p := tor.Pieces(); len(p.Copies) != 1 || p.Copies[0] != (engine.CopyRun{Copies: 1, Count: p.Count}) {
		t.Errorf("of %d pieces of a seed there are %+v", p.Count, p.Copies)
	}
	if on := c.Status(); !on.Online || on.PortOpen || on.DHTNodes != -1 {
		t.Errorf("status %+v", on)
	}
}

func TestDownloadOverUTPAlone(t *testing.T) {
	s := newSite(t, 16<<10, 500_000)
	author := start(t, config(t))
	publish(t, author, s)
	author.sockets.listeners[0].Close() // TCP
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash})
	connect(tor, author)
	ready(t, tor)
	via := engine.Via("")
	eventually(t, "connected", func() bool {
		for _, p := range tor.Peers() {
			via = p.Via
		}
		return via != ""
	})
	same(t, tor, s)
	if via != engine.UTP {
		t.Errorf("connected via %s", via)
	}
}

func TestLocalDiscovery(t *testing.T) {
	probe, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	group := net.JoinHostPort("239.192.152.143", itoa(probe.LocalAddr().(*net.UDPAddr).Port))
	probe.Close()
	s := newSite(t, 16<<10, 50_000)
	local := func() *Client {
		cfg := config(t)
		cfg.LSD, cfg.PeerHost = true, ""
		c, err := newClient(cfg, hooks{lsdGroups: []string{group}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if c.local == nil {
			t.Skip("no multicast here")
		}
		return c
	}
	publish(t, local(), s)
	tor := add(t, local(), Spec{Infohash: s.hash})
	ready(t, tor)
	same(t, tor, s)
}

func TestDownloadFoundByDHTAlone(t *testing.T) {
	s := newSite(t, 16<<10, 50_000)
	cfg := config(t)
	withDHT(t, &cfg, "127.0.0.1:1")
	author := start(t, cfg)
	publish(t, author, s)
	node := net.JoinHostPort("127.0.0.1", itoa(author.Status().Port))
	// A third node, since a node does not tell of itself.
	cfg = config(t)
	cfg.DHT, cfg.DHTBootstrap = true, []string{node}
	third := start(t, cfg)
	eventually(t, "the third has a node", func() bool { return third.Status().DHTNodes > 0 })
	author.torrents.get(rawHash(t, s.hash)).Announce()
	cfg = config(t)
	cfg.DHT, cfg.DHTBootstrap = true, []string{node, net.JoinHostPort("127.0.0.1", itoa(third.Status().Port))}
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash})
	ready(t, tor)
	same(t, tor, s)
}

func TestLimitsChangeWhileRunning(t *testing.T) {
	// Under the limit all of it would take two minutes.
	const size, limit, some = 32 << 20, 256 << 10, 512 << 10
	s := newSite(t, 16<<10, size)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	cfg.Limits = engine.Limits{Down: limit}
	c := start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	begin := time.Now()
	connect(tor, author)
	eventually(t, "some is here", func() bool { return tor.Stats().Completed >= some })
	// The burst passes at once, the rest at the limit.
	if d, least := time.Since(begin), time.Duration(some-limiterBurst)*time.Second/limit*8/10; d < least {
		t.Errorf("some came in %v, under a limit that allows it in %v", d, least)
	}
	c.SetLimits(engine.Limits{})
	eventually(t, "all is here, much sooner than under the limit", func() bool { return complete(tor) })
}

// Sites of one label share its limit from when they get it, and no other site does.
func TestLabelLimits(t *testing.T) {
	const size, limit = 1 << 20, 256 << 10
	author := start(t, config(t))
	c := start(t, config(t))
	c.SetLimits(engine.Limits{Label: "slow", Down: limit})
	var all [3]Torrent
	for i := range all {
		s := newSite(t, 16<<10, size+i)
		publish(t, author, s)
		all[i] = add(t, c, Spec{Infohash: s.hash, Info: s.info, Labels: []string{"slow"}, Paused: true})
	}
	all[2].SetLabels(nil)
	begin := time.Now()
	for _, tor := range all {
		tor.SetPaused(false)
		connect(tor, author)
	}
	eventually(t, "the one without the label is here", func() bool { return complete(all[2]) })
	if complete(all[0]) || complete(all[1]) {
		t.Error("sites with a limit are here as soon as one without")
	}
	eventually(t, "the others are as well", func() bool { return complete(all[0]) && complete(all[1]) })
	if d, least := time.Since(begin), time.Duration(2*size-limiterBurst)*time.Second/limit*8/10; d < least {
		t.Errorf("they came in %v, under a limit that allows it in %v", d, least)
	}
}

func TestDHTStoreIsBounded(t *testing.T) {
	now := time.Now()
	s := newDHTStore()
	s.now = func() time.Time { return now }
	peer := func(i int) krpc.NodeAddr {
		return krpc.NodeAddr{IP: net.IPv4(10, byte(i>>16), byte(i>>8), byte(i)), Port: 1 + i%60000}
	}
	for i := range 3 * maxDHTPeersPerHash {
		s.AddPeer(peerstore.InfoHash{1}, peer(i))
		s.AddPeer(peerstore.InfoHash{1}, peer(i))
	}
	if n := len(s.GetPeers(peerstore.InfoHash{1})); n != maxDHTPeersPerHash {
		t.Errorf("%d peers of one torrent are kept", n)
	}
	for i := range 2 * maxDHTHashes {
		s.AddPeer(peerstore.InfoHash{2, byte(i >> 8), byte(i)}, peer(i))
	}
	if n := len(s.peers); n > maxDHTHashes {
		t.Errorf("%d torrents are kept", n)
	}
	now = now.Add(dhtPeerTTL + time.Second)
	if n := len(s.GetPeers(peerstore.InfoHash{2, byte((2*maxDHTHashes - 1) >> 8), (2*maxDHTHashes - 1) & 0xff})); n != 0 {
		t.Errorf("%d peers are there for ever", n)
	}
	s.AddPeer(peerstore.InfoHash{3}, peer(1))
	if len(s.peers) != 1 || len(s.GetPeers(peerstore.InfoHash{3})) != 1 {
		t.Errorf("%d torrents are left when all but one expired", len(s.peers))
	}
}

// TestUnfinishedHandshakes: the number of connections without a handshake is bounded, and they end with the client.
func TestUnfinishedHandshakes(t *testing.T) {
	s := newSite(t, 16<<10, 10)
	c := start(t, config(t))
	publish(t, c, s)
	address := net.JoinHostPort("127.0.0.1", itoa(c.Status().Port))
	most := c.sockets.maxPerNetwork
	conns := make([]net.Conn, 3*most)
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	for i := range conns {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conns[i] = conn
	}
	pending := func() int {
		c.sockets.mu.Lock()
		defer c.sockets.mu.Unlock()
		return len(c.sockets.pending)
	}
	eventually(t, "some are kept", func() bool { return pending() == most })
	refused := 0
	for _, conn := range conns[most:] {
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := conn.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			refused++
		}
	}
	if refused != 2*most {
		t.Errorf("%d connections were refused, want %d", refused, 2*most)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if pending() != 0 {
		t.Error("handshakes are left")
	}
}

// TestConcurrentTorrents uses one client from many goroutines.
func TestConcurrentTorrents(t *testing.T) {
	tracker := newTracker(t)
	author, c := start(t, config(t, tracker.url())), start(t, config(t, tracker.url()))
	done := make(chan struct{}, 8)
	for i := range 8 {
		s := newSite(t, 16<<10, 30_000+i, 10)
		publish(t, author, s)
		go func() {
			defer func() { done <- struct{}{} }()
			for range 3 {
				tor, err := c.Add(Spec{Infohash: s.hash})
				if err != nil {
					t.Error(err)
					return
				}
				<-tor.Ready()
				tor.SetPaused(true)
				tor.SetPaused(false)
				tor.Announce()
				r, err := tor.Open(context.Background(), 0, engine.UrgencyDocument)
				if err != nil {
					t.Error(err)
					return
				}
				buf := make([]byte, 30_000+i)
				for n := 0; n < len(buf); {
					m, err := r.Read(buf[n:])
					if err != nil && n+m < len(buf) {
						t.Error(err)
						break
					}
					n += m
				}
				r.Close()
				if !bytes.Equal(buf, s.files[0]) {
					t.Error("a file differs")
				}
				_, _, _ = tor.Peers(), tor.Trackers(), tor.Pieces()
				tor.Drop()
				if err := c.Delete(s.hash); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	for range 8 {
		enginetest.Receive(t, done, "all of them")
	}
}

// TestTwoTorrentsOfOnePeer: both are connected, although the connections go to the same address.
func TestTwoTorrentsOfOnePeer(t *testing.T) {
	author, c := start(t, config(t)), start(t, config(t))
	a, b := newSite(t, 16<<10, 50_000), newSite(t, 16<<10, 60_000, 1)
	publish(t, author, a)
	publish(t, author, b)
	for _, s := range []*site{a, b} {
		tor := add(t, c, Spec{Infohash: s.hash})
		connect(tor, author)
		ready(t, tor)
		same(t, tor, s)
	}
}
