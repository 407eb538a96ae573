package engine

import (
	"net"
	"net/url"
	"strings"
)

// maxPublicURL is the maximum length of a PublicURL, in bytes.
const maxPublicURL = 2000

// ParsePublicURL returns the address that a person gives as the root of a folder on a static host, with a slash at its
// end. It has to be https: browsers open sites from the swarm on secure origins alone, of which those on this machine
// are some. Kind Invalid if it is not.
func ParsePublicURL(s string) (string, error) {
	s = strings.TrimSpace(s)
	bad := &Error{
		Op: "public address", Kind: Invalid,
		Msg: Clean(s) + " is not the address of a folder on a static host: give one like https://me.github.io/site/",
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > maxPublicURL || Clean(s) != s || u.Host == "" || u.User != nil || u.Opaque != "" ||
		u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#") {
		return "", bad
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())) {
		return "", bad
	}
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "index.html"), strings.TrimSuffix(u.RawPath, "index.html")
	return strings.TrimSuffix(u.String(), "/") + "/", nil
}

// IsLoopback reports whether the host of a URL is the local machine of its reader.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// PublicPageURL returns the address at which anybody opens a page or file of the site with any browser. local is its
// address on the loopback server; if it is none of the site's, the result is PublicURL.
func (s Site) PublicPageURL(local string) string {
	path, below := strings.CutPrefix(local, s.LocalURL)
	if s.PublicURL == "" || s.LocalURL == "" || !below {
		return s.PublicURL
	}
	return s.PublicURL + path
}
