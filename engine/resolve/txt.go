package resolve

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/miekg/dns"

	"wtptui/engine"
)

const (
	keyPrefix = "wtpkey="
	pubPrefix = "wtppub="
)

// parseKey returns the infohash of a TXT string wtpkey=<40 hex digits>, in any case of ASCII. Quotes, blanks and a
// byte order mark around it, which some web forms for zones leave in the record, are ignored.
func parseKey(s string) (infohash string, ok bool) {
	value, ok := cutPrefix(s, keyPrefix)
	value = strings.ToLower(value)
	return value, ok && engine.IsInfohash(value)
}

// cutPrefix returns what follows a prefix in any case of ASCII, valid or not, without quotes around both, and without
// blanks around either.
func cutPrefix(s, prefix string) (value string, ok bool) {
	value, ok = cutFold(unquote(s), prefix)
	return trim(value), ok
}

func unquote(s string) string { return trim(strings.TrimSuffix(strings.TrimPrefix(trim(s), `"`), `"`)) }

// trim removes white space, including no-break spaces, and byte order marks at both ends.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
}

// keys holds the parsed TXT records of a name.
type keys struct {
	// infohashes are the different infohashes in the order of the response.
	infohashes []string
	// malformed is the first string that is meant as a key but is not a valid one.
	malformed *malformed
	hints     hints
	// publicKeys are the different keys of wtppub=, and badPublicKey is the first invalid one, clean.
	publicKeys   []string
	badPublicKey string
	// others are all other strings, including hints, clean and with invisible characters made visible.
	others []string
}

func findKeys(records []*dns.TXT) keys {
	var k keys
	seen := map[string]bool{}
	for _, r := range records {
		s := recordText(r)
		infohash, ok := parseKey(s)
		switch {
		case ok && !seen[infohash]:
			seen[infohash] = true
			k.infohashes = append(k.infohashes, infohash)
		case ok:
		case k.addPublicKey(s):
			k.others = append(k.others, makeVisible(s))
		default:
			if isHint := k.hints.add(s); !isHint && k.malformed == nil {
				k.malformed = findMalformed(s)
			}
			k.others = append(k.others, makeVisible(s))
		}
	}
	return k
}

// addPublicKey adds the public key that a string names. It reports whether the string starts with wtppub=, valid or
// not.
func (k *keys) addPublicKey(s string) bool {
	value, ok := cutPrefix(s, pubPrefix)
	if !ok {
		return false
	}
	public, isKey := engine.ParseKey(value)
	switch {
	case !isKey && k.badPublicKey == "":
		k.badPublicKey = truncate(makeVisible(s), 2*maxShown)
	case isKey && !slices.Contains(k.publicKeys, public.Host()):
		k.publicKeys = append(k.publicKeys, public.Host())
	}
	return true
}

// publicKey returns the public key that counts; empty if there is none.
func (k keys) publicKey() string {
	if len(k.publicKeys) == 0 {
		return ""
	}
	return k.publicKeys[0]
}

// publicKeyWarnings describes what is wrong with the public keys.
func (k keys) publicKeyWarnings() []string {
	var faults []string
	if len(k.publicKeys) > 1 {
		faults = append(faults, fmt.Sprintf("the domain names %d different keys, of which the first counts: %s and then %s",
			len(k.publicKeys), k.publicKeys[0], k.publicKeys[1]))
	}
	if k.badPublicKey != "" {
		faults = append(
			faults,
			"the domain's wtppub is not a key of 52 characters (\""+k.badPublicKey+"\"): its owner has to correct it",
		)
	}
	return faults
}

// recordText joins the strings of one record (RFC 1035, section 3.3.14) into the bytes that its owner wrote.
func recordText(r *dns.TXT) string {
	var b strings.Builder
	for _, s := range r.Txt {
		unescape(&b, s)
	}
	return b.String()
}

// unescape reverses the escaping by the DNS library of bytes outside of printable ASCII (\DDD), quotes and backslashes
// (\X).
func unescape(b *strings.Builder, s string) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			b.WriteByte(s[i])
		case i+3 < len(s) && isDigit(s[i+1]) && isDigit(s[i+2]) && isDigit(s[i+3]):
			b.WriteByte((s[i+1]-'0')*100 + (s[i+2]-'0')*10 + (s[i+3] - '0'))
			i += 3
		default:
			b.WriteByte(s[i+1])
			i++
		}
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
