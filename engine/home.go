package engine

import (
	"cmp"
	"slices"
	"strings"
)

// Home is a domain on which this engine serves one site to any browser, over public HTTP. Which homes there are is
// configured where the engine starts (`wtptui serve --home NAME=SITE`).
type Home struct {
	// Name is the domain as lower-case A-labels.
	Name string `json:"name"`
	// URL is the root that anybody opens, "https://NAME/".
	URL string `json:"url"`
	// Host is the Site.Host of the site that is served there.
	Host string `json:"host"`
	// Machine is the machine in a fleet that serves it; empty in any other engine.
	Machine string `json:"machine,omitempty"`
	// Off reports whether a person has taken the site off: visitors get 410 Gone, and their browsers forget all of it.
	Off bool `json:"off"`
	// Requests is how many requests were answered over HTTP in this run, and Bytes how many bytes of bodies were sent.
	Requests int64 `json:"requests"`
	Bytes    int64 `json:"bytes"`
	// WebSeed is how many of those bytes were sent as a web seed, to browsers that open the site from its swarm.
	WebSeed int64 `json:"web_seed"`
	// Uploaded is how many bytes of the site's content peers got from here in this run.
	Uploaded int64 `json:"uploaded"`
}

// HomeTracker is the BitTorrent tracker that this engine runs at its homes, at one moment.
type HomeTracker struct {
	// URLs are its announce addresses, best first: "wss://NAME/announce", "udp://NAME:6969/announce",
	// "https://NAME/announce". They are empty if this engine runs no tracker.
	URLs []string `json:"urls"`
	// Open reports whether it serves any torrent, not only those of sites that are pinned here.
	Open bool `json:"open"`
	// Swarms is how many torrents have peers there. Peers are the peers of all of them, without this engine, and WebPeers
	// those of them that announce over a WebSocket, as browsers do.
	Swarms   int `json:"swarms"`
	Peers    int `json:"peers"`
	WebPeers int `json:"web_peers"`
	// Sockets is how many WebSockets are open.
	Sockets int `json:"sockets"`
	// Announces is how many announces were answered in this run, and Refused how many requests were not: for torrents that
	// it does not serve, malformed ones, and those of clients that ask too often.
	Announces int64 `json:"announces"`
	Refused   int64 `json:"refused"`
}

// HomeForSite returns the home of the site with this Ref; false if it has none. If it has several, it returns one that
// is on, if any is.
func (s Status) HomeForSite(ref string) (Home, bool) {
	var found Home
	ok := false
	for _, h := range s.Homes {
		if h.SiteRef() == ref && (!ok || found.Off && !h.Off) {
			found, ok = h, true
		}
	}
	return found, ok
}

// TrackerURLs returns the announce URLs of the homes' tracker for a site. They are empty if the tracker does not serve
// the site: it is not pinned, or was taken off all of its homes.
func (s Status) TrackerURLs(site Site) []string {
	if h, ok := s.HomeForSite(site.Ref()); !site.Pinned || site.State == Found || ok && h.Off {
		return nil
	}
	if m, ok := s.FindMachine(site.Machine); ok {
		return m.TrackerURLs
	}
	return s.HomeTracker.URLs
}

// TrackerHints returns the announce URLs to name in a TXT record ("wtptracker=") from a tracker's URLs, best first: the
// best one for browsers and the best one for torrent clients.
func TrackerHints(urls []string) []string {
	var hints []string
	var web, other bool
	for _, u := range urls {
		taken := &other
		if strings.HasPrefix(u, "wss://") || strings.HasPrefix(u, "ws://") {
			taken = &web
		}
		if !*taken {
			hints, *taken = append(hints, u), true
		}
	}
	return hints
}

// SortHomes sorts homes by name, as in Status.
func SortHomes(homes []Home) {
	slices.SortFunc(homes, func(a, b Home) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Machine, b.Machine))
	})
}

// FindHome returns the index of the home with a name as a person types it, in any case and also in Unicode. Every
// Engine uses it. Kind NotFound if there is none; the message lists the homes.
func FindHome(op, name string, homes []Home) (int, error) {
	known := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if host, err := ParseKnownHost(known); err == nil {
		known = host
	}
	names := make([]string, len(homes))
	for i, h := range homes {
		if h.Name == known {
			return i, nil
		}
		names[i] = h.Name
	}
	msg := Clean(name) + " is not a home of this engine: "
	switch len(names) {
	case 0:
		msg += "it has none. `wtptui serve --home NAME=SITE` gives it one"
	case 1:
		msg += "its only one is " + names[0] + ". `wtptui serve --home NAME=SITE` gives it more"
	default:
		slices.Sort(names)
		msg += "its homes are " + strings.Join(names, ", ") + ". `wtptui serve --home NAME=SITE` gives it more"
	}
	return -1, &Error{Op: op, Kind: NotFound, Msg: msg}
}
