package localserve

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/engine"
)

// diskSite is a site whose files are on the disk.
type diskSite struct {
	dir   string
	sizes map[string]int64
	files map[string]*os.File
	// damaged, if set and true, says that no file is complete any more.
	damaged *atomic.Bool
}

func (d diskSite) Host(string) (string, bool) { return domain, true }

// diskOpener is an Opener of a single site.
type diskOpener struct{ diskSite }

func (diskOpener) WaitStatus(string) engine.WaitStatus { return engine.WaitStatus{} }

func (o diskOpener) Open(context.Context, string) (engine.Content, error) { return o.diskSite, nil }

func (d diskSite) Infohash() string { return hash }

func (d diskSite) Lookup(path string) (engine.Entry, bool) {
	size, ok := d.sizes[path]
	return engine.Entry{Name: path, Size: size, Tag: path}, ok
}

func (d diskSite) List(string) ([]engine.Entry, bool) { return nil, false }

func (d diskSite) Open(_ context.Context, e engine.Entry, _ engine.Urgency) (io.ReadSeekCloser, error) {
	return &diskReader{io.NewSectionReader(d.files[e.Name], 0, e.Size), d.files[e.Name], d}, nil
}

// diskReader reads a complete file, like the readers of a swarm, which share the open file.
type diskReader struct {
	*io.SectionReader
	file *os.File
	site diskSite
}

// File implements engine.OnDisk.
func (r *diskReader) File() (*os.File, error) { return os.Open(r.file.Name()) }

// Close implements io.Closer.
func (*diskReader) Close() error { return nil }

// Complete implements engine.OnDisk.
func (r *diskReader) Complete() bool { return r.site.Complete() }

// Complete implements engine.Completer.
func (d diskSite) Complete() bool { return d.damaged == nil || !d.damaged.Load() }

func (diskSite) Prefetch([]engine.Entry, engine.Urgency) {}

func (diskSite) VerifiedBytes(e engine.Entry) int64 { return e.Size }

func (diskSite) ArrivedBytes(e engine.Entry, _ int64) (came, all int64) { return e.Size, e.Size }

func (diskSite) RecordWarning(string) {}

func (diskSite) LastArrival() time.Time { return time.Time{} }

func (diskSite) SetTitle(string) {}

func (diskSite) Flags() engine.Flags { return engine.Flags{} }

func (d diskSite) Close(engine.Request) {}

// BenchmarkFileServer requests the same bytes from this server and from http.FileServer in turn, over one connection
// each. The metric "x" is the time of http.FileServer divided by that of this server.
func BenchmarkFileServer(b *testing.B) {
	d := diskSite{dir: b.TempDir(), files: map[string]*os.File{}}
	d.sizes = map[string]int64{"page.html": 10 << 10, "file.bin": 1 << 20, "large.bin": 100 << 20}
	for name, size := range d.sizes {
		if err := os.WriteFile(filepath.Join(d.dir, name), make([]byte, size), 0o600); err != nil {
			b.Fatal(err)
		}
		f, err := os.Open(filepath.Join(d.dir, name))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { f.Close() })
		d.files[name] = f
	}
	theirs := httptest.NewServer(http.FileServer(http.Dir(d.dir)))
	defer theirs.Close()
	ours := startServer(b, Config{Opener: diskOpener{d}})
	tests := []struct {
		what, name, header string
		size               int64
	}{
		{"page of 10 KiB", "page.html", "", 10 << 10},
		{"file of 1 MiB", "file.bin", "", 1 << 20},
		{"file of 100 MiB", "large.bin", "", 100 << 20},
		{"range of 20 KiB", "large.bin", "Range: bytes=50000000-50020479\r\n", 20 << 10},
		{"range of 1 MiB", "large.bin", "Range: bytes=50000000-51048575\r\n", 1 << 20},
	}
	for _, tt := range tests {
		b.Run(tt.what, func(b *testing.B) {
			a := newBenchClient(b, ours.addr, label+".localhost:"+ours.port, tt.name, tt.header)
			z := newBenchClient(b, strings.TrimPrefix(theirs.URL, "http://"), "localhost", tt.name, tt.header)
			var tookOurs, tookTheirs time.Duration
			for i := 0; b.Loop(); i++ {
				// Who is first has what the other one finds in the cache: that changes.
				if i%2 == 0 {
					tookOurs += a.fetch(b, tt.size)
				}
				tookTheirs += z.fetch(b, tt.size)
				if i%2 == 1 {
					tookOurs += a.fetch(b, tt.size)
				}
			}
			b.ReportMetric(float64(tookTheirs)/float64(tookOurs), "x")
			b.ReportMetric(float64(b.N)/tookOurs.Seconds(), "ours/s")
			b.ReportMetric(float64(b.N)/tookTheirs.Seconds(), "FileServer/s")
		})
	}
}

// benchClient is a minimal HTTP client.
type benchClient struct {
	conn    net.Conn
	br      *bufio.Reader
	request []byte
}

