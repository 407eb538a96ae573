package engine

import (
	"cmp"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// maxMagnetValues is the maximum number of trackers, of web seeds and of peers in a magnet link.
const maxMagnetValues = 20

// parseMagnet reads a BEP 9 magnet link. Only its exact topic, trackers, web seeds, peers and name are kept: the
// parameters that make a client fetch something else (xs, as) are not, but for a key in xs (BEP 46), which is the
// site's host where no infohash is. A parameter that cannot be read costs nothing but itself; names are taken in any
// case, and with a number behind them (xt.1).
func parseMagnet(s string) (Address, error) {
	var a Address
	v2, salt := false, false
	key := ""
	for pair := range strings.SplitSeq(strings.TrimLeft(s[len("magnet:"):], "/?"), "&") {
		name, escaped, _ := strings.Cut(strings.TrimPrefix(pair, "amp;"), "=") // as in the source of a web page
		value, err := url.QueryUnescape(escaped)
		if err != nil || value == "" {
			continue
		}
		switch cutParameterNumber(strings.ToLower(name)) {
		case "xt":
			value, _, _ = strings.Cut(strings.TrimSpace(value), "#")
			v2 = v2 || hasScheme(value, "urn:btmh:")
			if h, ok := parseInfohash(cutScheme(value, "urn:btih:")); ok && a.Host == "" {
				a.Host = h
			}
		case "xs": // BEP 46; all other exact sources make a client fetch something
			key = cmp.Or(key, keyFromURN(value))
		case "s":
			salt = true
		case "tr":
			a.Trackers = appendNew(a.Trackers, value)
		case "ws":
			a.WebSeeds = appendNew(a.WebSeeds, value)
		case "x.pe":
			a.Peers = appendNew(a.Peers, value)
		case "dn":
			if a.Name == "" {
				a.Name = Clean(value)
			}
		}
	}
	switch {
	case a.Host != "":
		return a, nil
	case key != "" && salt:
		return Address{}, addressError("the magnet link names a record with a salt (s=), and a site's record has none")
	case key != "":
		a.Host = key
		return a, nil
	case v2:
		return Address{}, v2Error("the magnet link")
	}
	return Address{}, addressError("the magnet link has no xt=urn:btih: with an infohash, and no xs=urn:btpk: with a key")
}

// keyFromURN returns the host of the public key in a URN of BEP 46, urn:btpk: and 64 hex digits; empty for anything
// else.
func keyFromURN(urn string) string {
	var k PublicKey
	digits := strings.TrimSpace(cutScheme(strings.TrimSpace(urn), "urn:btpk:"))
	if len(digits) != 2*len(k) {
		return ""
	}
	if _, err := hex.Decode(k[:], []byte(digits)); err != nil {
		return ""
	}
	return k.Host()
}

// v2Error returns the error for a torrent that is named by its BitTorrent v2 infohash alone (BEP 52).
func v2Error(what string) error {
	return addressError(what + " is for BitTorrent v2 only: ask for a v1 or hybrid torrent")
}

// cutParameterNumber removes the number after the name of a parameter (tr.1).
func cutParameterNumber(key string) string {
	if name, number, _ := strings.Cut(key, "."); strings.Trim(number, "0123456789") == "" {
		return name
	}
	return key
}

// cutScheme returns what follows the scheme; nothing if it is another one.
func cutScheme(s, scheme string) string {
	if !hasScheme(s, scheme) {
		return ""
	}
	return s[len(scheme):]
}

// appendNew appends a value if it is not in the list yet and the list is not full.
func appendNew(all []string, value string) []string {
	if len(all) == maxMagnetValues || slices.Contains(all, value) {
		return all
	}
	return append(all, value)
}
