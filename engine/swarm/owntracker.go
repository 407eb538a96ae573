package swarm

import (
	"context"
	"net"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// OwnTracker describes the tracker in this process. Torrents that it serves (Spec.Tracked) are announced to it, before
// all other trackers. Others are announced only if they name it and it is Open. A private torrent (BEP 27) is
// announced to it only if the torrent, or the user in Config.Trackers, names it.
type OwnTracker struct {
	// URLs are its announce URLs, which are trusted: one http:// or https://, and one ws:// or wss:// for browsers.
	URLs []string
	// Aliases are its other URLs ("udp://NAME:6969/announce", "http://NAME/announce", the same at its other names). A
	// torrent that names one of them means this tracker; the URL itself is not used.
	Aliases []string
	// Open reports whether it serves any torrent.
	Open bool
	// Dial connects to it without a network, and without TLS whatever the URL's scheme. Peers found there were named
	// by unknown sources: those at private addresses are not dialed. When Dial returns net.ErrClosed, the tracker is
	// closed.
	Dial func(ctx context.Context) (net.Conn, error)
}

// ownTracker decides what is announced to the tracker in this process. It may be nil.
type ownTracker struct {
	urls []string
	open bool
	// aliases holds all of its URLs, normalized by normalizeTrackerURL.
	aliases map[string]bool
	// configured reports whether the user has configured it like any other tracker.
	configured bool
}

// newOwnTracker returns the tracker, nil if there is none, and the configured trackers without it.
func newOwnTracker(o *OwnTracker, configured []string) (own *ownTracker, others []string) {
	if o == nil {
		return nil, configured
	}
	own = &ownTracker{open: o.Open, aliases: map[string]bool{}}
	for _, u := range o.URLs {
		if hasScheme(u, "http", "https", "ws", "wss") {
			own.urls = append(own.urls, u)
		}
	}
	for _, u := range slices.Concat(o.URLs, o.Aliases) {
		own.aliases[normalizeTrackerURL(u)] = true
	}
	others, own.configured = own.removeOwn(configured)
	return own, others
}

// removeOwn returns the trackers without this one, and whether it was among them.
func (o *ownTracker) removeOwn(trackers []string) (others []string, named bool) {
	if o == nil {
		return trackers, false
	}
	others = slices.DeleteFunc(slices.Clone(trackers), func(u string) bool { return o.aliases[normalizeTrackerURL(u)] })
	return others, len(others) < len(trackers)
}

// announceURLs returns the URLs that a torrent is announced to, nil if it is not. named reports whether the torrent
// names the tracker, tracked whether the tracker serves it.
func (o *ownTracker) announceURLs(named, tracked, private bool) []string {
	if o == nil {
		return nil
	}
	named = named || o.configured
	if named && (tracked || o.open) || tracked && !private {
		return o.urls
	}
	return nil
}

// normalizeTrackerURL returns one form for all spellings of a tracker's URL. The query, and for UDP also the path (BEP
// 15), do not identify the tracker.
func normalizeTrackerURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if name, err := engine.ParseHost(host); err == nil {
		host = name
	}
	port, path := u.Port(), u.Path
	if port == "" {
		port = map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}[u.Scheme]
	}
	if path == "" || u.Scheme == "udp" {
		path = "/"
	}
	return u.Scheme + "://" + net.JoinHostPort(host, port) + path
}
