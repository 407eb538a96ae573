package localserve

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine"
)

// TestConnectionOfStalledReaderIsClosed promises that a client that stops reading loses its connection, and that a
// slow one does not.
func TestConnectionOfStalledReaderIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memorySite{
			Files: map[string]string{"d.bin": strings.Repeat("x", 1<<20), "index.html": strings.Repeat("<p>", 1<<18)},
		}
		p, srv := startPiped(t, openerOf(m))
		for _, target := range []string{"/d.bin", "/"} {
			conn := p.dial()
			p.send(t, conn, target)
			began := time.Now()
			synctest.Wait()
			if srv.siteLimiter.InUse() != 1 {
				t.Fatalf("%s: %d slots taken", target, srv.siteLimiter.InUse())
			}
			time.Sleep(2*time.Minute + time.Second) // on synctest's clock
			synctest.Wait()
			if srv.siteLimiter.InUse() != 0 || m.Readers() != 0 {
				t.Errorf("%s: %d slots taken after %s", target, srv.siteLimiter.InUse(), time.Since(began))
			}
			conn.Close()
		}
		conn := p.dial()
		defer conn.Close()
		p.send(t, conn, "/d.bin")
		res, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		buf, total := make([]byte, 16<<10), 0
		for {
			n, err := res.Body.Read(buf)
			total += n
			if err != nil {
				break
			}
			time.Sleep(10 * time.Second)
		}
		if total != 1<<20 {
			t.Errorf("the slow reader got %d bytes", total)
		}
	})
}

// TestRequestBodyIsNotAwaited promises that a request with a body is refused at once.
func TestRequestBodyIsNotAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, srv := startPiped(t, openerOf(&memorySite{Files: map[string]string{"index.html": "home"}}))
		for range srv.cfg.MaxRequests {
			conn := p.dial()
			// The answer is a page, longer than what net/http holds back until the handler returns.
			request := "POST / HTTP/1.1\r\nHost: " + label + ".localhost:7780\r\nAccept: text/html\r\nContent-Length: 5\r\n\r\n"
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			if got := readReply(t, bufio.NewReader(conn), "POST"); got.status != http.StatusMethodNotAllowed {
				t.Fatalf("status %d, want 405", got.status)
			}
			began := time.Now()
			if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) || time.Since(began) > headerTimeout+time.Second {
				t.Fatalf("read %d, %v after %s, want the connection to be closed", n, err, time.Since(began))
			}
			conn.Close()
		}
		if got, took := p.get(t, "/"); got.status != http.StatusOK || took != 0 {
			t.Errorf("afterwards: %d after %s", got.status, took)
		}
	})
}

// newDiskSite returns a site with one file of random bytes.
func newDiskSite(t *testing.T, size int) (diskSite, []byte) {
	t.Helper()
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	d := diskSite{
		dir: t.TempDir(), sizes: map[string]int64{"d.bin": int64(size)}, files: map[string]*os.File{},
		damaged: new(atomic.Bool),
	}
	name := filepath.Join(d.dir, "d.bin")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	d.files["d.bin"] = f
	return d, data
}

// TestCompleteFileIsSentWhole promises that the system sends the requested bytes, at all boundaries, over one
// connection.
func TestCompleteFileIsSentWhole(t *testing.T) {
	d, data := newDiskSite(t, 3<<20+77)
	s := startServer(t, Config{Opener: diskOpener{d}})
	conn := dial(t, s.addr)
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	br := bufio.NewReader(conn)
	ask := func(method, headers string) (*http.Response, []byte) {
		t.Helper()
		if _, err := io.WriteString(conn,
			method+" /d.bin HTTP/1.1\r\nHost: "+label+".localhost:"+s.port+"\r\n"+headers+"\r\n"); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(br, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, body
	}
	for _, from := range []int{
		0, 1, maxWhole, minSection, sendPortion, len(data) - minSection - 1,
		len(data) - minSection, len(data) - minSection + 1, len(data) - maxWhole, len(data) - 1,
	} {
		for _, to := range []int{len(data), from + 1, from + maxWhole, from + maxWhole + 1, from + minSection - 1, from +
			minSection, from + sendPortion + maxHeld} {
			to = min(to, len(data))
			res, body := ask("GET", "Range: bytes="+strconv.Itoa(from)+"-"+strconv.Itoa(to-1)+"\r\n")
			if res.StatusCode != http.StatusPartialContent || !bytes.Equal(body, data[from:to]) {
				t.Fatalf("bytes %d to %d: %d, %d bytes", from, to, res.StatusCode, len(body))
			}
		}
	}
	if res, body := ask("HEAD", ""); res.StatusCode != http.StatusOK || len(body) != 0 {
		t.Errorf("HEAD: %d, %d bytes", res.StatusCode, len(body))
	}
	if res, body := ask("GET", ""); res.StatusCode != http.StatusOK || !bytes.Equal(body, data) {
		t.Errorf("GET: %d, %d bytes", res.StatusCode, len(body))
	}
	if res, body := ask("GET", "Range: bytes=0-0,2097152-3000000\r\n"); res.StatusCode != http.StatusPartialContent ||
		!bytes.Contains(body, data[2097152:3000001]) {
		t.Errorf("two ranges: %d, %d bytes", res.StatusCode, len(body))
	}
}

// TestDamagedFileIsCutOff promises that a file that is found to be damaged while the system sends it is cut off.
func TestDamagedFileIsCutOff(t *testing.T) {
	d, data := newDiskSite(t, 64<<20)
	s := startServer(t, Config{Opener: diskOpener{d}})
	conn := dial(t, s.addr)
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn,
		strings.ReplaceAll(requestText("GET", label, "/d.bin"), "PORT", s.port)); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	d.damaged.Store(true)
	rest, err := io.ReadAll(res.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.HasPrefix(data[1<<20:], rest) {
		t.Errorf("%d more bytes, %v", len(rest), err)
	}
}

// TestFileWithoutSendfile promises that a file that cannot be opened separately is read instead.
func TestFileWithoutSendfile(t *testing.T) {
	d, data := newDiskSite(t, 1<<20)
	if err := os.Remove(filepath.Join(d.dir, "d.bin")); err != nil {
		t.Skipf("an open file cannot be removed here: %v", err)
	}
	s := startServer(t, Config{Opener: diskOpener{d}})
	if got := s.get("/d.bin"); got.status != 200 || got.body != string(data) {
		t.Errorf("%d, %d bytes", got.status, len(got.body))
	}
}

var (
	_ engine.OnDisk    = (*diskReader)(nil)
	_ engine.Completer = diskSite{}
)
