package resolve

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// question makes the query for a host's TXT records. Its ID is 0, as RFC 8484 has it, so that equal queries are equal
// bytes; the AD bit asks to be told whether DNSSEC vouches for the answer (RFC 6840, section 5.7), and the OPT record
// to be told what is wrong when there is none (RFC 8914).
func question(host string) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(host), dns.TypeTXT)
	q.Id = 0
	q.AuthenticatedData = true
	q.SetEdns0(maxUDP, false)
	return q
}

// maxUDP is the longest answer over UDP, in bytes, which an OPT record has to name; DNS over HTTPS has no such limit.
const maxUDP = 1232

// reply is what a server says about a host's TXT records, when it says anything at all.
type reply struct {
	keys keys
	// missing says that there is no such name.
	missing bool
	// alias is the name that CNAME records lead to, clean; empty without any.
	alias string
	ttl   time.Duration
	ad    bool
	// warnings name what is wrong with the records, clean.
	warnings []string
}

// parseReply reads a DNS message in wire format as the answer to q. An error names what is wrong with it; another
// server may do better. It is a *nameFault if it is not the server that is at fault.
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
	r, records, err := follow(q.Question[0].Name, m.Answer)
	if err != nil {
		return reply{}, err
	}
	r.missing, r.ad, r.keys = m.Rcode == dns.RcodeNameError, m.AuthenticatedData, findKeys(records)
	if ede := extended(m); len(r.keys.infohashes) == 0 && r.keys.named() == "" && ede.blocks() {
		return reply{}, &nameFault{words: "it " + ede.words(), blocked: true}
	}
	return r, nil
}

// malformedMessage says what came instead of a DNS message.
func malformedMessage(wire []byte, err error) error {
	if isWebPage(wire) {
		return &worded{webPage, err}
	}
	return &doubtful{"its answer is a malformed DNS message", err}
}

// checkHeader refuses what is not a whole answer to q.
func checkHeader(q, m *dns.Msg) error {
	switch {
	case !m.Response, m.Opcode != dns.OpcodeQuery, m.Id != q.Id:
		return doubtfulf("that is no answer to the query")
	case m.Truncated:
		return doubtfulf("the answer is cut off")
	case len(m.Question) != 1:
		return doubtfulf("the answer has %d questions", len(m.Question))
	}
	asked, got := q.Question[0], m.Question[0]
	if !sameName(asked.Name, got.Name) || got.Qtype != asked.Qtype || got.Qclass != asked.Qclass {
		return doubtfulf("it answers another question: %s %s", engine.Clean(got.Name), dns.Type(got.Qtype))
	}
	return nil
}

// maxAliases is how many CNAME records are followed, more than DNS servers do: an answer can have thousands.
const maxAliases = 32

// follow gives the TXT records of name, or of the name that its CNAME records lead to, and what there is to say of the
// way: alias, warnings and the least TTL. TXT records beside a CNAME, which should not be there, count before what that
// leads to. Records of other names and classes do not count; when there are TXT records of other names alone, the
// answer is somebody else's.
func follow(name string, answer []dns.RR) (reply, []*dns.TXT, error) {
	name = dns.CanonicalName(name)
	ttl := ^uint32(0)
	r := reply{}
	for way := []string{name}; ; way = append(way, name) {
		own, aliases := recordsOf(name, answer)
		if len(aliases) > 1 {
			r.warnings = append(r.warnings, shortName(name)+" has several CNAME records, which DNS does not allow: others may go by another one")
		}
		if len(own) > 0 && len(aliases) > 0 {
			r.warnings = append(r.warnings, shortName(name)+" has a CNAME record beside its TXT records, which DNS does not allow: others may see only one of the two")
		}
		if len(own) > 0 || len(aliases) == 0 {
			for _, txt := range own {
				ttl = min(ttl, txt.Hdr.Ttl)
			}
			r.ttl = seconds(ttl)
			return r, own, checkOwner(own, answer)
		}
		ttl = min(ttl, aliases[0].Hdr.Ttl)
		name = dns.CanonicalName(aliases[0].Target)
		r.alias = shortName(name)
		if slices.Contains(way, name) {
			return reply{}, nil, circle(append(way, name))
		}
		if len(way) > maxAliases {
			return reply{}, nil, &nameFault{words: fmt.Sprintf("its CNAME records lead through more than %d names", maxAliases)}
		}
	}
}

// recordsOf gives the TXT records of one name, and the first two CNAME records that differ.
func recordsOf(name string, answer []dns.RR) (own []*dns.TXT, aliases []*dns.CNAME) {
	for _, rr := range answer {
		if rr.Header().Class != dns.ClassINET || !sameName(rr.Header().Name, name) {
			continue
		}
		switch rr := rr.(type) {
		case *dns.TXT:
			own = append(own, rr)
		case *dns.CNAME:
			if len(aliases) < 2 && !slices.ContainsFunc(aliases, func(c *dns.CNAME) bool { return sameName(c.Target, rr.Target) }) {
				aliases = append(aliases, rr)
			}
		}
	}
	return own, aliases
}

// checkOwner refuses an answer that has TXT records, of which none is of the name that was asked for.
func checkOwner(own []*dns.TXT, answer []dns.RR) error {
	if len(own) > 0 {
		return nil
	}
	for _, rr := range answer {
		if txt, ok := rr.(*dns.TXT); ok && txt.Hdr.Class == dns.ClassINET {
			return doubtfulf("the answer is about another name, %s", engine.Clean(txt.Hdr.Name))
		}
	}
	return nil
}

// circle says that CNAME records lead nowhere; the last name of the way is one of those before it.
func circle(way []string) error {
	way = way[slices.Index(way, way[len(way)-1]):]
	if len(way) == 2 {
		return &nameFault{words: "the CNAME record of " + shortName(way[0]) + " points to itself"}
	}
	names := make([]string, 0, len(way))
	for _, name := range way {
		names = append(names, shortName(name))
	}
	if most := 5; len(names) > most {
		names = append(names[:most], "…")
	}
	return &nameFault{words: "its CNAME records go in circles: " + strings.Join(names, " to ")}
}

// shortName is a name without its final dot, for a person.
func shortName(name string) string { return engine.Clean(strings.TrimSuffix(name, ".")) }

func sameName(a, b string) bool { return dns.CanonicalName(a) == dns.CanonicalName(b) }

// seconds reads a TTL, whose upper half counts as zero (RFC 2181, section 8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}
