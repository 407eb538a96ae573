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

// maxWebSeeds bounds how many web seeds of a torrent we can be made to contact.
const maxWebSeeds = 20

// webSeeds are the web seeds of a torrent (BEP 19), in the order in which they were named. Whoever uses them holds the
// torrent's life.
type webSeeds struct {
	urls      []string
	content   *content
	faults    *mirrorFaults
	transport *http.Transport
	log       *slog.Logger
}

// add names more of them. It reports whether any is new.
func (w *webSeeds) add(urls []string) bool {
	news := missing(w.urls, urls)
	w.urls = append(w.urls, news...)
	return len(news) > 0
}

// join adds those of public name to a swarm; what they resolve to is checked when they are dialed.
func (w *webSeeds) join(peers *torrent.Torrent) {
	n := 0
	for _, u := range w.urls {
		if hasScheme(u, "http", "https") && n < maxWebSeeds {
			n++
			cfg := w.content.meta.Load().mirror(u)
			cfg.Transport, cfg.UserAgent, cfg.Log = w.transport, userAgent, w.log
			cfg.Report = func(err error) { w.faults.note(u, err) }
			peers.AddConn(mirror.New(cfg), engine.WebSeed, dial.Given)
		}
	}
}

// mirror says what a web seed has.
func (m *meta) mirror(url string) mirror.Config {
	cfg := mirror.Config{URL: url, Name: m.Name, Dir: m.dir}
	for i, f := range m.layout.Files {
		cfg.Files = append(cfg.Files, mirror.File{Path: m.paths[i], Offset: f.Offset, Length: f.Length, Padding: f.Hidden})
	}
	return cfg
}

// mirrorTransport fetches from web seeds (BEP 19), which torrents and links name: they are foreign, and are dialed at
// public addresses only, redirects included.
func mirrorTransport() *http.Transport {
	return &http.Transport{
		DialContext: publicnet.Dialer(15 * time.Second).DialContext, ForceAttemptHTTP2: true,
		MaxConnsPerHost: 64, MaxIdleConnsPerHost: 8,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 30 * time.Second, IdleConnTimeout: 30 * time.Second,
	}
}
