package pkarr

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// TTL is for how long readers may cache a record of ours, in seconds.
const TTL = 300

// Content is the content of a site's record.
type Content struct {
	// Infohash is the site's current infohash.
	Infohash string
	// Trackers and WebSeeds are hints where to find peers, best first. Those that do not fit are left out.
	Trackers, WebSeeds []string
}

// Value returns the bencoded DNS packet of a record: TXT records at the key's own name, in the same format as those of
// a domain. The error has Kind Invalid if Infohash is not one.
func (c Content) Value(key engine.PublicKey) ([]byte, error) {
	if !engine.IsInfohash(c.Infohash) {
		return nil, invalid("a record needs an infohash")
	}
	m := new(dns.Msg)
	m.Response, m.Authoritative, m.Compress = true, true, true
	m.Answer = append(m.Answer, txt(key, "wtpkey="+c.Infohash))
	packet, err := m.Pack()
	if err != nil {
		return nil, invalid("the record cannot be written: %v", err)
	}
	for _, hint := range c.hints() {
		longer := *m
		longer.Answer = append(slices.Clip(m.Answer), txt(key, hint))
		if p, err := longer.Pack(); err == nil && len(p) <= MaxPacket {
			*m, packet = longer, p
		}
	}
	return bencodeString(packet), nil
}

// hints returns the strings beside the key, the best one of each kind first.
func (c Content) hints() []string {
	var hints []string
	for n := range max(len(c.Trackers), len(c.WebSeeds)) {
		if n < len(c.Trackers) {
			hints = append(hints, "wtptracker="+c.Trackers[n])
		}
		if n < len(c.WebSeeds) {
			hints = append(hints, "wtpseed="+c.WebSeeds[n])
		}
	}
	return hints
}

// maxString is the maximum length of a string in a TXT record (RFC 1035, section 3.3.14); a longer text is split into
// several.
const maxString = 255

func txt(key engine.PublicKey, s string) dns.RR {
	rr := &dns.TXT{Hdr: dns.RR_Header{Name: key.Host() + ".", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: TTL}}
	for len(s) > maxString {
		rr.Txt = append(rr.Txt, escape(s[:maxString]))
		s = s[maxString:]
	}
	rr.Txt = append(rr.Txt, escape(s))
	return rr
}

// escape escapes a text for the DNS library.
func escape(s string) string {
	var b bytes.Buffer
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Packet returns the DNS packet of the item; false if it has none. The packet need not be well-formed.
func (i Item) Packet() ([]byte, bool) {
	length, packet, ok := bytes.Cut(i.Value, []byte(":"))
	if !ok || strconv.Itoa(len(packet)) != string(length) {
		return nil, false
	}
	return packet, true
}
