package webtorrent

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"wtptui/engine/swarm/publicnet"
)

func TestBinaryStrings(t *testing.T) {
	// What JavaScript's JSON.stringify makes of the characters 0 to 255, twenty at a time.
	var id [20]byte
	for first := 0; first <= 236; first++ {
		for i := range id {
			id[i] = byte(first + i)
		}
		data, err := json.Marshal(encodeBinary(id[:]))
		if err != nil {
			t.Fatal(err)
		}
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			t.Fatal(err)
		}
		if n := len([]rune(s)); n != 20 {
			t.Fatalf("%d characters", n)
		}
		if back, err := parseID(s); err != nil || back != id {
			t.Errorf("%x became %x, %v", id, back, err)
		}
	}
	x19 := strings.Repeat("x", 19)
	for _, bad := range []string{"", x19, x19 + "xx", x19 + "Ā", x19 + "\xff"} {
		if _, err := parseID(bad); err == nil {
			t.Errorf("%q is taken for an id", bad)
		}
	}
}

// The start of a message with testInfohash, and of one from a peer whose id is the same.
const (
	announceJSON = `{"action":"announce","info_hash":` + idJSON
	fromPeerJSON = announceJSON + `,"peer_id":` + idJSON
)

const idJSON = `"\u0000\u0001\u0002\u007f\u0080ÿ\"\\<\ninfohash.."`

