package mirror

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine/swarm/wire"
)

// TestFaults checks that all blocks are fetched in spite of a fault, and how long that takes.
func TestFaults(t *testing.T) {
	s := newSite().add("a.bin", 300_000).add("b.bin", 200_000).add("index.html", 700)
	first := func(n, code int, header ...string) func(int, *http.Request) (*http.Response, error) {
		return func(i int, req *http.Request) (*http.Response, error) {
			if i <= n {
				return status(code, header...), nil
			}
			return s.respond(req)
		}
	}
	// spoils changes the first answer that is all of the first file; the requests for three files come in any order.
	type roundTrip = func(n int, r *http.Request) (*http.Response, error)
	spoils := func(change func(resp *http.Response, r *http.Request)) roundTrip {
		var once sync.Once
		return func(_ int, r *http.Request) (*http.Response, error) {
			resp, err := s.respond(r)
			if err == nil && resp.ContentLength == 300_000 {
				once.Do(func() { change(resp, r) })
			}
			return resp, err
		}
	}
	for name, tc := range map[string]struct {
		serve       func(n int, r *http.Request) (*http.Response, error)
		least, most time.Duration
	}{
		"none":        {s.respondTo, 0, 0},
		"503":         {first(1, 503), time.Second, time.Second},
		"Retry-After": {first(1, 503, "Retry-After", "7"), 7 * time.Second, 7 * time.Second},
		"a date": {func(n int, r *http.Request) (*http.Response, error) {
			if n > 1 {
				return s.respond(r)
			}
			return status(429, "Retry-After", time.Now().Add(3*time.Second).UTC().Format(http.TimeFormat)), nil
		}, 2 * time.Second, 3 * time.Second},
		"a long time": {first(1, 503, "Retry-After", "86400"), maxBackoff, maxBackoff},
		// The first three requests, for three files, fail at once, which is one failure.
		"429, all at once": {first(3, 429), time.Second, time.Second},
		"500":              {first(1, 500), time.Second, time.Second},
		"416":              {first(1, 416), time.Second, time.Second},
		"404":              {first(1, 404), maxBackoff, maxBackoff},
		"compressed":       {first(1, 200, "Content-Encoding", "br"), time.Second, time.Second},
		"refused": {func(n int, r *http.Request) (*http.Response, error) {
			if n > 3 {
				return s.respond(r)
			}
			return nil, errDropped
		}, time.Second, time.Second},
		"dropped": {spoils(func(resp *http.Response, _ *http.Request) {
			*resp = *truncated(resp, 20_000, errDropped)
		}), time.Second, time.Second},
		"too short": {spoils(func(resp *http.Response, _ *http.Request) {
			*resp = *truncated(resp, 20_000, io.EOF)
		}), time.Second, time.Second},
		"dropped each time, with some progress": {func(_ int, r *http.Request) (*http.Response, error) {
			resp, err := s.respond(r)
			return truncated(resp, 100_000, errDropped), err
		}, 2 * time.Second, 10 * time.Second},
		"stalled": {spoils(func(resp *http.Response, r *http.Request) {
			resp.Body = io.NopCloser(io.MultiReader(io.LimitReader(resp.Body, 20_000), silent{r}))
		}), 11 * time.Second, 11 * time.Second},
		"slow, but not too slow": {spoils(func(resp *http.Response, _ *http.Request) {
			resp.Body = io.NopCloser(slow{resp.Body})
		}), 9 * 37 * time.Second, 9 * 37 * time.Second},
		"no ranges": {func(_ int, r *http.Request) (*http.Response, error) {
			r.Header.Del("Range")
			return s.respond(r)
		}, 0, 0},
		"no ranges, chunked": {func(_ int, r *http.Request) (*http.Response, error) {
			r.Header.Del("Range")
			resp, err := s.respond(r)
			resp.ContentLength = -1
			return resp, err
		}, 0, 0},
		"no ranges at first": {func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				r.Header.Del("Range")
			}
			return s.respond(r)
		}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &transport{serve: func(n int, r *http.Request) (*http.Response, error) {
					time.Sleep(time.Millisecond)
					return tc.serve(n, r)
				}}
				p := connect(t, s, log, wire.Options{})
				start := time.Now()
				p.download(s.all())
				if took := time.Since(start).Truncate(time.Second); took < tc.least || took > tc.most {
					t.Errorf("it took %v, want %v to %v", took, tc.least, tc.most)
				}
				time.Sleep(idleTimeout)
				p.expectNothingLeft()
			})
		})
	}
}

