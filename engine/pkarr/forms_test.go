package pkarr

import (
	"bytes"
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"wtptui/engine"
)

const hash = "951ead31d09e4049fc1f21f137e233dd0589fcbd"

func public() engine.PublicKey { return engine.PublicKey(secret.Public().(ed25519.PublicKey)) }

// texts are the TXT records of a value.
func texts(t *testing.T, value []byte) []string {
	t.Helper()
	packet, ok := Item{Value: value}.Packet()
	m := new(dns.Msg)
	if !ok || m.Unpack(packet) != nil {
		t.Fatalf("%q holds no packet", value)
	}
	var all []string
	for _, rr := range m.Answer {
		txt, ok := rr.(*dns.TXT)
		if !ok || txt.Hdr.Name != public().Host()+"." || txt.Hdr.Ttl != TTL {
			t.Errorf("the record is %v", rr)
			continue
		}
		all = append(all, strings.Join(txt.Txt, ""))
	}
	return all
}

// TestContent: a record says where the site is, and of its hints as many as fit, the best first.
func TestContent(t *testing.T) {
	long := "udp://tracker.example/" + strings.Repeat("a", 300)
	for name, c := range map[string]struct {
		content Content
		want    []string
	}{
		"alone": {Content{Infohash: hash}, []string{"wtpkey=" + hash}},
		"hints": {
			Content{hash, []string{"wss://a.example/", "udp://b.example:1/"}, []string{"https://c.example/"}},
			[]string{"wtpkey=" + hash, "wtptracker=wss://a.example/", "wtpseed=https://c.example/", "wtptracker=udp://b.example:1/"},
		},
		"long": {Content{hash, []string{long}, nil}, []string{"wtpkey=" + hash, "wtptracker=" + long}},
		"too long": {
			Content{hash, []string{"udp://" + strings.Repeat("a", 1000), "udp://short.example:1/"}, []string{long, long + "b", long + "c"}},
			[]string{"wtpkey=" + hash, "wtpseed=" + long, "wtptracker=udp://short.example:1/", "wtpseed=" + long + "b"},
		},
		"quotes": {Content{hash, []string{`udp://"\.example/`}, nil}, []string{"wtpkey=" + hash, `wtptracker=udp://\"\\.example/`}},
	} {
		value, err := c.content.Value(public())
		again, _ := c.content.Value(public())
		if err != nil || len(value) > MaxValue || !bytes.Equal(value, again) {
			t.Errorf("%s: %d bytes, %v", name, len(value), err)
		}
		if got := texts(t, value); !slices.Equal(got, c.want) {
			t.Errorf("%s says %q, want %q", name, got, c.want)
		}
	}
	if _, err := (Content{Infohash: "nonsense"}).Value(public()); engine.KindOf(err) != engine.Invalid {
		t.Errorf("no infohash: %v", err)
	}
}

func TestPayload(t *testing.T) {
	value, err := Content{Infohash: hash}.Value(public())
	if err != nil {
		t.Fatal(err)
	}
	item, err := Sign(secret, now.UnixMicro(), value)
	if err != nil {
		t.Fatal(err)
	}
	payload, ok := item.Payload()
	if !ok {
		t.Fatal("the item has no payload")
	}
	if got, err := ParsePayload(public(), payload); err != nil || !got.Same(item) || got.Sig != item.Sig {
		t.Errorf("read %+v, %v", got, err)
	}
	if got, err := ParseBytes(public(), item.Bytes()); err != nil || !got.Same(item) || got.Sig != item.Sig {
		t.Errorf("read from the disk %+v, %v", got, err)
	}
	for what, b := range map[string][]byte{
		"nothing": nil, "short": payload[:71], "cut": payload[:len(payload)-1], "long": append(slices.Clone(payload), make([]byte, 1000)...),
		"changed": append(slices.Clone(payload[:len(payload)-1]), 'x'),
	} {
		if _, err := ParsePayload(public(), b); engine.KindOf(err) != engine.Refused {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, ok := (Item{Value: []byte("d2:ih20:aaaaaaaaaaaaaaaaaaaae")}).Payload(); ok {
		t.Error("a dictionary is given to a relay")
	}
}

func TestDictionary(t *testing.T) {
	const twenty = "aaaaaaaaaaaaaaaaaaaa"
	for value, want := range map[string]bool{
		"d2:ih20:" + twenty + "e":             true,
		"d1:a1:b2:ih20:" + twenty + "1:z1:ye": true,
		"d2:ih19:" + twenty[1:] + "e":         false,
		"d2:ihi5ee":                           false,
		"d1:a1:be":                            false,
		"d2:ih20:aa":                          false,
		"d":                                   false,
		"":                                    false,
		"4:spam":                              false,
		"d2:ih99999999999999999999:e":         false,
	} {
		infohash, ok := Item{Value: []byte(value)}.Dictionary()
		if ok != want || ok && infohash != strings.Repeat("61", 20) {
			t.Errorf("%q names %q, %v", value, infohash, ok)
		}
	}
}

func FuzzDictionary(f *testing.F) {
	f.Add([]byte("d2:ih20:aaaaaaaaaaaaaaaaaaaae"))
	f.Add([]byte("d2:ihi5ee"))
	f.Fuzz(func(t *testing.T, value []byte) {
		if infohash, ok := (Item{Value: value}).Dictionary(); ok && !engine.IsInfohash(infohash) {
			t.Errorf("%q names %q", value, infohash)
		}
	})
}

func FuzzParsePayload(f *testing.F) {
	f.Add(make([]byte, 72))
	f.Add(make([]byte, 80))
	f.Fuzz(func(t *testing.T, b []byte) {
		if i, err := ParsePayload(public(), b); err == nil && i.Check() != nil {
			t.Errorf("%x is taken", b)
		}
	})
}
