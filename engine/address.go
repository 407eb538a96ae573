package engine

import (
	"net/url"
	"strings"
	"unicode"
)

// MaxAddressLength is the maximum length of an address in bytes. A magnet link may be four times as long.
const MaxAddressLength = 2048

const addressExample = "try wtp://tomjwatson.com/ or an infohash of 40 hex digits"

// Address is a parsed address, in any of the forms that a person may type: see ParseAddress.
type Address struct {
	// Host is a domain as lower-case A-labels, an infohash as 40 lower-case hex digits or a key as 52 lower-case
	// characters of z-base-32. It is empty for a TorrentFile or an OriginLabel.
	Host string
	// Path, Query and Fragment are as in a URL: still escaped, Path with a leading slash or empty.
	Path     string
	Query    string
	Fragment string
	// Trackers and WebSeeds are a magnet link's tr= and ws= URLs, Peers its x.pe= addresses (a host and a port each), all
	// unchecked, and Name is its dn=.
	Trackers []string
	WebSeeds []string
	Peers    []string
	Name     string
	// TorrentFile is the path of a .torrent file.
	TorrentFile string
	// OriginLabel is the hashed label of a local URL (see OriginLabel). Only an engine that knows the site can find its
	// host.
	OriginLabel string
}

// ParseAddress parses a wtp URL, a bare host with or without a path, a key as pk:KEY, a magnet link (BEP 9, and BEP 46
// for a key), the path of a .torrent file, or a local URL of a wtptui server. Errors have Kind Invalid and show what to
// type: for a web address its wtp URL (see WTPURLFromWeb), otherwise a valid example.
func ParseAddress(s string) (Address, error) {
	a, err := ParseKnownAddress(s)
	if err == nil {
		err = CheckSpecialUse(a.Host)
	}
	if err != nil {
		return Address{}, err
	}
	return a, nil
}

// ParseKnownAddress is ParseAddress for a site that may already exist. It accepts special-use names too, which a site
// of an older version can have.
func ParseKnownAddress(s string) (Address, error) {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return Address{}, addressError("nothing was given")
	case len(s) > 4*MaxAddressLength, len(s) > MaxAddressLength && !hasScheme(s, "magnet:"):
		return Address{}, addressError("the address is too long")
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\ufffd' }):
		return Address{}, addressError("the address has a line break or a control character in it")
	case hasScheme(s, "magnet:"):
		return parseMagnet(s)
	case hasScheme(s, "wtp://"):
		return parseURL(s[len("wtp://"):])
	case hasScheme(s, "pk:"):
		return parsePublicKey(s[len("pk:"):])
	case isTorrentFile(s):
		return Address{TorrentFile: torrentPath(s)}, nil
	case hasScheme(s, "http://"):
		return parseLocal(s)
	case hasScheme(s, "https://"):
		return Address{}, newWebAddressError(s)
	case strings.Contains(s, "://"):
		scheme, _, _ := strings.Cut(s, "://")
		return Address{}, addressError(Clean(scheme) + ":// is not a wtp address")
	}
	return parseURL(s)
}

// String returns the address as a wtp URL, or the .torrent file's path.
func (a Address) String() string {
	if a.TorrentFile != "" {
		return a.TorrentFile
	}
	return "wtp://" + a.Host + a.tail()
}

// Resolve returns the URL of the address on a loopback server, where root is its site's Site.LocalURL.
func (a Address) Resolve(root string) string {
	return strings.TrimSuffix(root, "/") + a.tail()
}

// tail returns path, query and fragment. The path is at least "/".
func (a Address) tail() string {
	t := a.Path
	if t == "" {
		t = "/"
	}
	if a.Query != "" {
		t += "?" + a.Query
	}
	if a.Fragment != "" {
		t += "#" + a.Fragment
	}
	return t
}

// parseURL parses what follows "wtp://".
func parseURL(s string) (Address, error) {
	s, fragment, _ := strings.Cut(s, "#")
	s, query, _ := strings.Cut(s, "?")
	host, path := s, ""
	if i := strings.IndexByte(s, '/'); i >= 0 {
		host, path = s[:i], s[i:]
	}
	host, err := ParseKnownHost(host)
	if err != nil {
		return Address{}, err
	}
	if _, err := url.PathUnescape(path); err != nil {
		return Address{}, addressError("the path has a % that no two hex digits follow")
	}
	return Address{Host: host, Path: escape(path), Query: escape(query), Fragment: escape(fragment)}, nil
}

// parsePublicKey parses what follows "pk:", the form in which pkarr writes keys: a key and perhaps a path.
func parsePublicKey(s string) (Address, error) {
	a, err := parseURL(strings.TrimPrefix(s, "//"))
	if err == nil && !IsKey(a.Host) {
		err = addressError("pk: is for a key of 52 characters, and " + Clean(a.Host) + " is not one")
	}
	if err != nil {
		return Address{}, err
	}
	return a, nil
}

// escape percent-encodes characters that are not allowed in a URL. It leaves encoded ones as they are.
func escape(s string) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// parseLocal parses a URL of our own server: an origin of a site, or one of the two forms that redirect to one.
func parseLocal(s string) (Address, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Address{}, addressError("that is no URL")
	}
	name := strings.ToLower(u.Hostname())
	label, under := strings.CutSuffix(name, ".localhost")
	switch {
	case under && IsHashedOriginLabel(label):
		return Address{OriginLabel: label, Path: u.EscapedPath(), Query: u.RawQuery, Fragment: u.EscapedFragment()}, nil
	case under:
		host, ok := HostFromOriginLabel(label)
		if !ok {
			return Address{}, addressError(Clean(name) + " is not a site of this server")
		}
		return Address{Host: host, Path: u.EscapedPath(), Query: u.RawQuery, Fragment: u.EscapedFragment()}, nil
	case name == "localhost" || name == "127.0.0.1" || name == "::1":
		if rest, ok := strings.CutPrefix(u.EscapedPath(), "/wtp/"); ok {
			u.Path, u.RawPath = "", ""
			a, err := parseURL(rest)
			a.Query, a.Fragment = u.RawQuery, u.EscapedFragment()
			return a, err
		}
		if uri := u.Query().Get("uri"); hasScheme(uri, "wtp://") {
			return ParseKnownAddress(uri)
		}
		return Address{}, addressError("this computer's own http:// addresses are taken only when they name a site")
	}
	return Address{}, newWebAddressError(s)
}

func hasScheme(s, scheme string) bool {
	return len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme)
}

func isTorrentFile(s string) bool {
	return len(s) > len(".torrent") && strings.EqualFold(s[len(s)-len(".torrent"):], ".torrent") &&
		!hasScheme(s, "http://") && !hasScheme(s, "https://")
}

func torrentPath(s string) string {
	if hasScheme(s, "file://") {
		if u, err := url.Parse(s); err == nil && u.Path != "" {
			return u.Path
		}
	}
	return s
}

func addressError(why string) error {
	return &Error{Op: "address", Kind: Invalid, Msg: why + "; " + addressExample}
}
