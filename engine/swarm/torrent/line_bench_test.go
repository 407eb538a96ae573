package torrent

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// BenchmarkLine fetches 96 MiB, without any reader, over a line of 25 MB/s and a round trip of 100 ms, in turns with
// libtorrent. The ideal is the time of the bytes on the line, and four round trips.
func BenchmarkLine(b *testing.B) {
	const size, rate, rtt = 96 << 20, 25_000_000, 100 * time.Millisecond
	s := newSite(b, size, 256<<10, 5)
	port, path := seedLT(b, s)
	d := newDistance(b, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), rtt, rate)
	var ours, theirs []time.Duration
	for b.Loop() {
		n := newNode(b, s, options{})
		begin := time.Now()
		n.addGivenPeers(netip.MustParseAddrPort(d.addr))
		enginetest.Receive(b, n.finished, "the site")
		ours = append(ours, time.Since(begin))
		n.Close()
		said := enginetest.Receive(b, runLT(b, "visit", path, b.TempDir(), strings.Split(d.addr, ":")[1]), "libtorrent")
		theirs = append(theirs, time.Duration(said.Seconds*float64(time.Second)))
	}
	ideal := float64(size)/rate + 4*rtt.Seconds()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours).Seconds(), "s")
	b.ReportMetric(median(theirs).Seconds(), "libtorrent-s")
	b.ReportMetric(median(theirs).Seconds()/median(ours).Seconds(), "×libtorrent")
	b.ReportMetric(median(ours).Seconds()/ideal, "×ideal")
}
