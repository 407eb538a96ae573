package resolve

import (
	"strings"

	"github.com/miekg/dns"

	"wtptui/engine"
)

const keyPrefix = "wtpkey="

// parseKey gives the infohash of a TXT string wtpkey=<40 hex digits>, in any case of ASCII. The whole string has to be
// that, except for quotes around it, which some web forms for zones leave in the record.
func parseKey(s string) (infohash string, ok bool) {
	value, ok := cutPrefix(s, keyPrefix)
	value = strings.ToLower(value)
	return value, ok && engine.IsInfohash(value)
}

// cutPrefix gives what follows a prefix in any case of ASCII, well-formed or not, without quotes around both.
func cutPrefix(s, prefix string) (value string, ok bool) {
	return cutFold(strings.TrimSuffix(strings.TrimPrefix(s, `"`), `"`), prefix)
}

// keys are what a name's TXT records say.
type keys struct {
	// infohashes are the different keys in the order of the answer.
	infohashes []string
	// malformed says that there is a wtpkey= whose value is no infohash.
	malformed bool
	hints     hints
	// others are the strings that are no key, clean; hints are among them.
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
		case !ok:
			_, wtpkey := cutPrefix(s, keyPrefix)
			k.malformed = k.malformed || wtpkey
			k.hints.take(s)
			k.others = append(k.others, engine.Clean(s))
		}
	}
	return k
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
