package swarm

import (
	"net/netip"
	"slices"
	"testing"

	"wtptui/engine/swarm/dial"
)

// BenchmarkUpload has eight libtorrent peers at once fetch 48 MiB from one seed, by turns from a libtorrent and from
// this client, until the last of them has everything. Take several turns (-benchtime 5x): the worst is told, too.
func BenchmarkUpload(b *testing.B) {
	needLibtorrent(b)
	const leechers = 8
	parent, file, m := ltSite(b, "v1", slices.Repeat([]int{4 << 20}, 12)...)
	seed := nextLine(b, runLT(b, "seed", file, parent))
	c := start(b, config(b))
	tor := add(b, c, Spec{Infohash: m.Infohash, Info: m.Info})
	tor.(*handle).addPeers(netip.IPv6Loopback(), loopback(seed.Port), dial.Given)
	eventually(b, "complete", func() bool { return complete(tor) })
	turn := func(port int) float64 {
		return nextLine(b, runLT(b, "crowd", file, freshDir(b), itoa(port), itoa(leechers))).Seconds
	}
	turn(seed.Port) // It reads its files for the first time.
	var theirs, ours, ratios []float64
	for b.Loop() {
		theirs = append(theirs, turn(seed.Port))
		ours = append(ours, turn(c.Status().Port))
		ratios = append(ratios, ours[len(ours)-1]/theirs[len(theirs)-1])
	}
	b.Logf("×libtorrent in each turn: %.2f", ratios)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(slices.Clone(ours)), "s")
	b.ReportMetric(median(slices.Clone(theirs)), "libtorrent-s")
	b.ReportMetric(median(slices.Clone(ratios)), "×libtorrent")
	b.ReportMetric(slices.Max(ratios), "×libtorrent-worst")
}
