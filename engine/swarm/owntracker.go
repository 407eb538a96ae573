package swarm

import (
	"context"
	"net"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine"
)

// OwnTracker is a tracker in this process. Torrents that it serves (Spec.Tracked) are announced to it, before all
// others; others only if they name it and it is Open. A private torrent (BEP 27) is announced to it only if the
// torrent, or the person by Config.Trackers, names it.
type OwnTracker struct {
	// URLs are announced to, and are trusted: one http:// or https://, and one ws:// or wss:// for browsers.
	URLs []string
	// Skip are its other addresses ("udp://NAME:6969/announce", "http://NAME/announce", the same at its other names):
	// whoever names them means the tracker, and nobody is asked there.
	Skip []string
	// Open says that it serves any torrent.
	Open bool
	// Dial connects to it without a network, and without TLS whatever the URL's scheme. Peers that are found there were
	// named by nobody knows whom: those at private addresses are not called. Once it fails with net.ErrClosed, the tracker
	// is gone.
	Dial func(ctx context.Context) (net.Conn, error)
}

// ownTracker says what is announced to the tracker in this process; nil is none.
type ownTracker struct {
	urls []string
	open bool
	// known are all of its addresses, by trackerKey.
	known map[string]bool
	// configured says that a person has it announced to as any other tracker.
	configured bool
}

// newOwnTracker returns it, and those of the configured trackers that are others.
func newOwnTracker(o *OwnTracker, configured []string) (own *ownTracker, others []string) {
	if o == nil {
		return nil, configured
	}
	own = &ownTracker{open: o.Open, known: map[string]bool{}}
	for _, u := range o.URLs {
		if hasScheme(u, "http", "https", "ws", "wss") {
			own.urls = append(own.urls, u)
		}
	}
	for _, u := range slices.Concat(o.URLs, o.Skip) {
		own.known[trackerKey(u)] = true
	}
	others, own.configured = own.cut(configured)
	return own, others
}

// cut returns those trackers that are others, and whether any is this one.
func (o *ownTracker) cut(trackers []string) (others []string, named bool) {
	if o == nil {
		return trackers, false
	}
	others = slices.DeleteFunc(slices.Clone(trackers), func(u string) bool { return o.known[trackerKey(u)] })
	return others, len(others) < len(trackers)
}

// listed returns where a torrent is announced, if it is; named says that the torrent names the tracker, and tracked
// that it is among those that the tracker serves.
func (o *ownTracker) listed(named, tracked, private bool) []string {
	if o == nil {
		return nil
	}
	named = named || o.configured
	if named && (tracked || o.open) || tracked && !private {
		return o.urls
	}
	return nil
}

// trackerKey is one form of all spellings of a tracker's URL. What comes after the path, and with UDP the path itself
// (BEP 15), is for the tracker to read and not where it is.
func trackerKey(s string) string {
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