func TestParseMessage(t *testing.T) {
	m, err := parseMessage([]byte(announceJSON +
		`,"interval":119.5,"complete":2,"incomplete":1,"tracker id":"t","warning message":"w"}`))
	if err != nil || m.infohash != testInfohash || m.interval != 119500*time.Millisecond || m.seeds != 2 ||
		m.leechers != 1 || m.trackerID != "t" || m.warning != "w" {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = parseMessage([]byte(announceJSON + `,"min interval":1e300,"interval":-1,"complete":-1e9}`))
	if err != nil || m.interval != 24*time.Hour || m.seeds != -1 || m.leechers != -1 {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = parseMessage([]byte(`{"failure reason":"no"}`))
	if err != nil || m.failure != "no" {
		t.Errorf("%+v, %v", m, err)
	}
	m, err = parseMessage([]byte(fromPeerJSON + `,"offer_id":"Ā","offer":{"type":"offer","sdp":"v=0"}}`))
	if err != nil || m.peerID != testInfohash || m.offerID != "Ā" || m.offer != "v=0" || m.answer != "" {
		t.Errorf("%+v, %v", m, err)
	}
}

var malformed = []string{
	``, `null`, `7`, `[]`, `{`, `"x"`, `{}`, "\xff\xfe", strings.Repeat("[", 20000),
	`{"action":"scrape","files":{}}`,
	`{"action":"announce"}`,
	`{"action":"announce","info_hash":"short"}`,
	`{"action":"announce","info_hash":7}`,
	announceJSON + `,"interval":"120"}`,
	announceJSON + `,"offer":{"type":"offer","sdp":"v=0"},"offer_id":"x"}`,
	fromPeerJSON + `,"offer":{"type":"offer","sdp":"v=0"}}`,
	fromPeerJSON + `,"offer_id":"x","offer":{"type":"answer","sdp":"v=0"}}`,
	fromPeerJSON + `,"offer_id":"x","offer":{"type":"offer","sdp":""}}`,
	fromPeerJSON + `,"offer_id":"x","offer":"v=0"}`,
	fromPeerJSON + `,"offer_id":"x","answer":{"type":"pranswer","sdp":"v=0"}}`,
	fromPeerJSON + `,"offer_id":"x","offer":{"type":"offer","sdp":"v"},"answer":{"type":"answer","sdp":"v"}}`,
	fromPeerJSON + `,"offer_id":"` + strings.Repeat("x", maxOfferID+1) + `","offer":{"type":"offer","sdp":"v"}}`,
	fromPeerJSON + `,"offer_id":"x","offer":{"type":"offer","sdp":"` + strings.Repeat("x", maxSDP+1) + `"}}`,
	strings.Repeat(" ", maxMessage) + `{"failure reason":"too late"}`,
}

// Nothing that a tracker sends ends the connection to it, and it is counted.
func TestMalformedMessages(t *testing.T) {
	tr := newTestTracker(t)
	c := newTestClient(t, "a", nil)
	spec, _ := newSpec(1, tr.url)
	c.Add(spec)
	tr.expect(t, "started", func(trackerRequest) bool { return true })
	conn := tr.all()[0]
	for _, m := range malformed {
		conn.send([]byte(m))
	}
	eventually(t, "all are counted", func() bool { return c.Status().Malformed == uint64(len(malformed)) })
	// These are well-formed and still no use.
	for i, sdp := range []string{
		"v=0", "x", strings.Repeat("m=application 9 x\r\n", 5), goodSDP,
		strings.Replace(goodSDP, "sha-256", "sha-999", 1),
	} {
		for _, kind := range []string{"offer", "answer"} {
			id := peerID(fmt.Sprint(kind, i))
			conn.send(map[string]any{
				"action": "announce", "info_hash": encodeBinary(testInfohash[:]), "peer_id": encodeBinary(id[:]), "offer_id": "x",
				kind: description{kind, sdp},
			})
		}
	}
	eventually(t, "answers without an offer are counted", func() bool { return c.Status().Stray == 5 })
	s := newManualPeer(t, tr, "s")
	s.offer(s.id, "real")
	if m := s.receiveAnswer(); m.offerID != "real" {
		t.Errorf("%+v", m)
	}
	if s := c.Status(); len(tr.all()) != 2 || s.Trackers[0].Malformed != uint64(len(malformed)) {
		t.Errorf("%+v", s)
	}
}

const goodSDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 " +
	"0F:74:31:25:CB:A2:13:EC:28:6F:6D:2C:61:FF:5D:C2:BC:B9:DB:3D:98:14:8D:1A:BB:EA:33:0C:A4:60:A8:8E\r\n" +
	"a=group:BUNDLE 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" +
	"a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n" +
	"a=ice-ufrag:aaaa\r\na=ice-pwd:aaaaaaaaaaaaaaaaaaaaaaaa\r\n"

// reachesFrom returns which addresses may be contacted if the tracker is at origin.
func reachesFrom(origin string) func(netip.Addr) bool {
	return func(a netip.Addr) bool { return publicnet.Reaches(netip.MustParseAddr(origin), a) }
}

// candidateLine returns the line of a candidate with an address.
func candidateLine(proto, addr string) string {
	return "a=candidate:1 1 " + proto + " 1 " + addr + " 5000 typ host generation 0"
}

func TestCleanSDP(t *testing.T) {
	for _, c := range []struct {
		in               string
		wide, lan, local bool // whether it stays if the tracker is far away, in 10.0.0.0/8, or on this machine
	}{
		{candidateLine("udp", "25.0.113.7"), true, true, true},
		{candidateLine("UDP", "2a00::1"), true, true, true},
		{candidateLine("udp", "10.0.0.1"), false, true, true},
		{candidateLine("udp", "::ffff:10.0.0.1"), false, true, true},
		{candidateLine("udp", "64:ff9b::a00:1"), false, true, true},
		{candidateLine("udp", "192.168.1.1"), false, false, true},
		{candidateLine("udp", "169.254.169.254"), false, false, true},
		{candidateLine("udp", "fd00::1"), false, false, true},
		{candidateLine("udp", "127.0.0.1"), false, false, true},
		{candidateLine("udp", "::1"), false, false, true},
		{candidateLine("udp", "::ffff:127.0.0.1"), false, false, true},
		{candidateLine("udp", "x.local"), false, false, false},
		{candidateLine("tcp", "25.0.113.7"), false, false, false},
		{candidateLine("udp", "0.0.0.0"), false, false, false},
		{candidateLine("udp", "224.0.0.251"), false, false, false},
		{candidateLine("udp", "255.255.255.255"), false, false, false},
		{candidateLine("udp", "fe80::1%eth0"), false, false, false},
		{candidateLine("udp", "tracker.example"), false, false, false},
		{"a=candidate:1 1 udp", false, false, false},
	} {
		for origin, stays := range map[string]bool{"25.1.1.1": c.wide, "10.9.9.9": c.lan, "127.0.0.1": c.local} {
			want := goodSDP
			if stays {
				want += c.in + "\r\n"
			}
			got, _, err := cleanSDP(goodSDP+c.in+"\n", reachesFrom(origin))
			if err != nil || got != want {
				t.Errorf("%s, by a tracker at %s: %q, %v", c.in, origin, strings.TrimPrefix(got, goodSDP), err)
			}
		}
	}
}

// The candidates and the hidden names of an SDP are bounded. A name is usable where its address is.
func TestCandidatesAreBounded(t *testing.T) {
	many := goodSDP + strings.Repeat(candidateLine("udp", "25.0.113.7")+"\r\n", 100)
	got, _, err := cleanSDP(many, reachesFrom("25.1.1.1"))
	if err != nil || strings.Count(got, "a=candidate") != maxCandidates {
		t.Errorf("%d candidates stay: %v", strings.Count(got, "a=candidate"), err)
	}
	manyNames := goodSDP + strings.Repeat(candidateLine("udp", "x.local")+"\r\n", 100)
	got, hidden, err := cleanSDP(manyNames, reachesFrom("25.1.1.1"))
	if err != nil || got != goodSDP || len(hidden) != maxNames {
		t.Errorf("%q, %d hidden, %v", got, len(hidden), err)
	}
	at := hidden[0].withAddress(netip.MustParseAddr("192.0.2.1"))
	if at.String() != candidateLine("udp", "192.0.2.1")[2:] || !at.isUsable(reachesFrom("127.0.0.1")) {
		t.Errorf("%q", at)
	}
	if hidden[0].withAddress(netip.MustParseAddr("127.0.0.1")).isUsable(reachesFrom("25.1.1.1")) {
		t.Error("a name may stand for loopback")
	}
}

func TestMalformedSDPIsRefused(t *testing.T) {
	for _, bad := range []string{
		"", "v=0\r\n", goodSDP + "m=audio 9 x\r\n", goodSDP + "m=application 9 x\r\n", strings.Repeat("x", maxSDP+1),
	} {
		if _, _, err := cleanSDP(bad, reachesFrom("127.0.0.1")); err == nil {
			t.Errorf("%.80q is taken", bad)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, m := range malformed {
		if len(m) < 1000 {
			f.Add([]byte(m))
		}
	}
	f.Add([]byte(announceJSON + `,"interval":120,"complete":2,"incomplete":1}`))
	f.Add([]byte(fromPeerJSON + `,"offer_id":"x","offer":{"type":"offer","sdp":"v=0"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMessage(data)
		if err != nil {
			return
		}
		if m.interval < 0 || m.interval > 24*time.Hour || m.seeds < -1 || m.leechers < -1 {
			t.Errorf("%+v", m)
		}
		if len(m.offer) > maxSDP || len(m.answer) > maxSDP || len(m.offerID) > maxOfferID || m.offer != "" && m.answer != "" {
			t.Errorf("%+v", m)
		}
		if (m.offer != "" || m.answer != "") && m.offerID == "" {
			t.Errorf("%+v", m)
		}
	})
}

func FuzzSDP(f *testing.F) {
	f.Add(goodSDP + "a=candidate:1 1 udp 1 x.local 5000 typ host\r\na=candidate:1 1 UDP 1 ::1 5000 typ host\n")
	f.Add("m=application \r\na=candidate:")
	f.Fuzz(func(t *testing.T, in string) {
		once, hidden, err := cleanSDP(in, reachesFrom("25.1.1.1"))
		if err != nil {
			return
		}
		again, more, err := cleanSDP(once, reachesFrom("25.1.1.1"))
		if len(once) <= maxSDP && (err != nil || again != once || len(more) != 0) {
			t.Errorf("%q became %q, %v", once, again, err)
		}
		kept := 0
		for line := range strings.Lines(once) {
			if strings.HasPrefix(line, "a=candidate:") {
				kept++
				ip, err := netip.ParseAddr(strings.Fields(line)[4])
				if err != nil || ip.Unmap().IsLoopback() {
					t.Errorf("candidate %q", line)
				}
			}
		}
		if kept > maxCandidates || len(hidden) > maxNames {
			t.Errorf("%d candidates", kept)
		}
	})
}
