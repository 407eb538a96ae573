package resolve

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// worded is an error in words for a person; the cause is for the log.
type worded struct {
	words string
	cause error
}

func (e *worded) Error() string { return e.words }
func (e *worded) Unwrap() error { return e.cause }

// nameFault is a server's word that a name cannot be looked up. What is wrong is the name's own DNS, or the server does
// not tell what it knows (blocked).
type nameFault struct {
	words   string
	blocked bool
	// servfail says that the server may be unable to look up any name, which it would say in the same words.
	servfail bool
}

func (e *nameFault) Error() string { return e.words }

// doubtful is a failure that can be the name's fault as well as the server's: an answer that does not come in time, or
// that makes no sense. It counts against the server only if that fails for another name, too: see health.observe.
type doubtful struct {
	words string
	cause error // nil for none
}

func (e *doubtful) Error() string { return e.words }
func (e *doubtful) Unwrap() error { return e.cause }

// doubtfulf returns a doubtful failure in words.
func doubtfulf(format string, args ...any) error {
	return &doubtful{words: fmt.Sprintf(format, args...)}
}

const webPage = "it answers with a web page instead of DNS, as networks do that want you to sign in first"

// isWebPage looks at what came instead of a DNS message, whose first two bytes are the query's ID: 0.
func isWebPage(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// statusError says what an HTTP status other than 200 means. Servers in front of a resolver answer 500, 502 or 504 when
// that has not answered them in time, which may be the name's fault.
func statusError(resp *http.Response) error {
	what := "it says"
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		what = "it is asked too often" + retryAfter(resp)
	case code == http.StatusServiceUnavailable:
		what = "it is out of service for now" + retryAfter(resp)
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired,
		code == http.StatusNetworkAuthenticationRequired:
		what = "it does not let us ask"
	case code == http.StatusNotFound, code == http.StatusGone, code == http.StatusMethodNotAllowed:
		what = "there is no DNS over HTTPS at its address"
	case code >= 500:
		return doubtfulf("it has failed itself (HTTP %d)", code)
	case code >= 400:
		what = "it does not understand the question"
	case code >= 300:
		what = "it sends us elsewhere, which is not followed"
	}
	return fmt.Errorf("%s (HTTP %d)", what, resp.StatusCode)
}

// retryAfter reads the header that says for how many seconds a server wants to be left alone (RFC 9110, section
// 10.2.3).
func retryAfter(resp *http.Response) string {
	n, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 20)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" and takes no questions for %d s", n)
}

// rcodeError says what an RCODE means that is neither success nor NXDOMAIN. SERVFAIL and YXDOMAIN are about the name,
// and so is whatever comes with an extended error that is (RFC 8914).
func rcodeError(m *dns.Msg) error {
	code := rcodeName(m)
	ede := extended(m)
	switch {
	case ede.blocks():
		return &nameFault{words: "it " + ede.words(), blocked: true}
	case ede != nil && (ede.InfoCode == dns.ExtendedErrorCodeNotReady || ede.InfoCode == dns.ExtendedErrorCodeProhibited):
		return errors.New(ede.words() + " (" + code + ")")
	case m.Rcode == dns.RcodeServerFailure && ede == nil:
		return &nameFault{words: "the domain's name servers give it no usable answer (SERVFAIL)", servfail: true}
	case m.Rcode == dns.RcodeServerFailure:
		return &nameFault{words: ede.words() + " (SERVFAIL)", servfail: true}
	case m.Rcode == dns.RcodeYXDomain:
		return &nameFault{words: "the domain's DNAME record makes a name that is too long (YXDOMAIN)"}
	case m.Rcode == dns.RcodeRefused:
		return doubtfulf("it does not want to answer (REFUSED)") // Some refuse the names that they block.
	}
	return doubtfulf("it says %s", code)
}

// rcodeName is what DNS calls the RCODE of a message.
func rcodeName(m *dns.Msg) string {
	if name := dns.RcodeToString[m.Rcode]; name != "" {
		return name
	}
	return fmt.Sprintf("RCODE %d", m.Rcode)
}

// extendedError is an extended DNS error; nil for none.
type extendedError dns.EDNS0_EDE

