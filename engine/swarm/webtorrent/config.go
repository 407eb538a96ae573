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

// Config says who announces, how, and how much. All but PeerID may be left zero.
type Config struct {
	// PeerID is the torrent client's id.
	PeerID [20]byte
	// Reserved are the reserved bytes of the torrent client's handshake (BEP 3, BEP 4).
	Reserved [8]byte
	// UserAgent is what trackers are told in the HTTP header of that name.
	UserAgent string
	// ICEServers help to find a way between two peers.
	ICEServers []ICEServer
	// Dial connects to trackers that the person configured and DialForeign to those that torrents name. The defaults
	// connect to anywhere and to public addresses only.
	Dial, DialForeign func(ctx context.Context, network, address string) (net.Conn, error)
	// DialOwn connects to the tracker in this process; nil if there is none.
	DialOwn func(ctx context.Context) (net.Conn, error)
	// MinInterval is the shortest time between two regular announces of a torrent to a trusted tracker; 0 means 30 s. With
	// less, the other waits at such a tracker are shorter too. Other trackers are not announced to more often than every
	// 30 s.
	MinInterval time.Duration
	// Known reports whether a peer is connected in some other way; such a peer is not connected once more. It must
	// not wait.
	Known func(infohash, peerID [20]byte) bool
	// Reaches reports whether a peer may be looked for at target (RFC 8839) if a tracker at origin has brought the
	// address; nil means publicnet.Reaches. It must not wait.
	Reaches func(origin, target netip.Addr) bool
	// MaxPeers bounds the connections of all torrents and MaxPeersEach those of one; 0 means 200 and 50.
	MaxPeers, MaxPeersEach int
	// MaxOffers bounds the offers that wait for an answer, each of which holds a few sockets; 0 means 64.
	MaxOffers int
	Logger    *slog.Logger

	// times are the package's own tests' to change.
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
	// Trusted trackers were configured by a person and may be anywhere. Others are reached with Config.DialForeign.
	Trusted bool
	// Own is the tracker in this process. It is trusted, and reached with Config.DialOwn, without TLS whatever the URL's
	// scheme.
	Own bool
}

// Bounds on what strangers send.
const (
	maxMessage    = 64 << 10  // bytes of a tracker's message that are read
	maxDiscard    = 1 << 20   // bytes of a longer one that are thrown away before the connection is
	maxSDP        = 16 << 10  // bytes of an offer or answer
	maxCandidates = 24        // addresses that one of them may name
	maxNames      = 4         // of them by mDNS name
	maxOfferID    = 128       // bytes of an offer's id, which has 20 in practice
	maxReceived   = 256 << 10 // bytes of one data channel message, as Chromium has it
	maxForeign    = 16        // foreign trackers of one torrent
	maxRedirects  = 5         // of a tracker, before it is given up
)

// maxOffersEach is how many offers go out with one announce at most.
const maxOffersEach = 10

// times are all the waits of this package.
type times struct {
	minInterval, maxInterval time.Duration // what a tracker may ask for
	silentInterval           time.Duration // what is done when it asks for nothing
	refusedMax               time.Duration // while it refuses a torrent; the wait doubles from minInterval up to this
	minGap                   time.Duration // between two announces of a torrent, whoever asks for them
	pace                     time.Duration // between the announces of many torrents
	answer                   time.Duration // how long a tracker may take before it is said to be silent
	dial                     time.Duration
	write                    time.Duration
	minBackoff, maxBackoff   time.Duration
	ping                     time.Duration // how long a tracker may say nothing before it is asked whether it is there
	pong                     time.Duration
	linger                   time.Duration // how long a tracker is kept that has no torrents
	farewell                 time.Duration // how long Close tells trackers that torrents have stopped
	gather                   time.Duration // how long an offer or answer may wait for our addresses
	resolve                  time.Duration // how long an mDNS name is asked for
	unanswered               time.Duration // life of an offer
	open                     time.Duration // from the answer to the open channel
	handshake                time.Duration // from the open channel to the other side's handshake
	idle                     time.Duration // how long a connection must have been idle to give way to another
	lost                     time.Duration // how long a peer that has not been heard of for five seconds is hoped for
}

func defaultTimes() *times {
	return &times{
		minInterval: 30 * time.Second, maxInterval: 10 * time.Minute, silentInterval: 2 * time.Minute,
		refusedMax: 30 * time.Minute, minGap: 5 * time.Second, pace: 50 * time.Millisecond, answer: 30 * time.Second,
		dial: 15 * time.Second, write: 10 * time.Second, minBackoff: time.Second, maxBackoff: 5 * time.Minute,
		ping: time.Minute, pong: 20 * time.Second, linger: 10 * time.Second, farewell: 2 * time.Second,
		gather: time.Second, resolve: 5 * time.Second,
		unanswered: 50 * time.Second, open: 25 * time.Second, handshake: 10 * time.Second, idle: 30 * time.Second,
		lost: 15 * time.Second,
	}
}

// withMinInterval returns the times for trackers that may be announced to as often as that.
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
	if c.Known == nil {
		c.Known = func(_, _ [20]byte) bool { return false }
	}
	if c.Reaches == nil {
		c.Reaches = publicnet.Reaches
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
