package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnusualMagnets: what is odd in a magnet link costs nothing but itself.
func TestUnusualMagnets(t *testing.T) {
	const (
		xt   = "xt=urn:btih:" + hash
		v2   = "xt=urn:btmh:1220bbfcd4160a1e8674dac62292ae48be4785262ad7078f9ec11b74a254ce70fa06"
		http = "http://tracker.example/announce"
		udp  = "udp://good.example:6969"
	)
	for link, want := range map[string]Address{
		"magnet:?" + xt + "&dn=tides": {Name: "tides"},
		"magnet:?" + xt + "&tr=http%3A%2F%2Ftracker.example%2Fann%zzounce&tr=udp%3A%2F%2Fgood.example%3A6969": {
			Trackers: []string{udp},
		},
		"magnet:?" + xt + "&tr=http%3A%2F%2Ftracker.example%2Fannounce%": {},
		"magnet:?" + xt + "&dn=50%":                                      {},
		"magnet:?dn=100%+wool&" + xt:                                     {},
		"magnet:?" + xt + "&dn=%zz&dn=tides":                             {Name: "tides"},
		"magnet:?dn=salt;pepper&" + xt:                                   {Name: "salt;pepper"},
		"magnet:?xt.1=urn:btih:" + hash:                                  {},
		"magnet:?XT=urn:btih:" + hash:                                    {},
		"magnet://?" + xt:                                                {},
		"magnet:?" + xt + "%20":                                          {},
		"magnet:" + xt:                                                   {},
		"magnet:?xt=urn%3Abtih%3A" + hash:                                {},
		"magnet:?&&" + xt + "&":                                          {},
		"magnet:?" + xt + "#top":                                         {},
		"magnet:?dn=C#&" + xt:                                            {Name: "C#"},
		"magnet:?xt=urn:btih:zz&" + xt:                                   {},
		"magnet:?" + v2 + "&" + xt:                                       {},
		"magnet:?" + xt + "&" + v2:                                       {},
		"magnet:?xt.1=urn:btih:" + hash + "&xt.2=urn:sha1:MQDFCDBR4DEZEVZTY7ZBIFF7MQUDGPWS": {},
		"MAGNET:?xt=URN:BTIH:" + strings.ToUpper(hash) + "&DN=tides":                        {Name: "tides"},
		"magnet:?xt=urn:btih:" + strings.ToLower(inBase32):                                  {},
		"magnet:?" + xt + "&tr.2=http%3A%2F%2Ftracker.example%2Fannounce&tr.1=" + udp + "&TR=" + udp: {
			Trackers: []string{http, udp},
		},
		"magnet:?" + xt + "&amp;tr=" + udp + "&amp;dn=tides": {
			Trackers: []string{udp}, Name: "tides",
		},
		"magnet:?" + xt + "&x.pe=198.51.100.7:6881&x.pe=[2001:db8::7]:6881&X.PE=peer.example:1&x.pe=x": {
			Peers: []string{"198.51.100.7:6881", "[2001:db8::7]:6881", "peer.example:1", "x"},
		},
	} {
		want.Host = hash
		got, err := ParseAddress(link)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", link, err, diff)
		}
	}
}

// TestMagnetsAreBounded: a link that names more than is reasonable is cut.
func TestMagnetsAreBounded(t *testing.T) {
	link := "magnet:?xt=urn:btih:" + hash
	for i := range 100 {
		link += fmt.Sprintf("&tr=udp://%d&ws=http://%[1]d&x.pe=%[1]d", i)
	}
	a, err := ParseAddress(link)
	if err != nil || len(a.Trackers) != maxMagnetValues || len(a.WebSeeds) != maxMagnetValues ||
		len(a.Peers) != maxMagnetValues {
		t.Errorf("%d trackers, %d web seeds, %d peers: %v", len(a.Trackers), len(a.WebSeeds), len(a.Peers), err)
	}
}

// TestV2IsRefused: a site that only BitTorrent v2 names is refused with what to do.
func TestV2IsRefused(t *testing.T) {
	const v2 = "bbfcd4160a1e8674dac62292ae48be4785262ad7078f9ec11b74a254ce70fa06"
	const advice = "is for BitTorrent v2 only: ask for a v1 or hybrid torrent"
	for _, in := range []string{
		"magnet:?xt=urn:btmh:1220" + v2 + "&dn=tides", "magnet:?xt.1=URN:BTMH:1220aa", v2, "1220" + v2,
		"wtp://" + v2 + "/page",
	} {
		_, err := ParseAddress(in)
		if msg := Message(err); KindOf(err) != Invalid || !strings.Contains(msg, advice) {
			t.Errorf("%s: %q", in, msg)
		}
	}
}

func FuzzParseMagnet(f *testing.F) {
	f.Add("?xt=urn:btih:" + hash + "&tr.1=udp%3A%2F%2Fx&dn=50%&x.pe=a:1")
	f.Add("?XT=urn:btmh:1220aa&amp;ws=http://w;")
	f.Fuzz(func(t *testing.T, query string) {
		a, err := parseMagnet("magnet:" + query)
		if err != nil && KindOf(err) != Invalid || err == nil && !IsInfohash(a.Host) || a.Name != Clean(a.Name) {
			t.Errorf("%+v, %v", a, err)
		}
	})
}
