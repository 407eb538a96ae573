package engine

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// OriginLabel returns the DNS label of a host's own origin, http://<label>.localhost:<port>/. The label of an infohash
// or a key is itself. In a domain "-" is doubled and "." becomes "-". A label that would exceed 63 characters or begin
// with "xn--" (browsers reject it as malformed punycode) is instead the base32 SHA-256 of the name, 52 characters, from
// which only somebody who knows the name can find it.
func OriginLabel(host string) string {
	if IsInfohash(host) || IsKey(host) {
		return host
	}
	l := strings.ReplaceAll(strings.ReplaceAll(host, "-", "--"), ".", "-")
	if len(l) > 63 || strings.HasPrefix(l, "xn--") {
		sum := sha256.Sum256([]byte(host))
		return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))
	}
	return l
}

// HostFromOriginLabel is the inverse of OriginLabel. It returns false for a text that is not a label, and for a hashed
// label.
func HostFromOriginLabel(label string) (string, bool) {
	if IsInfohash(label) || IsKey(label) {
		return label, true
	}
	const hyphen = "\x00"
	host := strings.ReplaceAll(label, "--", hyphen)
	host = strings.ReplaceAll(host, "-", ".")
	host = strings.ReplaceAll(host, hyphen, "-")
	canonical, err := ParseKnownHost(host)
	if err != nil || canonical != host || OriginLabel(host) != label {
		return "", false
	}
	return host, true
}

// IsHashedOriginLabel reports whether label has the form of a hashed one (see OriginLabel). The label of a key has the
// same length, but a different last character, which stands for one bit.
func IsHashedOriginLabel(label string) bool {
	if len(label) != 52 || label[51] != 'a' && label[51] != 'q' {
		return false
	}
	for _, c := range label {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
