package swarm

import (
	"net/http"
	"time"

	"wtptui/engine/swarm/mirror"
	"wtptui/engine/swarm/publicnet"
)

// maxWebSeeds bounds how many web seeds of a torrent we can be made to contact.
const maxWebSeeds = 20

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
