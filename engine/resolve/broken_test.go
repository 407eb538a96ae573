package resolve

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"wtptui/engine"
)

// explain adds an extended DNS error.
func explain(m *dns.Msg, code uint16, text string) {
	m.SetEdns0(maxUDP, false)
	opt := m.IsEdns0()
	opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: code, ExtraText: text})
}

func extendedAnswer(rcode int, code uint16, text string) respond {
	return answering(func(m *dns.Msg) {
		m.Rcode = rcode
		explain(m, code, text)
	})
}

// A broken domain is reported as an error of the domain. The servers stay healthy.
func TestBrokenDomains(t *testing.T) {
	for name, c := range map[string]struct {
		respond respond
		says    []string
	}{
		"SERVFAIL": {
			answering(func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }),
			[]string{"no usable answer (SERVFAIL)"},
		},
		"bogus": {
			extendedAnswer(dns.RcodeServerFailure, dns.ExtendedErrorCodeDNSBogus, ""),
			[]string{"DNSSEC is wrong (bogus) (SERVFAIL)"},
		},
		"expired": {
			extendedAnswer(dns.RcodeServerFailure, dns.ExtendedErrorCodeSignatureExpired, ""),
			[]string{"signature has expired"},
		},
		"out of reach": {
			extendedAnswer(dns.RcodeServerFailure, dns.ExtendedErrorCodeNoReachableAuthority, "at\x1b[2J delegation\nx."),
			[]string{`none of the domain's name servers can be reached, "at[2J delegation x."`},
		},
		"other": {
			extendedAnswer(dns.RcodeServerFailure, dns.ExtendedErrorCodeOther, strings.Repeat("x", 500)),
			[]string{strings.Repeat("x", maxExtraText) + "…"},
		},
		"unknown code":   {extendedAnswer(dns.RcodeServerFailure, 4711, ""), []string{"extended error 4711"}},
		"DNAME too long": {answering(func(m *dns.Msg) { m.Rcode = dns.RcodeYXDomain }), []string{"YXDOMAIN"}},
		"CNAME to itself": {
			zone(host + `. 600 CNAME ` + host + `.`), []string{"the CNAME record of " + host + " points to itself"},
		},
		"alias to a CNAME to itself": {
			zone(host+`. 600 CNAME a.example.`, `a.example. 600 CNAME A.example.`),
			[]string{"the CNAME record of a.example points to itself"},
		},
		"CNAME loop": {
			zone(host+`. 600 CNAME a.example.`, `a.example. 1 CNAME b.example.`, `b.example. 1 CNAME a.example.`),
			[]string{"go in circles: a.example to b.example to a.example"},
		},
		"blocked": {
			extendedAnswer(dns.RcodeNameError, dns.ExtendedErrorCodeBlocked, ""),
			[]string{"it blocks the name", "--doh"},
		},
		"censored": {
			extendedAnswer(dns.RcodeRefused, dns.ExtendedErrorCodeCensored, ""),
			[]string{"somebody else has told it to", "--doh"},
		},
		"filtered": {
			extendedAnswer(dns.RcodeSuccess, dns.ExtendedErrorCodeFiltered, ""),
			[]string{"as its users have asked", "--doh"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			blocked := strings.Contains(strings.Join(c.says, ""), "--doh")
			server := newDoH(t, healthyExcept(c.respond))
			// The second one refuses.
			r, _ := newResolver(t, Config{Servers: []string{server.url, "http://127.0.0.1:1/dns-query"}})
			_, err := r.Resolve(t.Context(), host)
			if !blocked {
				c.says = append(c.says, "the DNS of "+host+" is broken", "its owner has to mend it")
			}
			expectMessage(t, err, engine.Unavailable, c.says...)
			if msg := engine.Message(err); strings.Contains(msg, "check the network") {
				t.Errorf("it blames the network: %s", msg)
			}
			if s := waitForHealth(t, r); s[0].Error != "" || s[1].Error == "" {
				t.Errorf("the servers are %+v", s)
			}

			good := newDoH(t, zone(key("600", hashA)))
			both, _ := newResolver(t, Config{Servers: []string{server.url, good.url}})
			if a, err := both.Resolve(t.Context(), host); err != nil || a.Infohash != hashA || a.Queried[0].Error == "" {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// Of an answer with thousands of CNAME records only the first are read.
func TestManyAliases(t *testing.T) {
	const names = 2500
	suffix := strings.Repeat(strings.Repeat("a", 60)+".", 3) + "example."
	for name, chained := range map[string]bool{"one after the other": true, "of one name": false} {
		q := newTXTQuery(host)
		m := new(dns.Msg).SetReply(q)
		m.Compress = true
		owner := host + "."
		for i := range names {
			target := strconv.FormatInt(int64(i), 36) + "." + suffix
			m.Answer = append(m.Answer, &dns.CNAME{
				Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeCNAME, Class: dns.ClassINET, Ttl: 60}, Target: target,
			})
			if chained {
				owner = target
			}
		}
		wire, err := m.Pack()
		if err != nil || len(wire) > maxAnswer {
			t.Fatalf("%s: %d bytes, %v", name, len(wire), err)
		}
		_, err = parseReply(q, wire)
		if chained != (err != nil) || chained && !strings.Contains(err.Error(), "lead through more than") {
			t.Errorf("%s: %v", name, err)
		}
		if _, aliases := recordsOf(host+".", m.Answer); len(aliases) > 2 {
			t.Errorf("%s: %d aliases are compared with each other", name, len(aliases))
		}
	}
}

// Invalid records beside the key are reported, and are harmless.
func TestInvalidRecordsBesideTheKey(t *testing.T) {
	const target = `a.example. 600 TXT "wtpkey=` + hashB + `"`
	for name, c := range map[string]struct {
		records []string
		warning string
	}{
		"CNAME and TXT": {
			[]string{host + `. 600 CNAME a.example.`, key("600", hashA)},
			"has a CNAME record beside its TXT records",
		},
		"and its target's": {
			[]string{host + `. 600 CNAME a.example.`, target, key("600", hashA)},
			"has a CNAME record beside its TXT records",
		},
		"CNAME to itself and TXT": {
			[]string{host + `. 600 CNAME ` + host + `.`, key("600", hashA)}, "has a CNAME record beside its TXT records",
		},
		"on the way": {
			[]string{
				host + `. 600 CNAME b.example.`, `b.example. 600 CNAME a.example.`,
				`b.example. 600 TXT "wtpkey=` + hashA + `"`, target,
			},
			"b.example has a CNAME record beside",
		},
		"two CNAMEs": {
			[]string{
				host + `. 600 CNAME b.example.`, host + `. 600 CNAME a.example.`,
				`b.example. 600 TXT "wtpkey=` + hashA + `"`, target,
			},
			"has several CNAME records",
		},
		"one CNAME, told twice": {
			[]string{
				host + `. 600 CNAME b.example.`, host + `. 600 CNAME B.example.`, `b.example. 600 TXT "wtpkey=` + hashA + `"`,
			},
			"",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newResolver(t, Config{Servers: []string{newDoH(t, zone(c.records...)).url}})
			a, err := r.Resolve(t.Context(), host)
			if got := strings.Join(a.Warnings, "; "); err != nil || a.Infohash != hashA || !strings.Contains(got, c.warning) ||
				c.warning == "" && got != "" {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// Spaces and quotes around a key are removed, and the error for an invalid key shows its fault visibly.
func TestWaysToWriteAKey(t *testing.T) {
	for text, want := range map[string]string{
		"wtpkey=" + hashA + " ":                    "",
		" wtpkey=" + hashA:                         "",
		"\twtpkey=" + hashA + "\r\n":               "",
		"\ufeffwtpkey=" + hashA:                    "",
		"wtpkey=" + hashA + "\u00a0":               "",
		"\u00a0\"\ufeff wtpkey= " + hashA + " \" ": "",
		"wtpkey=" + hashA[:20] + "\u200b" + hashA[20:]: `a wtpkey that is not 40 hex digits (the value has 41 characters, ` +
			`and character 21 of the value is U+200B, in "wtpkey=` + hashA[:20] + `<U+200B>` + hashA[20:] + `")`,
		"wtpkey=" + hashA[:39] + "\u043e": `character 40 of the value is "о" (U+043E)`,
		"wtpkey=" + hashA[:39] + "\xe9": `character 40 of the value is the byte E9, which is not UTF-8, ` +
			`in "wtpkey=` + hashA[:39] + `<E9>"`,
		"wtpkey=" + hashA[:20] + " " + hashA[20:]: "the value has 41 characters, and character 21 of the value is a blank",
		"wtpkey=" + hashA[:39]:                    "the value has 39 characters, in",
		"wtpkey=":                                 "the value is missing",
		"wtpkey:" + hashA:                         `a wtpkey that is misspelt (character 7 is ":" and not "="`,
		"wtpkey " + hashA:                         `character 7 is a blank and not "="`,
		"wtpkey" + hashA:                          `character 7 is "9" and not "="`,
		"wtpkey":                                  `"=" is missing`,
		"wtpk\u0435y=" + hashA:                    `character 5 is "е" (U+0435) and not "e"`,
		"\u200bwtpkey=" + hashA:                   `character 1 is U+200B and not "w", in "<U+200B>wtpkey=`,
		"\u00adw\u00adtp-key=" + hashA:            `character 1 is U+00AD and not "w"`,
		"v=spf1 include:wtp.example -all":         `has no wtpkey among its TXT records ("v=spf1 include:wtp.example -all")`,
		"a\u200bb":                                `has no wtpkey among its TXT records ("a<U+200B>b")`,
	} {
		t.Run(text, func(t *testing.T) {
			server := newDoH(t, answering(func(m *dns.Msg) {
				m.Answer = append(m.Answer, &dns.TXT{
					Hdr: dns.RR_Header{Name: host + ".", Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 600},
					Txt: []string{escape(text)},
				})
			}))
			r, _ := newResolver(t, Config{Servers: []string{server.url}})
			a, err := r.Resolve(t.Context(), host)
			if want != "" {
				expectMessage(t, err, engine.NotFound, want)
			} else if err != nil || a.Infohash != hashA {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
}

// The time that an answer has spent in HTTP caches is part of its TTL.
func TestAge(t *testing.T) {
	for age, want := range map[string]time.Duration{
		"":                     time.Hour,
		"0":                    time.Hour,
		"600":                  50 * time.Minute,
		"3590":                 time.Minute, // the floor
		"3600":                 time.Minute,
		"99999999999999999999": time.Minute,
		"-5":                   time.Hour,
		"soon":                 time.Hour,
	} {
		server := newDoH(t, func(w http.ResponseWriter, q *dns.Msg) {
			if age != "" {
				w.Header().Set("Age", age)
			}
			zone(key("3600", hashA))(w, q)
		})
		r, _ := newResolver(t, Config{Servers: []string{server.url}})
		if a, err := r.Resolve(t.Context(), host); err != nil || a.TTL != want || a.Lifetime != want {
			t.Errorf("Age %q: %v, %v, %v; want %v", age, a.TTL, a.Lifetime, err, want)
		}
	}
}

// Names that are not in the DNS are sent neither to DNS servers nor to a web server of that name.
func TestSpecialUseNamesAreNotAsked(t *testing.T) {
	server := newDoH(t, zone())
	site := newWebsite(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "local.example" {
			t.Errorf("the web server of %s was asked", r.Host)
		}
		http.NotFound(w, r)
	})
	cache := &memoryCache{}
	_ = cache.PutName(engine.Name{
		Host: "nas.internal", Infohash: hashA, At: engine.At(day.Add(-time.Hour)), Expires: engine.At(day),
	})
	r, _ := newResolver(t, Config{Servers: []string{server.url}, WellKnown: site, Cache: cache})
	for _, name := range []string{"a.onion", "a.b.local", "a.localhost", "a.invalid", "a.alt", "nas.internal"} {
		for _, ask := range []func() (Answer, error){
			func() (Answer, error) { return r.Resolve(t.Context(), name) },
			func() (Answer, error) { return r.ResolveUncached(t.Context(), name) },
		} {
			_, err := ask()
			expectMessage(t, err, engine.Invalid, name+" cannot be looked up")
		}
	}
	if n := server.queries.Load(); n != 0 {
		t.Errorf("%d questions", n)
	}
	if _, err := r.Resolve(t.Context(), "local.example"); engine.KindOf(err) != engine.NotFound ||
		server.queries.Load() != 1 {
		t.Errorf("a name as any other: %v, %d questions", err, server.queries.Load())
	}
}
