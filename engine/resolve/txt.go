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

// parseKey gives the infohash of a TXT string wtpkey=<40 hex digits>, in any case of ASCII. The whole string has to be
// that, except for what some web forms for zones leave in the record: quotes, blanks and a byte order mark around it.
func parseKey(s string) (infohash string, ok bool) {
	value, ok := cutPrefix(s, keyPrefix)
	value = strings.ToLower(value)
	return value, ok && engine.IsInfohash(value)
}

// cutPrefix gives what follows a prefix in any case of ASCII, well-formed or not, without quotes around both, and
// without blanks around anything.
func cutPrefix(s, prefix string) (value string, ok bool) {
	value, ok = cutFold(unquote(s), prefix)
	return trim(value), ok
}

func unquote(s string) string { return trim(strings.TrimSuffix(strings.TrimPrefix(trim(s), `"`), `"`)) }

// trim leaves out white space, the no-break space among it, and byte order marks at both ends.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
}

// keys are what a name's TXT records say.
type keys struct {
	// infohashes are the different keys in the order of the answer.
	infohashes []string
	// malformed is the first string that is meant as a key and is none.
	malformed *malformed
	hints     hints
	// publicKeys are the different keys of wtppub=, and badPublicKey the first one that is none, clean.
	publicKeys   []string
	badPublicKey string
	// others are the strings that are no key, clean, with what is invisible in them made visible; hints are among them.
	others []string
}

func findKeys(records []*dns.TXT) keys {
	var k keys
	seen := map[string]bool{}
	for _, r := range records {
		s := text(r)
		infohash, ok := parseKey(s)
		switch {
		case ok && !seen[infohash]:
			seen[infohash] = true
			k.infohashes = append(k.infohashes, infohash)
		case ok:
		case k.takePublicKey(s):
			k.others = append(k.others, visible(s))
		default:
			if isHint := k.hints.take(s); !isHint && k.malformed == nil {
				k.malformed = findFault(s)
			}
			k.others = append(k.others, visible(s))
		}
	}
	return k
}

// takePublicKey notes a string if it is meant to name a key, and reports whether it is.
func (k *keys) takePublicKey(s string) bool {
	value, ok := cutPrefix(s, pubPrefix)
	if !ok {
		return false
	}
	public, isKey := engine.ParseKey(value)
	switch {
	case !isKey && k.badPublicKey == "":
		k.badPublicKey = clip(visible(s), 2*maxShown)
	case isKey && !slices.Contains(k.publicKeys, public.Host()):
		k.publicKeys = append(k.publicKeys, public.Host())
	}
	return true
}

// named is the key that counts; empty if there is none.
func (k keys) named() string {
	if len(k.publicKeys) == 0 {
		return ""
	}
	return k.publicKeys[0]
}

// keyFaults says what is wrong with the keys that are named.
func (k keys) keyFaults() []string {
	var faults []string
	if len(k.publicKeys) > 1 {
		faults = append(faults, fmt.Sprintf("the domain names %d different keys, of which the first counts: %s and then %s",
			len(k.publicKeys), k.publicKeys[0], k.publicKeys[1]))
	}
	if k.badPublicKey != "" {
		faults = append(
			faults,
			"the domain has a wtppub that is no key of 52 characters (in \""+k.badPublicKey+"\"): its owner has to correct it",
		)
	}
	return faults
}

// text joins the strings of one record (RFC 1035, section 3.3.14) into the bytes that its owner wrote.
func text(r *dns.TXT) string {
	var b strings.Builder
	for _, s := range r.Txt {
		unescape(&b, s)
	}
	return b.String()
}

// unescape undoes what the DNS library does to bytes outside of printable ASCII (\DDD), quotes and backslashes (\X).
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
