package engine

import (
	"encoding/base32"
	"encoding/hex"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// idnaProfile maps domains as browsers do for look-ups (UTS 46), and rejects those that DNS cannot represent.
var idnaProfile = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(false),
	idna.CheckHyphens(false),
	idna.VerifyDNSLength(true),
)

// ParseHost returns the canonical form of a site's host: an infohash as 40 lower-case hex digits, given in hex or in 32
// base32 characters, a public key as 52 lower-case characters of z-base-32, or a domain with at least one dot as
// lower-case A-labels (RFC 5891) without a trailing dot. A special-use name that is not in the DNS is refused. Its
// errors have Kind Invalid and show a valid example.
func ParseHost(s string) (string, error) {
	host, err := ParseKnownHost(s)
	if err == nil {
		err = CheckSpecialUse(host)
	}
	if err != nil {
		return "", err
	}
	return host, nil
}

// ParseKnownHost is ParseHost for a site that may already exist. It accepts special-use names too, which a site of an
// older version can have.
func ParseKnownHost(s string) (string, error) {
	if h, ok := parseInfohash(s); ok {
		return h, nil
	}
	if k, ok := ParseKey(s); ok {
		return k.Host(), nil
	}
	shown := Clean(s)
	switch {
	case s == "":
		return "", addressError("the host is missing")
	case strings.Contains(s, "@"):
		return "", addressError("a wtp address has no user name")
	case len(s) == keyLength && strings.Trim(strings.ToLower(s), zbase32) == "":
		return "", addressError(shown + " is not a key: its last character has to be y or o. Copy all of it again")
	case isV2Infohash(s):
		return "", v2Error("an infohash of 64 digits")
	case isIP(s):
		return "", addressError(shown + " is an IP address, not a site")
	case strings.ContainsAny(s, ":[]"):
		return "", addressError("a wtp address has no port")
	}
	host, err := idnaProfile.ToASCII(strings.TrimSuffix(s, "."))
	if err != nil || !isValidDomain(host) {
		if special := CheckSpecialUse(host); special != nil { // "localhost" alone
			return "", special
		}
		return "", addressError(shown + " is not a domain, an infohash or a key")
	}
	if isIP(host) {
		return "", addressError(shown + " is an IP address, not a site")
	}
	return host, nil
}

// IsInfohash reports whether host is an infohash in its canonical form.
func IsInfohash(host string) bool {
	if len(host) != 40 {
		return false
	}
	for i := range len(host) {
		if c := host[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// parseInfohash reads either spelling of a BitTorrent v1 infohash.
func parseInfohash(s string) (string, bool) {
	switch len(s) {
	case 40:
		s = strings.ToLower(s)
		return s, IsInfohash(s)
	case 32:
		raw, err := base32.StdEncoding.DecodeString(strings.ToUpper(s))
		if err != nil || len(raw) != 20 { // Padding, and what Unicode takes for a letter, would make it shorter.
			return "", false
		}
		return hex.EncodeToString(raw), true
	}
	return "", false
}

// isV2Infohash reports whether s is the infohash of a BitTorrent v2 torrent (BEP 52), with or without the prefix that
// says that it is a SHA-256 hash.
func isV2Infohash(s string) bool {
	if len(s) == 68 {
		s = strings.TrimPrefix(s, "1220")
	}
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 64
}

// isValidDomain reports whether a domain is valid: letters, digits, hyphens inside a label, and underscores, which some
// hosting names have.
func isValidDomain(host string) bool {
	if !strings.Contains(host, ".") || len(host) > 253 {
		return false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			c := label[i]
			if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

// isIP reports whether s is an IP address, also in a short or octal spelling: no domain ends in a label of digits (RFC
// 3696, section 2).
func isIP(s string) bool {
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	last := s[strings.LastIndexByte(s, '.')+1:]
	return last != "" && strings.Trim(last, "0123456789") == ""
}
