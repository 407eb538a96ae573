package resolve

import (
	"fmt"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// question makes the query for a host's TXT records. Its ID is 0, as RFC 8484 has it, so that equal queries are equal
// bytes; the AD bit asks to be told whether DNSSEC vouches for the answer (RFC 6840, section 5.7).
func question(host string) *dns.Msg {
	q := new(dns.Msg)
	q.SetQuestion(dns.Fqdn(host), dns.TypeTXT)
	q.Id = 0
	q.AuthenticatedData = true
	return q
}

// reply is what a server says about a host's TXT records, when it says anything at all.
type reply struct {
	keys keys
	// missing says that there is no such name.
	missing bool
	ttl     time.Duration
	ad      bool
}

// parseReply reads a DNS message in wire format as the answer to q. An error names what is wrong with it; another
// server may do better.
func parseReply(q *dns.Msg, wire []byte) (reply, error) {
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		return reply{}, fmt.Errorf("malformed answer: %w", err)
	}
	if err := checkHeader(q, m); err != nil {
		return reply{}, err
	}
	switch m.Rcode {
	case dns.RcodeSuccess:
	case dns.RcodeNameError:
		return reply{missing: true, ad: m.AuthenticatedData}, nil
	default:
		return reply{}, fmt.Errorf("it says %s", rcode(m.Rcode))
	}
	records, ttl, err := follow(q.Question[0].Name, m.Answer)
	if err != nil {
		return reply{}, err
	}
	return reply{keys: findKeys(records), ttl: ttl, ad: m.AuthenticatedData}, nil
}

func rcode(n int) string {
	if s, ok := dns.RcodeToString[n]; ok {
		return s
	}
	return fmt.Sprintf("RCODE %d", n)
}

// checkHeader refuses what is not a whole answer to q.
func checkHeader(q, m *dns.Msg) error {
	switch {
	case !m.Response, m.Opcode != dns.OpcodeQuery, m.Id != q.Id:
		return fmt.Errorf("that is no answer to the query")
	case m.Truncated:
		return fmt.Errorf("the answer is cut off")
	case len(m.Question) != 1:
		return fmt.Errorf("the answer has %d questions", len(m.Question))
	}
	asked, got := q.Question[0], m.Question[0]
	if !sameName(asked.Name, got.Name) || got.Qtype != asked.Qtype || got.Qclass != asked.Qclass {
		return fmt.Errorf("it answers another question: %s %s", engine.Clean(got.Name), dns.Type(got.Qtype))
	}
	return nil
}

// follow gives the TXT records of name, or of the name that its CNAME records lead to, and the least TTL on the way.
// Records of other names and classes do not count; when there are TXT records of other names alone, the answer is
// somebody else's.
func follow(name string, answer []dns.RR) ([]*dns.TXT, time.Duration, error) {
	name = dns.CanonicalName(name)
	ttl := ^uint32(0)
	for seen := map[string]bool{}; ; {
		seen[name] = true
		alias := cname(name, answer)
		if alias == nil {
			break
		}
		ttl = min(ttl, alias.Hdr.Ttl)
		name = dns.CanonicalName(alias.Target)
		if seen[name] {
			return nil, 0, fmt.Errorf("its CNAME records go in circles at %s", engine.Clean(name))
		}
	}
	var own []*dns.TXT
	var foreign string
	for _, rr := range answer {
		txt, ok := rr.(*dns.TXT)
		switch {
		case !ok || txt.Hdr.Class != dns.ClassINET:
		case sameName(txt.Hdr.Name, name):
			own = append(own, txt)
			ttl = min(ttl, txt.Hdr.Ttl)
		default:
			foreign = txt.Hdr.Name
		}
	}
	if len(own) == 0 && foreign != "" {
		return nil, 0, fmt.Errorf("the answer is about another name, %s", engine.Clean(foreign))
	}
	return own, seconds(ttl), nil
}

func cname(name string, answer []dns.RR) *dns.CNAME {
	for _, rr := range answer {
		if c, ok := rr.(*dns.CNAME); ok && c.Hdr.Class == dns.ClassINET && sameName(c.Hdr.Name, name) {
			return c
		}
	}
	return nil
}

func sameName(a, b string) bool { return dns.CanonicalName(a) == dns.CanonicalName(b) }

// seconds reads a TTL, whose upper half counts as zero (RFC 2181, section 8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}
