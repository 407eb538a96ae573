package swarm

import (
	"log/slog"
	"net/http"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm/dial"
	"wtptui/engine/swarm/mirror"
	"wtptui/engine/swarm/publicnet"
	"wtptui/engine/swarm/torrent"
)

// maxWebSeeds limits how many web seeds of a torrent are contacted.
const maxWebSeeds = 20

// webSeeds holds the web seeds of a torrent (BEP 19), in the order in which they were added. It is a part of
// lifecycle.
type webSeeds struct {
	urls      []string
	content   *content
	faults    *webSeedErrors
	transport *http.Transport
	log       *slog.Logger
}

// add adds web seeds. It reports whether any is new.
func (w *webSeeds) add(urls []string) bool {
	news := newOnes(w.urls, urls)
	w.urls = append(w.urls, news...)
	return len(news) > 0
}

// connect adds mirrors for the web seeds to a swarm. Their addresses are checked when they are dialed.
func (w *webSeeds) connect(peers *torrent.Torrent) {
	n := 0
	for _, u := range w.urls {
		if hasScheme(u, "http", "https") && n < maxWebSeeds {
			n++
			cfg := w.content.meta.Load().mirrorConfig(u)
			cfg.Transport, cfg.UserAgent, cfg.Log = w.transport, userAgent, w.log
			cfg.Report = func(err error) { w.faults.record(u, err) }
			peers.AddConn(mirror.New(cfg), engine.WebSeed, dial.Given)
		}
	}
}

// mirrorConfig returns the configuration of a mirror for a web seed.
func (m *meta) mirrorConfig(url string) mirror.Config {
	cfg := mirror.Config{URL: url, Name: m.Name, Dir: m.dir}
	for i, f := range m.layout.Files {
		cfg.Files = append(cfg.Files, mirror.File{Path: m.paths[i], Offset: f.Offset, Length: f.Length, Padding: f.Hidden})
	}
	return cfg
}

// newWebSeedTransport returns the transport for web seeds (BEP 19). Torrents and links name them, so they are foreign,
// and only public addresses are dialed, redirects included.
func newWebSeedTransport() *http.Transport {
	return &http.Transport{
		DialContext: publicnet.Dialer(15 * time.Second).DialContext, ForceAttemptHTTP2: true,
		MaxConnsPerHost: 64, MaxIdleConnsPerHost: 8,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: 30 * time.Second,
	}
}
