package resolve

import (
	"regexp"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// wtpkey is the rule for a key once more, in other words.
var wtpkey = regexp.MustCompile(
	`^` + gap + `"?` + gap + `[wW][tT][pP][kK][eE][yY]=` + gap + `([0-9a-fA-F]{40})` + gap + `"?` + gap + `$`,
)

const gap = `[\s\x{85}\x{feff}\pZ\v]*`

func FuzzTXT(f *testing.F) {
	for _, s := range []string{
		"wtpkey=" + hashA, `"WTPKEY=` + strings.ToUpper(hashA) + `"`, `"wtpkey=` + hashA, "wtpkey=" + hashA + "\n",
		"wtp\u212aey=" + hashA,
		" wtpkey=" + hashA, "wtptracker=udp://t.example:1/a", "WTPSEED=https://s.example/", "wtptracker=udp://a\x1b/",
		"wtpkey=", "\x1b]0;title\x07", `\"`, "",
	} {
		f.Add(s, 3)
	}
	f.Fuzz(func(t *testing.T, s string, cut int) {
		got, ok := parseKey(s)
		match := wtpkey.FindStringSubmatch(s)
		if ok != (match != nil) || ok && got != strings.ToLower(match[1]) {
			t.Errorf("parseKey(%q) = %q, %v; the rule gives %q", s, got, ok, match)
		}

		if m := findMalformed(s); m != nil && !ok {
			expectClean(t, m.what, m.shown, m.why)
			if m.why == "" {
				t.Errorf("%q is %+v", s, m)
			}
		}
		expectClean(t, makeVisible(s))

		var h hints
		if h.add(s); len(h.trackers)+len(h.webSeeds) > 1 || ok && len(h.trackers)+len(h.webSeeds) > 0 {
			t.Errorf("%q is %+v", s, h)
		}
		expectClean(t, append(h.trackers, h.webSeeds...)...)

		// Over the wire and back, in strings of any length, the bytes are the same.
		record := &dns.TXT{Hdr: dns.RR_Header{Name: "a.example.", Rrtype: dns.TypeTXT, Class: dns.ClassINET}}
		size := 1 + (cut&0x7fffffff)%255
		for rest := s; rest != ""; rest = rest[min(size, len(rest)):] {
			record.Txt = append(record.Txt, escape(rest[:min(size, len(rest))]))
		}
		buf := make([]byte, 5*len(s)+1024)
		n, err := dns.PackRR(record, buf, 0, nil, false)
		if err != nil {
			t.Skip("longer than a record can be")
		}
		back, _, err := dns.UnpackRR(buf[:n], 0)
		if err != nil {
			t.Fatal(err)
		}
		txt, ok := back.(*dns.TXT)
		if !ok || recordText(txt) != s {
			t.Errorf("%q comes back as %q", s, back)
		}
	})
}

// escape writes every byte as \DDD.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.Write([]byte{'\\', '0' + s[i]/100, '0' + s[i]/10%10, '0' + s[i]%10})
	}
	return b.String()
}

func FuzzDNSMessage(f *testing.F) {
	for _, records := range [][]string{
		{key("600", hashA)},
		{host + ". 600 CNAME a.example.", `a.example. 600 TXT "wtpkey=` + hashB + `"`},
		{host + ". 600 CNAME " + host + "."},
		{host + `. 600 TXT "a\027[31m"`},
	} {
		m := new(dns.Msg)
		m.SetReply(newTXTQuery(host))
		for _, s := range records {
			rr, err := dns.NewRR(s)
			if err != nil {
				f.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		wire, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
		m.Compress = true
		if wire, err = m.Pack(); err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	r := New(Config{})
	f.Cleanup(func() { _ = r.Close() })
	f.Fuzz(func(t *testing.T, wire []byte) {
		reply, err := parseReply(newTXTQuery(host), wire)
		if err != nil {
			expectClean(t, engine.Message(unavailableError(host, []failure{{"https://dns.example/", err}})))
			return
		}
		a, err := r.newAnswer(host, "https://dns.example/", reply)
		if (err == nil) != engine.IsInfohash(a.Infohash) || a.TTL <= 0 || a.TTL > maxTTL {
			t.Errorf("got %+v, %v", a, err)
		}
		expectClean(t, append(append([]string{engine.Message(err)}, a.Warnings...), a.OtherStrings...)...)
	})
}

func expectClean(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s != engine.Clean(s) {
			t.Errorf("%q is not clean", s)
		}
	}
}
