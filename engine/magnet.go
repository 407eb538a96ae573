package engine

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxMagnetURLs bounds how many trackers, and how many web seeds, one magnet link may name.
const maxMagnetURLs = 20

// parseMagnet reads a BEP 9 magnet link. Only its exact topic, trackers, web seeds and name are kept: the parameters
// that make a client fetch something (xs, as) or connect somewhere (x.pe) are not.
func parseMagnet(s string) (Address, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Address{}, badAddress("the magnet link is broken")
	}
	// A semicolon is no separator here, and ParseQuery refuses one that stands for itself.
	q, err := url.ParseQuery(strings.ReplaceAll(u.RawQuery, ";", "%3B"))
	if err != nil {
		return Address{}, badAddress("the magnet link is broken")
	}
	var a Address
	v2 := false
	for _, xt := range q["xt"] {
		if hasScheme(xt, "urn:btih:") && a.Host == "" {
			if h, ok := parseInfohash(xt[len("urn:btih:"):]); ok {
				a.Host = h
			}
		}
		v2 = v2 || hasScheme(xt, "urn:btmh:")
	}
	if a.Host == "" {
		if v2 {
			return Address{}, badAddress("the magnet link names a v2 torrent only, and wtp sites are v1 torrents")
		}
		return Address{}, badAddress("the magnet link has no xt=urn:btih: with an infohash")
	}
	a.Trackers = firstURLs(q, "tr")
	a.WebSeeds = firstURLs(q, "ws")
	a.Name = Clean(q.Get("dn"))
	return a, nil
}

// firstURLs gives the distinct values of key and of its numbered forms (tr.1, tr.2).
func firstURLs(q url.Values, key string) []string {
	values := q[key]
	for _, k := range slices.Sorted(maps.Keys(q)) {
		if strings.HasPrefix(k, key+".") {
			values = append(values, q[k]...)
		}
	}
	var out []string
	seen := map[string]bool{}
	for _, v := range values {
		if v != "" && !seen[v] && len(out) < maxMagnetURLs {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
