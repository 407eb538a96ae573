package webtorrent

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"wtptui/engine/swarm/publicnet"
)

// Config holds the settings of a Client. All fields but PeerID may be zero.
type Config struct {
	// PeerID is the torrent client's id.
	PeerID [20]byte
	// Reserved holds the reserved bytes of the torrent client's handshake (BEP 3, BEP 4).
	Reserved [8]byte
	// UserAgent is the HTTP User-Agent sent to trackers.
	UserAgent string
	// ICEServers are used to connect to peers behind NATs.
	ICEServers []ICEServer
	// Dial connects to configured trackers, and DialForeign to those that torrents name. By default they connect to
	// any address, and to public addresses only.
	Dial, DialForeign func(ctx context.Context, network, address string) (net.Conn, error)
	// DialOwn connects to the tracker in this process; nil if there is none.
	DialOwn func(ctx context.Context) (net.Conn, error)
	// MinInterval is the shortest time between two regular announces of a torrent to a trusted tracker; 0 means 30 s.
	// Shorter intervals also shorten the other waits at such a tracker. Other trackers are announced to at most every
	// 30 s.
	MinInterval time.Duration
	// IsConnected reports whether a peer is connected in some other way; such a peer is not connected again. It must
	// not block.
	IsConnected func(infohash, peerID [20]byte) bool
	// MayReach reports whether a peer may be contacted at target (RFC 8839) if a tracker at origin has sent the
	// address; nil means publicnet.Reaches. It must not block.
	MayReach func(origin, target netip.Addr) bool
	// MaxPeers limits the connections of all torrents, MaxPeersEach those of one; 0 means 200 and 50.
	MaxPeers, MaxPeersEach int
	// MaxOffers limits the unanswered offers, each of which holds a few sockets; 0 means 64.
	MaxOffers int
	Logger    *slog.Logger

	// times may be changed by this package's tests.
	times *times
}

// ICEServer is a STUN or TURN server (RFC 8489, RFC 8656).
type ICEServer struct {
	// URL is as in RFC 7064 and RFC 7065: "stun:host:port", "turn:host:port?transport=udp".
	URL string
	// Username and Password are for TURN.
	Username, Password string
}

// Tracker is one announce URL.
type Tracker struct {
	// URL begins with ws:// or wss://.
	URL string
	// Trusted trackers were configured by the user and may have any address. Others are reached with
	// Config.DialForeign.
	Trusted bool
	// Own marks the tracker in this process. It is trusted, and reached with Config.DialOwn, without TLS whatever the
	// URL's scheme.
	Own bool
}

// Limits of what untrusted parties send.
const (
	maxMessage    = 64 << 10  // bytes of a tracker's message that are read
	maxDiscard    = 1 << 20   // bytes of a longer one that are skipped before the connection is closed
	maxSDP        = 16 << 10  // bytes of an offer or answer
	maxCandidates = 24        // addresses that one of them may name
	maxNames      = 4         // of them by mDNS name
	maxOfferID    = 128       // bytes of an offer's id, which has 20 in practice
	maxReceived   = 256 << 10 // bytes of one data channel message, as in Chromium
	maxForeign    = 16        // foreign trackers of one torrent
	maxRedirects  = 5         // of a tracker, before it is given up
)

// maxOffersEach is the maximum number of offers of one announce.
const maxOffersEach = 10

// times holds all intervals and timeouts of this package.
type times struct {
	minInterval, maxInterval time.Duration // what a tracker may ask for
	silentInterval           time.Duration // if it asks for none
	refusedMax               time.Duration // while it refuses a torrent; the wait doubles from minInterval up to this
	minGap                   time.Duration // between two announces of a torrent, for whatever reason
	pace                     time.Duration // between the announces of many torrents
	answer                   time.Duration // how long a tracker may take to respond before its status says so
	dial                     time.Duration
	write                    time.Duration
	minBackoff, maxBackoff   time.Duration
	ping                     time.Duration // how long a tracker may be silent before it is pinged
	pong                     time.Duration
	linger                   time.Duration // how long the connection to a tracker without torrents is kept
	closeTimeout             time.Duration // how long Close announces that torrents have stopped
	gather                   time.Duration // how long an offer or answer waits for our addresses
	resolve                  time.Duration // how long an mDNS name is queried
	unanswered               time.Duration // life of an offer
	open                     time.Duration // from the answer to the open channel
	handshake                time.Duration // from the open channel to the other side's handshake
	idle                     time.Duration // how long a connection must have been idle to give way to another
	lost                     time.Duration // how long to wait for a peer that has been silent for five seconds
}

func defaultTimes() *times {
	return &times{
		minInterval: 30 * time.Second, maxInterval: 10 * time.Minute, silentInterval: 2 * time.Minute,
		refusedMax: 30 * time.Minute, minGap: 5 * time.Second, pace: 50 * time.Millisecond, answer: 30 * time.Second,
		dial: 15 * time.Second, write: 10 * time.Second, minBackoff: time.Second, maxBackoff: 5 * time.Minute,
		ping: time.Minute, pong: 20 * time.Second, linger: 10 * time.Second, closeTimeout: 2 * time.Second,
		gather: time.Second, resolve: 5 * time.Second,
		unanswered: 50 * time.Second, open: 25 * time.Second, handshake: 10 * time.Second, idle: 30 * time.Second,
		lost: 15 * time.Second,
	}
}

// withMinInterval returns the times for trackers with a minimum interval of d.
func (t times) withMinInterval(d time.Duration) *times {
	if d <= 0 {
		return &t
	}
	t.minInterval, t.maxInterval = d, max(d, t.maxInterval)
	t.silentInterval, t.refusedMax = max(d, min(4*d, t.silentInterval)), max(d, min(60*d, t.refusedMax))
	t.minGap, t.minBackoff, t.maxBackoff = min(d/6, t.minGap), min(d, t.minBackoff), min(10*d, t.maxBackoff)
	return &t
}

func (c Config) withDefaults() Config {
	if c.Dial == nil {
		c.Dial = new(net.Dialer).DialContext
	}
	if c.DialForeign == nil {
		c.DialForeign = publicnet.Dialer(0).DialContext
	}
	if c.DialOwn == nil {
		c.DialOwn = func(context.Context) (net.Conn, error) {
			return nil, errors.New("webtorrent: there is no tracker in this process")
		}
	}
	if c.IsConnected == nil {
		c.IsConnected = func(_, _ [20]byte) bool { return false }
	}
	if c.MayReach == nil {
		c.MayReach = publicnet.Reaches
	}
	if c.MaxPeers == 0 {
		c.MaxPeers = 200
	}
	if c.MaxPeersEach == 0 {
		c.MaxPeersEach = 50
	}
	if c.MaxOffers == 0 {
		c.MaxOffers = 64
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.times == nil {
		c.times = defaultTimes()
	}
	return c
}
