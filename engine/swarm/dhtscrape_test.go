package swarm

import (
	"bytes"
	"net"
	"net/netip"
	"testing"

	"github.com/anacrolix/dht/v2/krpc"

	"wtptui/engine/swarm/announce"
)

func TestEstimatePeers(t *testing.T) {
	var few, full krpc.ScrapeBloomFilter
	for i := range 100 {
		few.AddIp(net.IPv4(192, 0, 2, byte(i)).To4())
	}
	copy(full[:], bytes.Repeat([]byte{0xff}, len(full)))
	if n := estimatePeers(&few); n < 95 || n > 105 {
		t.Errorf("a hundred are estimated as %d", n)
	}
	for _, c := range []struct {
		filter *krpc.ScrapeBloomFilter
		want   int
	}{{nil, 0}, {&krpc.ScrapeBloomFilter{}, 0}, {&full, maxEstimate}} {
		if n := estimatePeers(c.filter); n != c.want {
			t.Errorf("%d, want %d", n, c.want)
		}
	}
}

// TestLyingDHTNodes: what few nodes claim of a torrent does not count against the others.
func TestLyingDHTNodes(t *testing.T) {
	hash := infohash{0x80}
	// teller is a node so far from the torrent.
	teller := func(distance byte, addr string, seeds, leechers int) dhtReport {
		return dhtReport{krpc.ID{0x80, distance}, netip.MustParseAddr(addr), seeds, leechers}
	}
	honest := func(n int) (all []dhtReport) {
		for i := range byte(n) {
			all = append(all, teller(10+i, netip.AddrFrom4([4]byte{192, 0, 2, i}).String(), 5, 1))
		}
		return all
	}
	with := func(honest []dhtReport, others ...dhtReport) []dhtReport { return append(others, honest...) }
	for name, c := range map[string]struct {
		tellers []dhtReport
		want    announce.Scraped
	}{
		"one alone":      {honest(1), announce.Scraped{Seeds: 5, Leechers: 1}},
		"one among five": {with(honest(4), teller(0, "198.51.100.1", 6000, 6000)), announce.Scraped{Seeds: 5, Leechers: 1}},
		"one and one":    {with(honest(1), teller(0, "198.51.100.1", 6000, 6000)), announce.Scraped{Seeds: 5, Leechers: 1}},
		"one that hides": {with(honest(2), teller(0, "198.51.100.1", 0, 0)), announce.Scraped{Seeds: 5, Leechers: 1}},
		"many of one address": {
			with(honest(2), teller(0, "198.51.100.1", 6000, 0), teller(1, "198.51.100.1", 6000, 0),
				teller(2, "::ffff:198.51.100.1", 6000, 0)), announce.Scraped{Seeds: 5, Leechers: 1},
		},
		"many of one network": {
			with(honest(2), teller(0, "2001:db8::1", 6000, 0), teller(1, "2001:db8::2", 6000, 0),
				teller(2, "2001:db8::3", 6000, 0)), announce.Scraped{Seeds: 5, Leechers: 1},
		},
		"those far away": {
			with(honest(maxDHTReports), func() (all []dhtReport) {
				for i := range byte(20) {
					all = append(all, teller(100+i, netip.AddrFrom4([4]byte{198, 51, 100, i}).String(), 0, 0))
				}
				return all
			}()...), announce.Scraped{Seeds: 5, Leechers: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, told := combineReports(hash, c.tellers); !told || got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
	if _, told := combineReports(hash, nil); told {
		t.Error("nobody tells something")
	}
}
