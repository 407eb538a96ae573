package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// BenchmarkServed compares the whole program, with its engine, swarm and disk, with http.FileServer. Both serve the
// same bytes in turn, over one connection each. The metric "x" is the time of http.FileServer divided by ours: above 1,
// ours is faster.
func BenchmarkServed(b *testing.B) {
	site := fstest.MapFS{}
	for name, size := range map[string]int{"page.html": 10 << 10, "file.bin": 1 << 20} {
		data := make([]byte, size)
		_, _ = rand.Read(data)
		site[name] = &fstest.MapFile{Data: data}
	}
	shipped := publishSite(b, site)
	dir := b.TempDir()
	for name, f := range site {
		if err := os.WriteFile(filepath.Join(dir, name), f.Data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	theirs := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer theirs.Close()
	for _, name := range []string{"page.html", "file.bin"} {
		b.Run(strings.ReplaceAll(name, ".", "-"), func(b *testing.B) {
			ours := newRawClient(b, shipped.LocalURL, name)
			other := newRawClient(b, theirs.URL+"/", name)
			size := int64(len(site[name].Data))
			ours.get(b, size) // Caches are filled by the first request.
			var tookOurs, tookTheirs time.Duration
			for b.Loop() {
				tookOurs += ours.get(b, size)
				tookTheirs += other.get(b, size)
			}
			b.ReportMetric(float64(tookTheirs)/float64(tookOurs), "x")
			b.ReportMetric(float64(b.N)/tookOurs.Seconds(), "ours/s")
			b.ReportMetric(float64(b.N)/tookTheirs.Seconds(), "FileServer/s")
		})
	}
}

// BenchmarkServedBesideVisitors measures the loopback server before, while and after the public server has a thousand
// slow visitors: half of them never complete their request, half never read the response. The metric "x" is the time
// with visitors divided by that without: 1 if they make no difference.
func BenchmarkServedBesideVisitors(b *testing.B) {
	const slow, asked = 1000, "page.html"
	page, film := make([]byte, 10<<10), make([]byte, 8<<20)
	_, _ = rand.Read(page)
	_, _ = rand.Read(film)
	site := fstest.MapFS{asked: &fstest.MapFile{Data: page}, "film.mp4": &fstest.MapFile{Data: film}}
	dir := b.TempDir()
	before, end := startTestNode(b, dir, nil)
	shipped := publishIn(b, before, site)
	end()
	node, end := startTestNode(b, dir, func(s *settings) {
		s.Home.Homes, s.Home.Listen, s.Home.Plain = []string{"site.example=" + shipped.Host}, "127.0.0.1:0", true
	})
	b.Cleanup(end)
	address := "http://" + engine.OriginLabel(shipped.Host) + ".localhost:" +
		strings.TrimPrefix(node.url, "http://localhost:")
	a := newRawClient(b, address, asked)
	a.get(b, int64(len(page))) // Caches are filled by the first request.
	ask := func(n int) (elapsed time.Duration) {
		for range n {
			elapsed += a.get(b, int64(len(page)))
		}
		return elapsed
	}
	var alone, beside time.Duration
	for b.Loop() {
		alone += ask(1)
	}
	visitors := make([]net.Conn, slow)
	for i := range visitors {
		conn, err := net.Dial("tcp", node.public.visitors.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		visitors[i] = conn
		request := "GET /film.mp4 HTTP/1.1\r\nHost: site.example\r\n"
		if i%2 == 0 {
			request += "\r\n"
		}
		if _, err := io.WriteString(conn, request); err != nil {
			b.Fatal(err)
		}
	}
	beside += ask(b.N)
	for _, conn := range visitors {
		conn.Close()
	}
	alone += ask(b.N) // Subtracts what changes with time alone.
	b.ReportMetric(2*float64(beside)/float64(alone), "x")
	b.ReportMetric(float64(b.N)/beside.Seconds(), "beside/s")
}

// publishSite starts a node, publishes a site in it, and waits until it is seeded.
func publishSite(b *testing.B, site fstest.MapFS) engine.Site {
	b.Helper()
	node, end := startTestNode(b, b.TempDir(), nil)
	b.Cleanup(end)
	return publishIn(b, node, site)
}

// startTestNode starts a node with a data folder, on loopback addresses only, until end is called.
func startTestNode(b *testing.B, dir string, change func(*settings)) (_ *node, end func()) {
	b.Helper()
	folder, err := lockDataFolder(dir)
	if err != nil {
		b.Fatal(err)
	}
	s, err := defaultSettings()
	if err != nil {
		b.Fatal(err)
	}
	s.DataDir, s.Listen, s.PeerHost, s.PeerPort = folder.path, "127.0.0.1:0", "127.0.0.1", 0
	s.NoDHT, s.NoLSD, s.NoUPnP = true, true, true
	s.Trackers, s.STUN = nil, nil
	if change != nil {
		change(s)
	}
	node, err := startNode(b.Context(), s, folder, slog.New(slog.DiscardHandler), control.StopHandler{})
	if err != nil {
		b.Fatal(err)
	}
	return node, func() {
		if err := node.close(context.Background()); err != nil {
			b.Error(err)
		}
		folder.lock.Close()
	}
}

func publishIn(b *testing.B, node *node, site fstest.MapFS) engine.Site {
	b.Helper()
	shipped, err := node.engine.Ship(b.Context(), site, "served")
	if err != nil {
		b.Fatal(err)
	}
	snapshots, err := node.engine.Watch(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for snap := range snapshots {
		for _, s := range snap.Sites {
			if s.Host == shipped.Host && s.State == engine.Seeding {
				return s
			}
		}
	}
	b.Fatal("the engine ended")
	return engine.Site{}
}

// rawClient is an HTTP client with as little overhead as possible.
type rawClient struct {
	conn    net.Conn
	br      *bufio.Reader
	request []byte
}

func newRawClient(b *testing.B, root, name string) *rawClient {
	b.Helper()
	u, err := url.Parse(root)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", u.Port()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &rawClient{
		conn, bufio.NewReaderSize(conn, 64<<10), []byte("GET /" + name + " HTTP/1.1\r\nHost: " + u.Host + "\r\n\r\n"),
	}
}

func (a *rawClient) get(b *testing.B, size int64) time.Duration {
	began := time.Now()
	if _, err := a.conn.Write(a.request); err != nil {
		b.Fatal(err)
	}
	res, err := http.ReadResponse(a.br, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	if n, err := io.Copy(io.Discard, res.Body); err != nil || n != size || res.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %d bytes, %v", res.StatusCode, n, err)
	}
	return time.Since(began)
}
