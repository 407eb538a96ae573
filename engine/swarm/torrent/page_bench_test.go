package torrent

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine/enginetest"
)

// The independent peer of the package above.
const (
	python = "/usr/bin/python3"
	script = "../testdata/lt.py"
)

// ltLine is a line that libtorrent's script prints.
type ltLine struct {
	Port           int
	First, Seconds float64
}

// runLT runs libtorrent's script until the test ends, and returns the lines that it prints.
func runLT(t testing.TB, args ...string) <-chan ltLine {
	t.Helper()
	if exec.Command(python, "-c", "import libtorrent").Run() != nil {
		t.Skip("python3-libtorrent is not installed: apt-get install python3-libtorrent")
	}
	cmd := exec.Command(python, append([]string{script}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, done := make(chan ltLine, 8), make(chan struct{})
	go func() {
		defer close(done)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var s ltLine
			if json.Unmarshal(lines.Bytes(), &s) == nil {
				said <- s
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		enginetest.Receive(t, done, "the end of libtorrent's output")
		_ = cmd.Wait()
	})
	return said
}

// seedLT lets libtorrent seed a site, and returns its port and the .torrent file.
func seedLT(t testing.TB, s *site, words ...string) (port int, path string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "site.bin"), s.bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "site.torrent")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&metainfo.MetaInfo{InfoBytes: s.info}).Write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	said := runLT(t, append([]string{"seed", path, dir}, words...)...)
	return enginetest.Receive(t, said, "libtorrent to seed").Port, path
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkPage fetches 604 kB from one libtorrent seed over a distance, in turns with libtorrent, once as a site that
// is known and once as one of which only the infohash is; plain, over uTP, and with MSE required on both sides. The
// first byte is there when the first piece is verified. Take several turns (-benchtime 9x).
func BenchmarkPage(b *testing.B) {
	s := newSite(b, 604_000, 16<<10, 3)
	port, path := seedLT(b, s)
	overUTP, _ := seedLT(b, s, "utp")
	obfuscating, _ := seedLT(b, s, "rc4")
	for _, rtt := range []time.Duration{0, 30 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond} {
		tcp := newDistance(b, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), rtt, 0).addr
		mse := newDistance(b, net.JoinHostPort("127.0.0.1", strconv.Itoa(obfuscating)), rtt, 0).addr
		udp := newUDPProxy(b, loopback(overUTP), rtt, 0).addr.String()
		for name, torrent := range map[string]string{"known": path, "magnet": hex.EncodeToString(s.hash[:])} {
			b.Run(fmt.Sprint(name, "/", rtt), func(b *testing.B) { pages(b, s, options{}, tcp, torrent) })
			b.Run(fmt.Sprint("MSE/", name, "/", rtt), func(b *testing.B) {
				pages(b, s, options{dialer: tcpDialer{obfuscate: true}}, mse, torrent, "rc4")
			})
			b.Run(fmt.Sprint("uTP/", name, "/", rtt), func(b *testing.B) {
				pages(b, s, options{dialer: newUTPDialer(b)}, udp, torrent, "utp")
			})
		}
	}
}

func loopback(port int) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))
}

// pages fetches a site in turns with libtorrent, for which torrent is a path or an infohash, and words say how to call.
func pages(b *testing.B, s *site, o options, addr, torrent string, words ...string) {
	o.magnet = torrent == hex.EncodeToString(s.hash[:])
	var ours, all, theirs, theirAll []time.Duration
	for b.Loop() {
		first, whole := fetchPage(b, s, o, netip.MustParseAddrPort(addr))
		ours, all = append(ours, first), append(all, whole)
		args := append([]string{"visit", torrent, b.TempDir(), strings.Split(addr, ":")[1]}, words...)
		said := enginetest.Receive(b, runLT(b, args...), "libtorrent")
		theirs = append(theirs, time.Duration(said.First*float64(time.Second)))
		theirAll = append(theirAll, time.Duration(said.Seconds*float64(time.Second)))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours).Seconds()*1000, "first-ms")
	b.ReportMetric(median(all).Seconds()*1000, "page-ms")
	b.ReportMetric(median(theirs).Seconds()*1000, "libtorrent-first-ms")
	b.ReportMetric(median(theirAll).Seconds()*1000, "libtorrent-page-ms")
	b.ReportMetric(median(all).Seconds()/median(theirAll).Seconds(), "×libtorrent")
}

// fetchPage fetches a site like a page: the first piece, and then all others.
func fetchPage(b *testing.B, s *site, o options, addr netip.AddrPort) (first, whole time.Duration) {
	n := newNode(b, s, o)
	defer n.Close()
	begin := time.Now()
	n.addGivenPeers(addr)
	var all []int
	for i := range s.layout.Pieces {
		all = append(all, i)
	}
	n.SetWant(Want{Urgent: all})
	enginetest.Receive(b, n.pieceCompletion(0), "the first piece")
	first = time.Since(begin)
	enginetest.Receive(b, n.finished, "the page")
	return first, time.Since(begin)
}

// BenchmarkFarRange reads 100 kB at far places while the other pieces come from one slow libtorrent seed. Either the
// seed limits its rate, or the line is slow, so that over uTP datagrams queue before it.
func BenchmarkFarRange(b *testing.B) {
	for _, rate := range []int64{1_000_000, 50_000} {
		s := newSite(b, 24<<20, 128<<10, 4)
		up := fmt.Sprintf("up=%d", rate/1000)
		name := fmt.Sprintf("%dkBps", rate/1000)
		b.Run(name, func(b *testing.B) {
			port, _ := seedLT(b, s, up)
			measureFarRanges(b, s, options{}, loopback(port), rate)
		})
		b.Run("uTP/"+name, func(b *testing.B) {
			port, _ := seedLT(b, s, up, "utp")
			d := newUDPProxy(b, loopback(port), 30*time.Millisecond, 0)
			measureFarRanges(b, s, options{dialer: newUTPDialer(b)}, d.addr, rate)
		})
		b.Run("uTP/line/"+name, func(b *testing.B) {
			port, _ := seedLT(b, s, "utp")
			d := newUDPProxy(b, loopback(port), 30*time.Millisecond, rate)
			measureFarRanges(b, s, options{dialer: newUTPDialer(b)}, d.addr, rate)
		})
	}
}

// measureFarRanges measures ranges of one piece each, once the download of six seconds has arrived.
func measureFarRanges(b *testing.B, s *site, o options, addr netip.AddrPort, rate int64) {
	var took []time.Duration
	for b.Loop() {
		n := newNode(b, s, o)
		n.addGivenPeers(addr)
		waitForBytes(b, n, rate*6)
		for _, at := range []float64{0.93, 0.55, 0.78, 0.66} {
			piece := int(at * float64(s.layout.Pieces))
			begin := time.Now()
			n.SetWant(Want{Urgent: []int{piece}})
			enginetest.Receive(b, n.pieceCompletion(piece), "the range")
			took = append(took, time.Since(begin))
			n.SetWant(Want{})
		}
		n.Close()
	}
	b.ReportMetric(0, "ns/op")
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2].Seconds(), "median-s")
	b.ReportMetric(took[len(took)*95/100].Seconds(), "p95-s")
	b.ReportMetric(took[len(took)-1].Seconds(), "max-s")
}

// waitForBytes waits until that many bytes have arrived.
func waitForBytes(b *testing.B, n *node, bytes int64) {
	for deadline := time.Now().Add(time.Minute); n.Stats().Down < bytes; <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("%d bytes have come", n.Stats().Down)
		}
	}
}
