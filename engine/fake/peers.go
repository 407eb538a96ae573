package fake

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"wtptui/engine"
)

// updatePeers updates the peers, their rates and the counts of bytes for the time dt.
func (s *site) updatePeers(now time.Time, dt time.Duration) {
	if s.script.JustPublished && dt > 0 && s.maxPeers < s.script.Peers && s.pageRNG.Float64() < dt.Seconds()/3 {
		s.maxPeers++
	}
	s.Resting = s.Resting && s.canKeepResting()
	s.connectPeers(now)
	s.DownRate, s.UpRate, s.Seeds, s.WebPeers = 0, 0, 0, 0
	webSeeds := 0
	for i := range s.peers {
		p := &s.peers[i]
		p.Interested, p.DownRate = s.wantsFrom(p), s.downRate(p)
		p.PeerInterested, p.UpRate = p.Done < 1, s.upRate(p)
		p.Downloaded += int64(float64(p.DownRate) * dt.Seconds())
		p.Uploaded += int64(float64(p.UpRate) * dt.Seconds())
		if p.Done < 1 {
			p.Done = min(s.maxPeerDone(), p.Done+dt.Seconds()*s.peerSpeed())
		}
		s.DownRate += p.DownRate
		s.UpRate += p.UpRate
		if p.Done == 1 {
			s.Seeds++
		}
		if p.Via == engine.WebRTC {
			s.WebPeers++
			webSeeds += int(p.Done)
		}
	}
	s.upFraction += float64(s.UpRate) * dt.Seconds()
	s.Uploaded += int64(s.upFraction)
	s.upFraction -= float64(int64(s.upFraction))
	s.Peers = len(s.peers)
	s.KnownPeers = max(s.script.KnownPeers, s.Peers)
	s.countCopies(webSeeds)
}

// canKeepResting reports whether a resting site may stay so. A site that has joined its swarm again never returns to
// rest.
func (s *site) canKeepResting() bool {
	return s.State == engine.Seeding && !s.Checking && s.Enough > 0 && (s.Copies < 0 || s.Copies >= s.Enough)
}

// maxPeerDone returns the largest part of the site that a peer may have.
func (s *site) maxPeerDone() float64 {
	if s.script.LastCopy {
		return 0.95
	}
	return 1
}

// countCopies sets Copies, to two of five known peers, and WebCopies, to a third of these. In states without a swarm it
// changes nothing.
func (s *site) countCopies(webSeeds int) {
	switch {
	case s.State == engine.Resolving, s.State == engine.Metadata, s.State == engine.Found, s.State == engine.Failed:
	case s.script.LastCopy, s.script.Unseeded:
		s.Copies, s.WebCopies = 0, 0
	case s.KnownPeers > 0:
		s.Copies = max(s.Seeds, (2*s.KnownPeers+4)/5)
		s.WebCopies = max(webSeeds, s.Copies/3)
	}
}

// connectPeers sets the number of peers to that of the script if the site is in a swarm, and to none otherwise.
func (s *site) connectPeers(now time.Time) {
	want := s.maxPeers
	switch s.State {
	case engine.Resolving, engine.Paused, engine.Found, engine.Failed:
		want = 0
	case engine.Metadata, engine.Downloading, engine.Seeding:
		if s.Resting {
			want = 0
		}
	}
	if want == len(s.peers) {
		return
	}
	peers := make([]engine.Peer, 0, want)
	for i := range want {
		if i < len(s.peers) {
			peers = append(peers, s.peers[i])
			continue
		}
		p := newPeer(now, i, s.rng)
		p.Done = min(p.Done, s.maxPeerDone())
		if s.script.JustPublished {
			p.Since, p.Done, p.PeerChoking = engine.At(now), 0, false
		}
		peers = append(peers, p)
	}
	s.peers = peers
}

// peerSpeed returns the part of the site that each peer downloads in a second.
func (s *site) peerSpeed() float64 {
	if s.script.JustPublished {
		return 0.08
	}
	return 0.0002
}