// extended returns the extended error of a message; of several, the one that blocks the name, or the first.
func extended(m *dns.Msg) *extendedError {
	opt := m.IsEdns0()
	if opt == nil {
		return nil
	}
	var found *extendedError
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok && (found == nil || (*extendedError)(e).blocks()) {
			found = (*extendedError)(e)
		}
	}
	return found
}

// blocks says that the server answers otherwise than the DNS does, and says so.
func (e *extendedError) blocks() bool {
	if e == nil {
		return false
	}
	switch e.InfoCode {
	case dns.ExtendedErrorCodeForgedAnswer, dns.ExtendedErrorCodeBlocked, dns.ExtendedErrorCodeCensored, dns.ExtendedErrorCodeFiltered:
		return true
	}
	return false
}

var extendedWords = map[uint16]string{
	dns.ExtendedErrorCodeOther:                       "the domain cannot be looked up",
	dns.ExtendedErrorCodeUnsupportedDNSKEYAlgorithm:  "the domain's DNSSEC has keys of an unknown kind",
	dns.ExtendedErrorCodeUnsupportedDSDigestType:     "the domain's DNSSEC has digests of an unknown kind",
	dns.ExtendedErrorCodeForgedAnswer:                "blocks the name with an answer of its own",
	dns.ExtendedErrorCodeDNSSECIndeterminate:         "the domain's DNSSEC cannot be checked",
	dns.ExtendedErrorCodeDNSBogus:                    "the domain's DNSSEC is wrong (bogus)",
	dns.ExtendedErrorCodeSignatureExpired:            "the domain's DNSSEC signature has expired",
	dns.ExtendedErrorCodeSignatureNotYetValid:        "the domain's DNSSEC signature is not valid yet",
	dns.ExtendedErrorCodeDNSKEYMissing:               "the domain's DNSSEC key is missing",
	dns.ExtendedErrorCodeRRSIGsMissing:               "the domain's DNSSEC signatures are missing",
	dns.ExtendedErrorCodeNoZoneKeyBitSet:             "the domain's DNSSEC key is not marked as one",
	dns.ExtendedErrorCodeNSECMissing:                 "the domain's DNSSEC does not prove what there is not",
	dns.ExtendedErrorCodeCachedError:                 "the look-up has failed before, and is not tried again yet",
	dns.ExtendedErrorCodeNotReady:                    "it is not ready yet",
	dns.ExtendedErrorCodeBlocked:                     "blocks the name",
	dns.ExtendedErrorCodeCensored:                    "blocks the name, because somebody else has told it to",
	dns.ExtendedErrorCodeFiltered:                    "blocks the name, as its users have asked",
	dns.ExtendedErrorCodeProhibited:                  "it does not answer to us",
	dns.ExtendedErrorCodeNotAuthoritative:            "a name server knows nothing of the domain",
	dns.ExtendedErrorCodeNoReachableAuthority:        "none of the domain's name servers can be reached",
	dns.ExtendedErrorCodeNetworkError:                "the domain's name servers cannot be reached over the network",
	dns.ExtendedErrorCodeInvalidData:                 "the domain's name servers have invalid data",
	dns.ExtendedErrorCodeSignatureExpiredBeforeValid: "the domain's DNSSEC signature ends before it begins",
	dns.ExtendedErrorCodeUnsupportedNSEC3IterValue:   "the domain's DNSSEC asks for too much work (NSEC3)",
	dns.ExtendedErrorCodeUnableToConformToPolicy:     "the domain's DNS does not conform to the server's policy",
}

// maxExtra bounds what is shown of a server's own words, in runes.
const maxExtra = 100

// words says what the error is, and in quotes what the server adds.
func (e *extendedError) words() string {
	words := extendedWords[e.InfoCode]
	if words == "" {
		words = fmt.Sprintf("the domain cannot be looked up, extended error %d", e.InfoCode)
	}
	if extra := clip(engine.Clean(e.ExtraText), maxExtra); extra != "" {
		words += `, "` + extra + `"`
	}
	return words
}

// clip cuts a text to n runes.
func clip(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}