func (s *site) respondTo(_ int, r *http.Request) (*http.Response, error) { return s.respond(r) }

// slow is a body that sends 10,000 bytes each 9 seconds.
type slow struct{ r io.Reader }

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(9 * time.Second)
	return s.r.Read(p[:min(len(p), 10_000)])
}

// TestDeadMirror checks that nothing waits for a dead mirror, and how often it is tried.
func TestDeadMirror(t *testing.T) {
	s := newSite().add("a", 10*wire.BlockSize)
	for name, tc := range map[string]struct {
		serve func(r *http.Request) (*http.Response, error)
		fails time.Duration // after a request
		late  bool
	}{
		"refused": {func(*http.Request) (*http.Response, error) { return nil, errDropped }, 0, false},
		"silent":  {neverRespond, idleTimeout, true},
		"busy":    {func(*http.Request) (*http.Response, error) { return status(503), nil }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) { return tc.serve(r) }}
				p := connect(t, s, log, wire.Options{})
				for i := range 12 {
					start := time.Now()
					p.request(s.all()...)
					for p.read().Type != wire.Choke {
					}
					if tc.late == (time.Since(start) != suspectTimeout) {
						t.Fatalf("choked after %v", time.Since(start))
					}
					for rejected := 0; rejected < len(s.all()); {
						if p.read().Type == wire.Reject {
							rejected++
						}
					}
					for p.read().Type != wire.Unchoke {
					}
					want := min(minBackoff<<i, maxBackoff) + tc.fails
					if got := time.Since(start); got != want {
						t.Errorf("%d: tried again after %v, want %v", i, got, want)
					}
				}
				p.expectNothingLeft()
			})
		})
	}
}

// TestSlowMirror checks that a mirror whose first response takes long is used from then on.
func TestSlowMirror(t *testing.T) {
	s := newSite().add("a", 10*wire.BlockSize)
	synctest.Test(t, func(t *testing.T) {
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			time.Sleep(6 * time.Second)
			return s.respond(r)
		}}
		p := connect(t, s, log, wire.Options{})
		start := time.Now()
		p.request(s.all()...)
		p.expect(wire.Choke)
		for range s.all() {
			p.expect(wire.Reject)
		}
		if got := time.Since(start); got != suspectTimeout {
			t.Errorf("rejected after %v", got)
		}
		p.request(s.all()[0])
		p.expect(wire.Reject)
		p.expect(wire.Unchoke)
		if got := time.Since(start); got != 6*time.Second {
			t.Errorf("unchoked after %v", got)
		}
		p.request(s.all()...)
		for range s.all() {
			p.expect(wire.Piece)
		}
		p.expectNothingLeft()
	})
}

// TestBusyServer: a server accepts two connections at a time and answers others with 503.
func TestBusyServer(t *testing.T) {
	s := newSite()
	for i := range 50 {
		s.add("f"+strings.Repeat("x", i), 2*wire.BlockSize)
	}
	synctest.Test(t, func(t *testing.T) {
		var now, refused atomic.Int32
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			defer now.Add(-1)
			if now.Add(1) > 2 {
				refused.Add(1)
				return status(503), nil
			}
			time.Sleep(50 * time.Millisecond)
			return s.respond(r)
		}}
		p := connect(t, s, log, wire.Options{})
		start := time.Now()
		p.download(s.all())
		if took := time.Since(start); refused.Load() > 2 || took > 4*time.Second {
			t.Errorf("%d requests were refused, and it took %v", refused.Load(), took)
		}
	})
}