func (s *site) wantsFrom(p *engine.Peer) bool {
	return s.State == engine.Downloading && !s.Checking && !s.script.Unseeded && p.Done > 0.5
}

// downRate returns a random rate around 60 kB/s for a peer from which we download; otherwise 0.
func (s *site) downRate(p *engine.Peer) int64 {
	if !p.Interested {
		return 0
	}
	return randomRate(s.rng, p.DownRate, 20_000, 260_000)
}

// upRate returns a random rate for an incomplete peer that does not choke us; otherwise 0.
func (s *site) upRate(p *engine.Peer) int64 {
	if p.Done == 1 || s.Completed == 0 || p.PeerChoking {
		return 0
	}
	return randomRate(s.rng, p.UpRate, 1_000, 30_000)
}

func randomRate(rng *rand.Rand, rate, low, high int64) int64 {
	if rate == 0 {
		return low + rng.Int64N((high-low)/3)
	}
	return min(max(rate+(rng.Int64N(high-low)-(high-low)/2)/12, low), high)
}

// newPeer returns a random peer with an address of the documentation ranges (RFC 5737, RFC 3849).
func newPeer(now time.Time, i int, rng *rand.Rand) engine.Peer {
	clients := []string{
		"qBittorrent 5.1.2", "Transmission 4.0.6", "wtptui 0.1", "WebTorrent 3.0", "libtorrent 2.0.8", "Deluge 2.1.1",
		"μTorrent 3.5.5",
	}
	p := engine.Peer{
		Client:    clients[rng.IntN(len(clients))],
		Via:       engine.TCP,
		Source:    []string{"tracker", "dht", "pex"}[rng.IntN(3)],
		Encrypted: rng.IntN(3) == 0,
		Since:     engine.At(now.Add(-time.Duration(rng.IntN(5400)) * time.Second)),
		Done:      1,
		// Uninterested peers choke us; some choke us although they need us.
		PeerChoking: rng.IntN(3) == 0,
	}
	a := netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + rng.IntN(250))})
	if i%3 == 1 {
		a = netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + rng.IntN(250))})
	}
	port := 1024 + rng.IntN(60000)
	switch {
	case p.Client == "WebTorrent 3.0":
		p.Via, p.Encrypted = engine.WebRTC, true
	case rng.IntN(3) == 0:
		p.Via = engine.UTP
	case rng.IntN(6) == 0:
		a = netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", 1+rng.IntN(0xfffe)))
	}
	p.Address = netip.AddrPortFrom(a, uint16(port)).String()
	if rng.IntN(2) == 0 {
		p.Done = float64(5+rng.IntN(90)) / 100
	}
	if rng.IntN(4) == 0 {
		p.Incoming, p.Source = true, "incoming"
	}
	return p
}

// inventTrackers returns three well-known trackers, one of which fails.
func inventTrackers(now time.Time, rng *rand.Rand) []engine.Tracker {
	last := now.Add(-time.Duration(30+rng.IntN(600)) * time.Second)
	next := now.Add(time.Duration(200+rng.IntN(1200)) * time.Second)
	return []engine.Tracker{
		{
			URL: "wss://tracker.openwebtorrent.com", Status: "working", Seeds: 3 + rng.IntN(20), Leechers: rng.IntN(9), Peers: 4,
			Last: engine.At(last), Next: engine.At(now.Add(2 * time.Minute)),
		},
		{
			URL: "udp://tracker.opentrackr.org:1337/announce", Status: "working", Seeds: 5 + rng.IntN(30),
			Leechers: rng.IntN(12),
			Peers:    17, Last: engine.At(last), Next: engine.At(next), Warning: "maintenance on Sunday",
		},
		{
			URL: "udp://explodie.org:6969/announce", Status: "failing", Seeds: -1, Leechers: -1, Last: engine.At(last),
			Next: engine.At(now.Add(90 * time.Second)), Error: "no answer in 15s",
		},
	}
}
