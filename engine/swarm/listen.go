package swarm

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	alog "github.com/anacrolix/log"
	"github.com/anacrolix/torrent"
	"golang.org/x/time/rate"

	"wtptui/engine"
	"wtptui/engine/swarm/publicnet"
)

const (
	userAgent = "wtptui"
	// peerIDPrefix tells other clients what we are (BEP 20).
	peerIDPrefix = "-WP0100-"
	// portTries is how many ports after the wished one are tried.
	portTries = 20
	// limiterBurst is how many bytes may pass at once under a rate limit. It is never changed: the library panics when
	// the burst shrinks below a read or a request that is under way.
	limiterBurst = 256 << 10
)

func newLimiter() *rate.Limiter { return rate.NewLimiter(rate.Inf, limiterBurst) }

// SetLimits changes the transfer limits at once.
func (c *Client) SetLimits(l engine.Limits) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limits = l
	for limiter, perSecond := range map[*rate.Limiter]int64{c.down: l.Down, c.up: l.Up} {
		limit := rate.Inf
		if perSecond > 0 {
			limit = rate.Limit(perSecond)
		}
		limiter.SetLimit(limit)
	}
}

// listen opens the sockets on the wished port or one of the next ones, and makes the library's client.
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
		if c.sockets, err = openSockets(c.cfg.PeerHost, port, handshakes(c.budget, handshakesInAll), c.log); !errors.Is(err, errPortTaken) {
			break
		}
	}
	var reserved torrent.PeerExtensionBits
	if err == nil {
		cfg := c.libraryConfig()
		reserved = cfg.Extensions
		c.lib, err = torrent.NewClient(cfg)
		if err != nil {
			c.sockets.close()
		}
	}
	if err != nil {
		return opError("listen", engine.Conflict, fmt.Sprintf(
			"cannot listen for peers on port %d of %q: choose another peer port or address", c.cfg.PeerPort, c.cfg.PeerHost), err)
	}
	c.sockets.written = c.conns.info.peerRead
	c.sockets.lend(c.lib)
	c.startWeb(reserved)
	for _, l := range c.hooks.listeners {
		c.lib.AddListener(gate{l, c.sockets, true})
	}
	close(c.sockets.lent)
	if c.cfg.PeerPort != 0 && c.sockets.port != c.cfg.PeerPort {
		c.warnings = append(c.warnings, fmt.Sprintf("port %d is taken, using %d for peers", c.cfg.PeerPort, c.sockets.port))
	}
	return nil
}

func (c *Client) libraryConfig() *torrent.ClientConfig {
	cfg := torrent.NewDefaultClientConfig()
	// The sockets are ours, see sockets.
	cfg.DisableTCP, cfg.DisableUTP, cfg.NoDHT = true, true, true
	cfg.DisableAcceptRateLimiting = true
	cfg.DefaultStorage = refusingStorage{}
	cfg.Seed = true
	cfg.NoDefaultPortForwarding = !c.cfg.UPnP
	cfg.UpnpID = userAgent
	cfg.DisableWebtorrent = true
	// Trackers, local discovery and the timing of DHT announces are ours: the library's cannot be ended in time, and
	// do not tell what came of them.
	cfg.DisableTrackers = true
	cfg.PeriodicallyAnnounceTorrentsToDht = false
	cfg.ConfigureAnacrolixDhtServer = c.configureDHT
	cfg.UploadRateLimiter, cfg.DownloadRateLimiter = c.up, c.down
	cfg.DropDuplicatePeerIds = true
	// Torrents get fewer as others need some, see connections.
	cfg.EstablishedConnsPerTorrent = c.firstShare()
	cfg.MaxAllocPeerRequestDataPerConn = blocksAhead
	cfg.TotalHalfOpenConns = handshakes(c.budget, 50)
	cfg.DialRateLimiter = rate.NewLimiter(25, 50)
	cfg.HTTPUserAgent, cfg.ExtendedHandshakeClientVersion, cfg.Bep20 = userAgent, userAgent, peerIDPrefix
	cfg.WebTransport = c.webTransport()
	cfg.Slogger = slog.New(libraryLog{c.log.Handler()})
	// Without a filter of its own the old logger formats each of its many messages before it asks who wants it.
	old := alog.NewLogger().WithFilterLevel(alog.Warning)
	old.SetHandlers(alog.SlogHandlerAsHandler{SlogHandler: cfg.Slogger.Handler()})
	cfg.Logger = old //nolint:staticcheck // deprecated, and still what most of the library writes to
	c.conns.register(&cfg.Callbacks)
	return cfg
}

// webTransport fetches from web seeds (BEP 19), which torrents and links name: they are foreign, and are dialed at public
// addresses only, redirects included.
func (c *Client) webTransport() *http.Transport {
	t := &http.Transport{
		DialContext: publicnet.Dialer(15 * time.Second).DialContext, MaxConnsPerHost: 10,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: 30 * time.Second,
	}
	c.seeds = t
	return t
}
