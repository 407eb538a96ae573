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

// describedError is an error with a text for people; the cause is for the log.
type describedError struct {
	text  string
	cause error
}

func (e *describedError) Error() string { return e.text }
func (e *describedError) Unwrap() error { return e.cause }

// nameFault is a server's statement that a name cannot be looked up: the name's own DNS is broken, or the server
// blocks it.
type nameFault struct {
	text    string
	blocked bool
	// servfail reports whether the server may be unable to look up any name, for which it would return the same error.
	servfail bool
}

func (e *nameFault) Error() string { return e.text }

// unclearFailure is a failure for which the name or the server may be at fault: a timeout, or a malformed response. It
// counts against the server only if a query for another name fails, too: see health.observe.
type unclearFailure struct {
	text  string
	cause error // nil for none
}

func (e *unclearFailure) Error() string { return e.text }
func (e *unclearFailure) Unwrap() error { return e.cause }

// unclearFailuref returns a formatted unclearFailure.
func unclearFailuref(format string, args ...any) error {
	return &unclearFailure{text: fmt.Sprintf(format, args...)}
}

const webPage = "it answers with a web page instead of DNS, as networks do that want you to sign in first"

// isWebPage reports whether a response is HTML instead of a DNS message, whose first two bytes are the query's ID: 0.
func isWebPage(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

// statusError returns the error for an HTTP status other than 200. Proxies in front of a resolver answer 500, 502 or
// 504 if it has not answered them in time, for which the name may be at fault.
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
		return unclearFailuref("it failed (HTTP %d)", code)
	case code >= 400:
		what = "it does not understand the question"
	case code >= 300:
		what = "it sends us elsewhere, which is not followed"
	}
	return fmt.Errorf("%s (HTTP %d)", what, resp.StatusCode)
}

// retryAfter describes the Retry-After header, in seconds (RFC 9110, section 10.2.3).
func retryAfter(resp *http.Response) string {
	n, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 20)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" and takes no questions for %d s", n)
}

// rcodeError returns the error for an RCODE other than success and NXDOMAIN. The name is at fault for SERVFAIL and
// YXDOMAIN, and for a response with an extended error that blocks the name (RFC 8914).
func rcodeError(m *dns.Msg) error {
	code := rcodeName(m)
	ede := extendedErrorOf(m)
	switch {
	case ede.isBlocked():
		return &nameFault{text: "it " + ede.describe(), blocked: true}
	case ede != nil && (ede.InfoCode == dns.ExtendedErrorCodeNotReady || ede.InfoCode == dns.ExtendedErrorCodeProhibited):
		return errors.New(ede.describe() + " (" + code + ")")
	case m.Rcode == dns.RcodeServerFailure && ede == nil:
		return &nameFault{text: "the domain's name servers give it no usable answer (SERVFAIL)", servfail: true}
	case m.Rcode == dns.RcodeServerFailure:
		return &nameFault{text: ede.describe() + " (SERVFAIL)", servfail: true}
	case m.Rcode == dns.RcodeYXDomain:
		return &nameFault{text: "the domain's DNAME record makes a name that is too long (YXDOMAIN)"}
	case m.Rcode == dns.RcodeRefused:
		return unclearFailuref("it does not want to answer (REFUSED)") // Some servers refuse the names that they block.
	}
	return unclearFailuref("it answered %s", code)
}

// rcodeName returns the name of the RCODE of a message.
func rcodeName(m *dns.Msg) string {
	if name := dns.RcodeToString[m.Rcode]; name != "" {
		return name
	}
	return fmt.Sprintf("RCODE %d", m.Rcode)
}

// extendedError is an extended DNS error; nil for none.
type extendedError dns.EDNS0_EDE

// extendedErrorOf returns the extended error of a message; of several, the one that blocks the name, or the first.
func extendedErrorOf(m *dns.Msg) *extendedError {
	opt := m.IsEdns0()
	if opt == nil {
		return nil
	}
	var found *extendedError
	for _, o := range opt.Option {
		if e, ok := o.(*dns.EDNS0_EDE); ok && (found == nil || (*extendedError)(e).isBlocked()) {
			found = (*extendedError)(e)
		}
	}
	return found
}

// isBlocked reports whether the server has replaced the answer of the DNS to block the name.
func (e *extendedError) isBlocked() bool {
	if e == nil {
		return false
	}
	switch e.InfoCode {
	case dns.ExtendedErrorCodeForgedAnswer, dns.ExtendedErrorCodeBlocked, dns.ExtendedErrorCodeCensored,
		dns.ExtendedErrorCodeFiltered:
		return true
	}
	return false
}

var extendedErrorTexts = map[uint16]string{
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

// maxExtraText is how much of a server's own text is shown, in runes.
const maxExtraText = 100

// describe returns what the error is, and in quotes the server's own text.
func (e *extendedError) describe() string {
	words := extendedErrorTexts[e.InfoCode]
	if words == "" {
		words = fmt.Sprintf("the domain cannot be looked up, extended error %d", e.InfoCode)
	}
	if extra := truncate(engine.Clean(e.ExtraText), maxExtraText); extra != "" {
		words += `, "` + extra + `"`
	}
	return words
}

// truncate cuts a text to n runes.
func truncate(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n]) + "…"
	}
	return s
}
