package resolve

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// newTXTQuery returns the query for a host's TXT records. Its ID is 0, as RFC 8484 requires, so that equal queries are
// equal bytes. The AD bit requests the AD bit of the response (RFC 6840, section 5.7), and the OPT record requests
// extended errors (RFC 8914).
func newTXTQuery(host string) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(host), dns.TypeTXT)
	q.Id = 0
	q.AuthenticatedData = true
	q.SetEdns0(maxUDP, false)
	return q
}

// maxUDP is the maximum size of a response over UDP, in bytes, which an OPT record has to state; DNS over HTTPS has no
// such limit.
const maxUDP = 1232

// reply is the parsed response of a server about a host's TXT records.
type reply struct {
	keys keys
	// missing reports whether the name does not exist (NXDOMAIN).
	missing bool
	// alias is the name that CNAME records lead to, clean; empty without any.
	alias string
	ttl   time.Duration
	ad    bool
	// warnings describe faults of the records, clean.
	warnings []string
}

// parseReply parses a DNS message in wire format as the response to q. The error is a *nameFault if the name and not
// the server is at fault; otherwise another server may do better.
func parseReply(q *dns.Msg, wire []byte) (reply, error) {
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		return reply{}, malformedMessage(wire, err)
	}
	if err := checkHeader(q, m); err != nil {
		return reply{}, err
	}
	if m.Rcode != dns.RcodeSuccess && m.Rcode != dns.RcodeNameError {
		return reply{}, rcodeError(m)
	}
	r, records, err := followCNAMEs(q.Question[0].Name, m.Answer)
	if err != nil {
		return reply{}, err
	}
	r.missing, r.ad, r.keys = m.Rcode == dns.RcodeNameError, m.AuthenticatedData, findKeys(records)
	if ede := extendedErrorOf(m); len(r.keys.infohashes) == 0 && r.keys.publicKey() == "" && ede.isBlocked() {
		return reply{}, &nameFault{text: "it " + ede.describe(), blocked: true}
	}
	return r, nil
}

// malformedMessage returns the error for a response that is not a DNS message.
func malformedMessage(wire []byte, err error) error {
	if isWebPage(wire) {
		return &describedError{webPage, err}
	}
	return &unclearFailure{"its answer is a malformed DNS message", err}
}

// checkHeader returns an error unless m is a complete response to q.
func checkHeader(q, m *dns.Msg) error {
	switch {
	case !m.Response, m.Opcode != dns.OpcodeQuery, m.Id != q.Id:
		return unclearFailuref("it is not an answer to the query")
	case m.Truncated:
		return unclearFailuref("the answer is cut off")
	case len(m.Question) != 1:
		return unclearFailuref("the answer has %d questions", len(m.Question))
	}
	asked, got := q.Question[0], m.Question[0]
	if !sameName(asked.Name, got.Name) || got.Qtype != asked.Qtype || got.Qclass != asked.Qclass {
		return unclearFailuref("it answers another question: %s %s", engine.Clean(got.Name), dns.Type(got.Qtype))
	}
	return nil
}

// maxAliases is how many CNAME records are followed, more than DNS servers do: a response can have thousands.
const maxAliases = 32

// followCNAMEs returns the TXT records of name, or of the name that its CNAME records lead to. The reply holds alias,
// warnings and the minimum TTL. If a name has both, which DNS does not allow, its TXT records count and not its CNAME.
// Records of other names and classes are ignored; if there are only TXT records of other names, the response is about
// another name, which is an error.
func followCNAMEs(name string, answer []dns.RR) (reply, []*dns.TXT, error) {
	name = dns.CanonicalName(name)
	ttl := ^uint32(0)
	r := reply{}
	for chain := []string{name}; ; chain = append(chain, name) {
		own, aliases := recordsOf(name, answer)
		if len(aliases) > 1 {
			r.warnings = append(r.warnings,
				shortName(name)+" has several CNAME records, which DNS does not allow: others may go by another one")
		}
		if len(own) > 0 && len(aliases) > 0 {
			r.warnings = append(r.warnings,
				shortName(name)+" has a CNAME record beside its TXT records, which DNS does not allow: "+
					"others may see only one of the two")
		}
		if len(own) > 0 || len(aliases) == 0 {
			for _, txt := range own {
				ttl = min(ttl, txt.Hdr.Ttl)
			}
			r.ttl = ttlDuration(ttl)
			return r, own, checkOwner(own, answer)
		}
		ttl = min(ttl, aliases[0].Hdr.Ttl)
		name = dns.CanonicalName(aliases[0].Target)
		r.alias = shortName(name)
		if slices.Contains(chain, name) {
			return reply{}, nil, cnameLoopError(append(chain, name))
		}
		if len(chain) > maxAliases {
			return reply{}, nil, &nameFault{text: fmt.Sprintf("its CNAME records lead through more than %d names", maxAliases)}
		}
	}
}

// recordsOf returns the TXT records of one name, and its first two different CNAME records.
func recordsOf(name string, answer []dns.RR) (own []*dns.TXT, aliases []*dns.CNAME) {
	for _, rr := range answer {
		if rr.Header().Class != dns.ClassINET || !sameName(rr.Header().Name, name) {
			continue
		}
		switch rr := rr.(type) {
		case *dns.TXT:
			own = append(own, rr)
		case *dns.CNAME:
			if len(aliases) < 2 &&
				!slices.ContainsFunc(aliases, func(c *dns.CNAME) bool { return sameName(c.Target, rr.Target) }) {
				aliases = append(aliases, rr)
			}
		}
	}
	return own, aliases
}

// checkOwner returns an error if a response has TXT records, but none of the queried name.
func checkOwner(own []*dns.TXT, answer []dns.RR) error {
	if len(own) > 0 {
		return nil
	}
	for _, rr := range answer {
		if txt, ok := rr.(*dns.TXT); ok && txt.Hdr.Class == dns.ClassINET {
			return unclearFailuref("the answer is about another name, %s", engine.Clean(txt.Hdr.Name))
		}
	}
	return nil
}

// cnameLoopError returns the error for a loop of CNAME records: the last name of the chain occurs before in it.
func cnameLoopError(chain []string) error {
	chain = chain[slices.Index(chain, chain[len(chain)-1]):]
	if len(chain) == 2 {
		return &nameFault{text: "the CNAME record of " + shortName(chain[0]) + " points to itself"}
	}
	names := make([]string, 0, len(chain))
	for _, name := range chain {
		names = append(names, shortName(name))
	}
	if most := 5; len(names) > most {
		names = append(names[:most], "…")
	}
	return &nameFault{text: "its CNAME records go in circles: " + strings.Join(names, " to ")}
}

// shortName returns a name without its final dot, clean.
func shortName(name string) string { return engine.Clean(strings.TrimSuffix(name, ".")) }

func sameName(a, b string) bool { return dns.CanonicalName(a) == dns.CanonicalName(b) }

// ttlDuration returns a TTL as a duration; values over 2^31-1 count as zero (RFC 2181, section 8).
func ttlDuration(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}