// TestMissingFiles checks that existing files are fetched at once, and missing ones rarely tried again.
func TestMissingFiles(t *testing.T) {
	s := newSite().add("a", pieceLength).add("b", pieceLength).add("c", pieceLength).add("d", pieceLength)
	missing := s.onDisk["/site/b"]
	delete(s.onDisk, "/site/b")
	synctest.Test(t, func(t *testing.T) {
		log := &transport{serve: s.respondTo}
		p := connect(t, s, log, wire.Options{})
		p.request(s.all()...)
		came, rejected := 0, 0
		for came+rejected < len(s.all()) {
			switch m := p.read(); m.Type {
			case wire.Piece:
				came++
			case wire.Reject:
				rejected++
			case wire.Bitfield:
				if m.Bits[0] != 0b10110000 || rejected > 0 {
					t.Errorf("got %b after %d rejects", m.Bits, rejected)
				}
			default:
				t.Errorf("got %+v", m)
			}
		}
		if came != 12 {
			t.Errorf("%d blocks have come", came)
		}
		p.request(s.blocks(pieceLength, 2*pieceLength)...)
		for range 4 {
			p.expect(wire.Reject)
		}
		start := time.Now()
		p.expect(wire.HaveAll)
		if got := time.Since(start); got != maxBackoff {
			t.Errorf("offered again after %v", got)
		}
		s.onDisk["/site/b"] = missing
		p.request(s.blocks(pieceLength, 2*pieceLength)...)
		for range 4 {
			p.expect(wire.Piece)
		}
		if got := len(log.log()); got != 5 {
			t.Errorf("%d requests", got)
		}
		p.expectNothingLeft()
	})
}

// TestMirrorWithoutFiles checks that a mirror without any file of a torrent is not requested for all of them.
func TestMirrorWithoutFiles(t *testing.T) {
	s := newSite()
	for i := range 1000 {
		s.add("f"+strings.Repeat("x", i%100)+strings.Repeat("y", i/100), pieceLength)
	}
	clear(s.onDisk)
	synctest.Test(t, func(t *testing.T) {
		log := &transport{serve: s.respondTo}
		p := connect(t, s, log, wire.Options{})
		go func() {
			d := newDownload(s.all())
			for {
				m, err := p.Read()
				if err != nil {
					return
				}
				switch m.Type {
				case wire.Choke, wire.Unchoke:
					d.choked = m.Type == wire.Choke
				case wire.Bitfield:
					d.bits = m.Bits
				case wire.Reject:
					delete(d.requested, m.Block)
				default:
				}
				if !d.choked {
					d.requestOffered(p, s.all()[:200])
				}
			}
		}()
		p.request(s.all()[:1]...)
		time.Sleep(time.Hour)
		if got := len(log.log()); got < 10 || got > 100 {
			t.Errorf("%d requests in an hour", got)
		}
	})
}

// TestBrokenFileDoesNotBlockOthers checks that a file that always fails with a server error does not keep others from
// being fetched.
func TestBrokenFileDoesNotBlockOthers(t *testing.T) {
	s := newSite().add("broken", pieceLength).add("a", 40*pieceLength).add("b", 40*pieceLength)
	synctest.Test(t, func(t *testing.T) {
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/site/broken" {
				return status(500), nil
			}
			return s.respond(r)
		}}
		p := connect(t, s, log, wire.Options{})
		d := newDownload(s.all())
		start := time.Now()
		for len(d.wanted) > 4 {
			if !d.choked {
				d.requestOffered(p, s.all())
			}
			d.readAnswer(p)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// TestBigFileWithoutRanges checks that only blocks near the start of a file are fetched.
func TestBigFileWithoutRanges(t *testing.T) {
	s := newSite().add("big", 4<<20)
	synctest.Test(t, func(t *testing.T) {
		var read atomic.Int64
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			r.Header.Del("Range")
			resp, err := s.respond(r)
			resp.Body = io.NopCloser(counting{resp.Body, &read})
			return resp, err
		}}
		p := connect(t, s, log, wire.Options{})
		p.request(s.blocks(1<<20, 1<<20+1)...)
		p.expect(wire.Piece)
		if got := read.Load(); got != 1<<20+wire.BlockSize {
			t.Errorf("%d bytes have been read", got)
		}
		p.request(s.blocks(2<<20, 2<<20+1)...)
		p.expect(wire.HaveNone)
		p.expect(wire.Reject)
		p.expect(wire.HaveAll)
		if got := read.Load(); got != 1<<20+wire.BlockSize {
			t.Errorf("%d bytes have been read", got)
		}
	})
}
