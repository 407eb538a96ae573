package e2e_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// The page that BenchmarkCold opens: an index and its assets, 600 KB in all, asked for as a browser does, six at a
// time.
const (
	coldAssets    = 24
	coldAssetSize = 24 << 10
	coldAtOnce    = 6
)

// BenchmarkCold opens a page of an unknown site: it joins the swarm, finds the seed by the tracker, and downloads the
// metadata and all pieces. It reports the time to the first and the last byte of the index, and to the last one of the
// page.
func BenchmarkCold(b *testing.B) {
	peers.Require(b, peers.LibtorrentTool)
	tracker := peers.StartTracker(b, peers.TrackerOptions{})
	w := peers.StartWtptui(b, binaryPath(b), "--tracker", tracker.HTTP)
	var first, index, page time.Duration
	for b.Loop() {
		seed := peers.StartSeed(b, makeColdSite(b), peers.SeedOptions{
			PieceLength: 32 << 10, Trackers: []string{tracker.HTTP},
		})
		tracker.WaitEvent(b, time.Minute, seed.InfoHash, peers.Started, seed.Port)
		f, i, p := measureColdOpen(b, strings.Replace(w.Root, "localhost", seed.InfoHash+".localhost", 1))
		first, index, page = first+f, index+i, page+p
		seed.Stop(b)
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	for unit, d := range map[string]time.Duration{"ms-first-byte": first, "ms-index": index, "ms-page": page} {
		b.ReportMetric(float64(d.Milliseconds())/n, unit)
	}
}

func makeColdSite(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "cold")
	if err := os.Mkdir(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	var index strings.Builder
	index.WriteString("<!doctype html><title>Cold</title>")
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for n := range coldAssets {
		data := make([]byte, coldAssetSize)
		_, _ = rand.Read(data)
		fmt.Fprintf(&index, `<img src="%02d.png">`, n)
		write(fmt.Sprintf("%02d.png", n), data)
	}
	index.WriteString(strings.Repeat("<p>text</p>", 1000))
	write("index.html", []byte(index.String()))
	return dir
}

// measureColdOpen loads the page at root, and returns how long its first byte, its index and all of it took.
func measureColdOpen(b *testing.B, root string) (first, index, page time.Duration) {
	b.Helper()
	at, err := url.Parse(root)
	if err != nil {
		b.Fatal(err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:"+at.Port())
	}
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: coldAtOnce, DialContext: dial}}
	defer client.CloseIdleConnections()
	begin := time.Now()
	get := func(name string) {
		res, err := client.Get(root + name)
		if err != nil {
			b.Error(err)
			return
		}
		defer res.Body.Close()
		if first == 0 && name == "" {
			_, _ = res.Body.Read(make([]byte, 1))
			first = time.Since(begin)
		}
		if n, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusOK {
			b.Errorf("GET /%s: status %d, %d bytes, %v", name, res.StatusCode, n, err)
		}
	}
	get("")
	index = time.Since(begin)
	var all sync.WaitGroup
	for n := range coldAssets {
		all.Go(func() { get(fmt.Sprintf("%02d.png", n)) })
	}
	all.Wait()
	return first, index, time.Since(begin)
}
