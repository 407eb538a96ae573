package loader

import "encoding/json"

// Site describes a site for the loader's page: site.json. URLs may be relative to the folder of index.html.
type Site struct {
	// Infohash is the infohash of the version to open, in 40 hex digits.
	Infohash string `json:"infohash"`
	// Host is the site's domain or infohash, as in its wtp address.
	Host  string `json:"host"`
	Title string `json:"title"`
	// Home reports whether a home serves the loader: the plain website is behind the same URLs.
	Home bool `json:"home"`
	// Trackers are announce URLs of WebTorrent trackers ("wss:"), best first.
	Trackers []string `json:"trackers"`
	// WebSeeds are BEP 19 web seeds: folders, each with a slash at its end.
	WebSeeds []string `json:"webSeeds"`
	// STUN are servers in the format of RTCPeerConnection, "stun:host:port".
	STUN []string `json:"stun"`
	// AskBeforeSending reports whether nothing may be sent to other readers before the reader has agreed.
	AskBeforeSending bool `json:"ask"`
	// Domain is the domain whose TXT record names the newest version; empty if this Site does.
	Domain string `json:"domain"`
	// Resolvers are URLs of DNS over HTTPS with JSON and CORS, which are queried in turn.
	Resolvers []string `json:"resolvers"`
	// CSP is the Content-Security-Policy that all pages of the site must have; empty for none.
	CSP string `json:"csp"`
	// Contact says how to reach the person who serves the site.
	Contact string `json:"contact"`
}

// DefaultResolvers are DNS over HTTPS servers that any page may ask: they answer JSON with CORS.
func DefaultResolvers() []string {
	return []string{"https://cloudflare-dns.com/dns-query", "https://dns.google/resolve"}
}

// JSON returns the content of site.json. Lists are never null there.
func (s Site) JSON() []byte {
	for _, list := range []*[]string{&s.Trackers, &s.WebSeeds, &s.STUN, &s.Resolvers} {
		if *list == nil {
			*list = []string{}
		}
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // Strings can be marshaled.
	}
	return append(text, '\n')
}