func newBenchClient(b *testing.B, addr, host, name, header string) *benchClient {
	conn := dial(b, addr)
	b.Cleanup(func() { conn.Close() })
	return &benchClient{
		conn, bufio.NewReaderSize(conn, 64<<10),
		[]byte("GET /" + name + " HTTP/1.1\r\nHost: " + host + "\r\n" + header + "\r\n"),
	}
}

func (a *benchClient) fetch(b *testing.B, size int64) time.Duration {
	began := time.Now()
	if _, err := a.conn.Write(a.request); err != nil {
		b.Fatal(err)
	}
	length := int64(-1)
	for {
		line, err := a.br.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		if v, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		}
		if line == "\r\n" {
			break
		}
	}
	if length != size {
		b.Fatalf("Content-Length %d, want %d", length, size)
	}
	if _, err := io.CopyN(io.Discard, a.br, size); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// BenchmarkSlowReaders measures the memory of 500 concurrent requests for a complete file of 64 MiB, of which each
// client reads only the header. It includes heap and stacks, and the clients.
func BenchmarkSlowReaders(b *testing.B) {
	const readers = 500
	d := diskSite{dir: b.TempDir(), sizes: map[string]int64{"file.bin": 64 << 20}, files: map[string]*os.File{}}
	f, err := os.Create(filepath.Join(d.dir, "file.bin"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(d.sizes["file.bin"]); err != nil {
		b.Fatal(err)
	}
	d.files["file.bin"] = f
	ours := startServer(b, Config{Opener: diskOpener{d}, MaxRequests: readers})
	for b.Loop() {
		before := memoryInUse()
		conns := make([]net.Conn, readers)
		for i := range conns {
			conns[i] = dial(b, ours.addr)
			if _, err := io.WriteString(conns[i],
				"GET /file.bin HTTP/1.1\r\nHost: "+label+".localhost:"+ours.port+"\r\n\r\n"); err != nil {
				b.Fatal(err)
			}
		}
		for _, c := range conns {
			if _, err := io.ReadFull(c, make([]byte, 512)); err != nil {
				b.Fatal(err)
			}
		}
		after := memoryInUse()
		b.ReportMetric(float64(after-before)/1e6, "MB")
		for _, c := range conns {
			c.Close()
		}
	}
	b.ReportMetric(0, "ns/op")
}

// memoryInUse returns the size of heap and stacks in bytes, after a garbage collection.
func memoryInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// BenchmarkOwnerHeaders requests a page with a long path, for which the site's owner sets a thousand headers.
func BenchmarkOwnerHeaders(b *testing.B) {
	files := map[string]string{
		"200.html": "any",
		"_headers": "/" + strings.Repeat(":a/", 14000) + "x\n" + strings.Repeat("  X-Robots-Tag: a\n", 1200),
	}
	s := startServer(b, Config{Opener: openerOf(&memorySite{Files: files})})
	for b.Loop() {
		if got := s.get("/" + strings.Repeat("a/", 14000) + "x"); got.header.Get("X-Robots-Tag") != "a" {
			b.Fatalf("%d %v", got.status, got.header)
		}
	}
}

// BenchmarkRewrittenPage requests a page of 1 MiB in which 1,000 links are rewritten, and a page of the same size in
// which none is. The metric "x" is the time of the first divided by that of the second.
func BenchmarkRewrittenPage(b *testing.B) {
	d := diskSite{dir: b.TempDir(), sizes: map[string]int64{}, files: map[string]*os.File{}}
	ours := startServer(b, Config{Opener: diskOpener{d}})
	plain, sent := linksPage("http://other-example.localhost:"+ours.port), map[string]int64{}
	for name, page := range map[string]string{"plain.html": plain, "links.html": linksPage("wtp://other.example")} {
		writeFile(b, d, name, page)
		sent[name] = int64(len(plain))
	}
	links := newBenchClient(b, ours.addr, label+".localhost:"+ours.port, "links.html", "")
	none := newBenchClient(b, ours.addr, label+".localhost:"+ours.port, "plain.html", "")
	var tookLinks, tookNone time.Duration
	for b.Loop() {
		tookLinks += links.fetch(b, sent["links.html"])
		tookNone += none.fetch(b, sent["plain.html"])
	}
	b.ReportMetric(float64(tookLinks)/float64(tookNone), "x")
	b.ReportMetric(float64(b.N)/tookLinks.Seconds(), "links/s")
	b.ReportMetric(float64(b.N)/tookNone.Seconds(), "plain/s")
}

// linksPage returns a page of about 1 MiB with 1,000 links to a site.
func linksPage(site string) string {
	var b strings.Builder
	b.WriteString("<!doctype html><meta charset=utf-8><title>Links</title>")
	for i := range 1000 {
		text := strings.Repeat("<p class=entry>Some <em>words</em> of text, and an <img src=picture.png> between "+
			"them.</p>\n", 11)
		b.WriteString(`<li><a href="` + site + "/page/" + strconv.Itoa(i) + `">A link</a></li>` + text)
	}
	return b.String()
}

func writeFile(b *testing.B, d diskSite, name, content string) {
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	d.files[name], d.sizes[name] = f, int64(len(content))
}
