package pkarr

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"wtptui/engine"
)

const infohash = "951ead31d09e4049fc1f21f137e233dd0589fcbd"

// texts reads the TXT records at a key's own name in a packet, their strings joined, from the wire form.
func texts(t testing.TB, key engine.PublicKey, value []byte) []string {
	t.Helper()
	packet, ok := Item{Value: value}.Packet()
	if !ok {
		t.Fatalf("%q has no packet", value)
	}
	var m dns.Msg
	if err := m.Unpack(packet); err != nil {
		t.Fatal(err)
	}
	if !m.Response || m.Id != 0 || m.Rcode != dns.RcodeSuccess || len(m.Question)+len(m.Ns)+len(m.Extra) > 0 {
		t.Errorf("it is %v", m.MsgHdr)
	}
	var all []string
	for _, rr := range m.Answer {
		if h := rr.Header(); h.Name != key.Host()+"." || h.Rrtype != dns.TypeTXT || h.Class != dns.ClassINET || h.Ttl != TTL {
			t.Errorf("a record is %v", h)
		}
		wire := make([]byte, 2*dns.MaxMsgSize)
		end, err := dns.PackRR(rr, wire, 0, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		data := wire[end-int(rr.Header().Rdlength) : end]
		var joined []byte
		for len(data) > 0 {
			n := int(data[0])
			joined = append(joined, data[1:1+n]...)
			data = data[1+n:]
		}
		all = append(all, string(joined))
	}
	return all
}

// The bytes of a record are those that RFC 1035 has for it.
func TestRecordBytes(t *testing.T) {
	t.Parallel()
	key := publicOf(secret(1))
	value, err := Content{Infohash: infohash, WebSeeds: []string{"https://w/"}}.Value(key)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(name, s string) string {
		return fmt.Sprintf("%s\x00\x10\x00\x01\x00\x00\x01\x2c\x00%c%c%s", name, len(s)+1, len(s), s)
	}
	packet := "\x00\x00\x84\x00\x00\x00\x00\x02\x00\x00\x00\x00" +
		answer("\x34"+key.Host()+"\x00", "wtpkey="+infohash) +
		answer("\xc0\x0c", "wtpseed=https://w/")
	if want := fmt.Sprintf("%d:%s", len(packet), packet); string(value) != want {
		t.Errorf("it is\n%q, want\n%q", value, want)
	}
}

func TestContent(t *testing.T) {
	t.Parallel()
	key := publicOf(secret(2))
	long := "https://seed.example/" + strings.Repeat("abc/", 100)
	tooLong := "https://seed.example/" + strings.Repeat("abc/", 300)
	odd := "udp://x:1/\"\\\\065\\\x00\xff\n;é"
	for name, tt := range map[string]struct {
		content Content
		want    []string
	}{
		"nothing else": {Content{}, nil},
		"in turn": {
			Content{Trackers: []string{"udp://a:1", "udp://b:1"}, WebSeeds: []string{"https://c/"}},
			[]string{"wtptracker=udp://a:1", "wtpseed=https://c/", "wtptracker=udp://b:1"},
		},
		"several strings": {Content{WebSeeds: []string{long}}, []string{"wtpseed=" + long}},
		"odd bytes":       {Content{Trackers: []string{odd}}, []string{"wtptracker=" + odd}},
		"what does not fit is left out": {
			Content{Trackers: []string{"udp://a:1"}, WebSeeds: []string{tooLong, "https://c/"}},
			[]string{"wtptracker=udp://a:1", "wtpseed=https://c/"},
		},
		"of 255 and 256 bytes": {
			Content{WebSeeds: []string{long[:255-len("wtpseed=")], long[:256-len("wtpseed=")]}},
			[]string{"wtpseed=" + long[:255-len("wtpseed=")], "wtpseed=" + long[:256-len("wtpseed=")]},
		},
	} {
		tt.content.Infohash = infohash
		value, err := tt.content.Value(key)
		if err != nil || len(value) >= MaxValue {
			t.Errorf("%s: %d bytes, %v", name, len(value), err)
			continue
		}
		if got := texts(t, key, value); !slices.Equal(got, append([]string{"wtpkey=" + infohash}, tt.want...)) {
			t.Errorf("%s: %q", name, got)
		}
		if again, err := tt.content.Value(key); err != nil || !bytes.Equal(again, value) {
			t.Errorf("%s: written in two ways", name)
		}
		if i, err := Sign(secret(2), 1, value); err != nil || i.Check() != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "951EAD31D09E4049FC1F21F137E233DD0589FCBD", infohash[:38], "example.org"} {
		if _, err := (Content{Infohash: bad}).Value(key); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A record is filled as far as the DHT takes it, to the byte.
func TestContentThatDoesNotFit(t *testing.T) {
	t.Parallel()
	key := publicOf(secret(3))
	longest := 0
	for n := 700; n < MaxValue; n++ {
		value, err := Content{Infohash: infohash, WebSeeds: []string{strings.Repeat("a", n)}}.Value(key)
		if err != nil || len(value) > MaxValue {
			t.Fatalf("%d: %d bytes, %v", n, len(value), err)
		}
		longest = max(longest, len(value))
	}
	if longest != MaxPacket+len("995:") {
		t.Errorf("the longest has %d bytes", longest)
	}
	var many []string
	for n := range 1000 {
		many = append(many, fmt.Sprintf("udp://tracker%d.example:6969/announce", n))
	}
	value, err := Content{Infohash: infohash, Trackers: many}.Value(key)
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(t, key, value); len(got) < 12 || got[1] != "wtptracker="+many[0] {
		t.Errorf("of many trackers %d are there: %q", len(got)-1, got)
	}
}

func TestPacket(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"0:": "", "3:a:b": "a:b", "1::": ":"} {
		if got, ok := (Item{Value: []byte(value)}).Packet(); !ok || string(got) != want {
			t.Errorf("%q has the packet %q, %v", value, got, ok)
		}
	}
	for _, value := range []string{
		"", "3", ":", "1:", "1:ab", "01:a", "+1:a", "1 :a", "de", "d1:a1:be", "i1e", "l1:ae", "-1:a",
	} {
		if got, ok := (Item{Value: []byte(value)}).Packet(); ok {
			t.Errorf("%q has the packet %q", value, got)
		}
	}
}

func TestDictionary(t *testing.T) {
	t.Parallel()
	raw := string(unhex(t, infohash))
	for _, value := range []string{"d2:ih20:" + raw + "e", "d1:a1:b2:ih20:" + raw + "1:zi1ee"} {
		if got, ok := (Item{Value: []byte(value)}).Dictionary(); !ok || got != infohash {
			t.Errorf("%q names %q, %v", value, got, ok)
		}
	}
	for _, value := range []string{
		"", "d", "de", "dee", "d2:ih", "d2:ih19:" + raw[1:] + "e", "d2:ih20:" + raw, "d2:ih40:" + infohash + "e",
		"d2:ihi20ee", "d2:ihl20:" + raw + "ee", "d2:ih20:" + raw + "ejunk", "l2:ih20:" + raw + "e", "24:d2:ih20:" + raw + "e",
		"d2:ih99999999999999999999:e", "d2:ih-1:e", "d2:ihd2:ih20:" + raw + "ee", "d2:ih134217727:e",
		strings.Repeat("d1:a", 200),
		"di1e20:" + raw + "e", "d2:ih20:" + raw + "1:ai-e", "d1:ai99999999999999999999e2:ih20:" + raw[:19],
		"d1:a900:" + strings.Repeat("a", 2000) + "e",
	} {
		if got, ok := (Item{Value: []byte(value)}).Dictionary(); ok || got != "" {
			t.Errorf("%.60q names %q, %v", value, got, ok)
		}
	}
}

// What a stranger has put is read or not, and nothing worse.
func FuzzValue(f *testing.F) {
	value, err := Content{Infohash: infohash}.Value(publicOf(secret(1)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	for _, s := range []string{
		"d2:ih20:aaaaaaaaaaaaaaaaaaaae", "di1e", "d1:ai-e", "0:", "995:", "d2:ih9999999999:", "d1:ad1:ade",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		i := Item{Value: value}
		packet, isPacket := i.Packet()
		hash, isDictionary := i.Dictionary()
		if isPacket && isDictionary {
			t.Fatal("it is both")
		}
		if isPacket && !bytes.Equal(bencodeString(packet), value) {
			t.Fatalf("%q has the packet %q", value, packet)
		}
		if isDictionary != engine.IsInfohash(hash) {
			t.Fatalf("%q names %q", value, hash)
		}
		signed, err := Sign(secret(1), 1, value)
		if err != nil {
			return
		}
		back, err := ParseBytes(signed.Key, signed.Bytes())
		if err != nil || !back.Same(signed) || back.Sig != signed.Sig {
			t.Fatalf("from the disk it is %+v, %v", back, err)
		}
		payload, ok := signed.Payload()
		if ok != isPacket {
			t.Fatalf("%q has a payload: %v", value, ok)
		}
		if back, err := ParsePayload(signed.Key, payload); ok && (err != nil || !back.Same(signed)) {
			t.Fatalf("from a relay it is %+v, %v", back, err)
		}
	})
}
