package mirror

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine/swarm/wire"
)

func TestMirrorAsPeer(t *testing.T) {
	a, b := New(Config{URL: "http://a/", Name: "x"}), New(Config{URL: "http://b/", Name: "x"})
	again := New(Config{URL: "http://a/", Name: "x"})
	if h := a.Theirs(); !h.Fast || h.Extended || h.PeerID == b.Theirs().PeerID || h != again.Theirs() {
		t.Errorf("got %+v", h)
	}
	if a.Obfuscated() || a.RemoteAddr().String() != "http://a/" {
		t.Error(a.Obfuscated(), a.RemoteAddr())
	}
	if !a.Serve(wire.Block{}) || !a.ServeInfo(0) || a.Unserve(wire.Block{}) || a.UnserveAll() != nil {
		t.Error("a mirror has been served something")
	}
	a.Close()
	a.Close()
	b.Close()
	a.Wait()
	if _, err := a.Read(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := New(Config{URL: "ftp://a/"}).Read(); err == nil || !strings.Contains(err.Error(), "ftp://a/") {
		t.Errorf("got %v", err)
	}
}

// TestDownload fetches all kinds of files of a torrent from a real server.
func TestDownload(t *testing.T) {
	s := newSite().add("index.html", 700).add("empty", 0).add("a b/ü?#%+.html", 30_000).pad(2*wire.BlockSize).
		add("big.bin", 5<<20).pad(pieceLength).add("end.txt", 3).add("also empty", 0)
	for range 40 {
		s.add("icons/"+strings.Repeat("i", len(s.files))+".png", 150)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
		return http.DefaultTransport.RoundTrip(r)
	}}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	p := connectTo(t, s, server.URL, log, wire.Options{})
	p.download(s.all())
	// The first file of the pad, and the big one once for each range at most.
	if got, most := len(log.log()), 2+5+1+40; got > most {
		t.Errorf("%d requests, at most %d were necessary: %q", got, most, log.log())
	}
	for _, r := range log.log() {
		if strings.Contains(r, ".pad") || strings.Contains(r, "empty") {
			t.Errorf("%q has been requested", r)
		}
	}
}

func TestSingleFile(t *testing.T) {
	s := newSite().add("film", 100_000)
	synctest.Test(t, func(t *testing.T) {
		for url, path := range map[string]string{"http://m/some/where?x": "/some/where", "http://m/pub/": "/pub/site"} {
			log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
				if r.URL.Path != path {
					t.Errorf("%s has been requested", r.URL)
				}
				if r.Header.Get("Accept-Encoding") != "identity" || r.Header.Get("User-Agent") != "test" {
					t.Errorf("headers: %v", r.Header)
				}
				r.URL.Path = "/site/film"
				return s.respond(r)
			}}
			c := New(Config{URL: url, Name: "site", Files: s.files, Transport: log, UserAgent: "test"})
			p := &peer{c, t, s}
			p.Start(wire.Options{})
			p.SetLayout(s.layout())
			p.expect(wire.HaveAll)
			p.expect(wire.Unchoke)
			p.download(s.all())
			p.Close()
			p.Wait()
		}
	})
}

func TestRanges(t *testing.T) {
	s := newSite().add("a", 3*pieceLength+100).add("b", pieceLength-100).add("c", 1<<20).add("d", 9<<20)
	for name, tc := range map[string]struct {
		blocks []wire.Block
		want   []string
	}{
		"in one":    {s.blocks(0, 3*pieceLength), []string{"/site/a bytes=0-196607"}},
		"one block": {s.blocks(pieceLength, pieceLength+1), []string{"/site/a bytes=65536-81919"}},
		"both files": {
			s.blocks(3*pieceLength, 4*pieceLength),
			[]string{"/site/a bytes=196608-196707", "/site/b bytes=0-65435"},
		},
		"with a hole": {
			append(s.blocks(0, 1), s.blocks(pieceLength, 2*pieceLength)...),
			[]string{"/site/a bytes=0-16383", "/site/a bytes=65536-131071"},
		},
		"interleaved": {
			slices.Concat(s.blocks(0, 1), s.blocks(4*pieceLength, 4*pieceLength+1), s.blocks(wire.BlockSize, 2*wire.BlockSize)),
			[]string{"/site/a bytes=0-32767", "/site/c bytes=0-16383"},
		},
		"not too long": {
			s.blocks(4*pieceLength+1<<20, 4*pieceLength+5<<20),
			[]string{"/site/d bytes=0-2097151", "/site/d bytes=2097152-4194303"},
		},
		"twice": {append(s.blocks(0, 1), s.blocks(0, 1)...), []string{"/site/a bytes=0-16383"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) { return s.respond(r) }}
				p := connect(t, s, log, wire.Options{})
				p.request(tc.blocks...)
				missing := make(map[wire.Block]bool)
				for _, b := range tc.blocks {
					missing[b] = true
				}
				for len(missing) > 0 {
					delete(missing, p.expect(wire.Piece).Block)
				}
				got := log.log()
				slices.Sort(got)
				if !slices.Equal(got, tc.want) {
					t.Errorf("got %q, want %q", got, tc.want)
				}
			})
		})
	}
}

// TestFetchesAreBounded also checks that the first request comes first.
func TestFetchesAreBounded(t *testing.T) {
	s := newSite()
	for i := range 20 {
		s.add(string(rune('a'+i)), wire.BlockSize)
	}
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			defer now.Add(-1)
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(100 * time.Millisecond)
			return s.respond(r)
		}}
		p := connect(t, s, log, wire.Options{})
		start := time.Now()
		p.request(s.all()...)
		for range s.all() {
			p.expect(wire.Piece)
		}
		if most.Load() != maxFetches || time.Since(start) != 500*time.Millisecond {
			t.Errorf("%d requests at a time, %v in all", most.Load(), time.Since(start))
		}
		for i, r := range log.log() {
			if group := i / maxFetches * maxFetches; r[6] < byte('a'+group) || r[6] >= byte('a'+group+maxFetches) {
				t.Errorf("request %d is %q", i, r)
			}
		}
	})
}

func TestRequestIsRejectedAtOnce(t *testing.T) {
	s := newSite().add("a", pieceLength)
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{URL: "http://m/", Name: "site", Dir: true, Files: s.files})
		defer c.Close()
		p := &peer{c, t, s}
		p.Start(wire.Options{})
		p.expect(wire.HaveAll)
		p.expect(wire.Unchoke)
		p.Send(wire.Message{Type: wire.Interested}, wire.Message{Type: wire.Have}, wire.Message{Type: wire.Hello})
		p.request(s.all()[0])
		p.expect(wire.Reject) // The layout is not known.
		p.SetLayout(s.layout())
		b := wire.Block{Piece: 7, Begin: 0, Length: 1}
		p.request(b)
		if m := p.expect(wire.Reject); m.Block != b {
			t.Errorf("got %+v", m)
		}
		p.send(wire.Cancel, b) // has been answered
		p.send(wire.Cancel, s.all()[0])
	})
}

func TestFilesWithoutURL(t *testing.T) {
	s := newSite().add("a", pieceLength).add("../b", pieceLength).add("c", pieceLength)
	s.files[1].Path = []string{"..", "b"}
	synctest.Test(t, func(t *testing.T) {
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) { return s.respond(r) }}
		p := connect(t, s, log, wire.Options{})
		if m := p.expect(wire.Bitfield); m.Bits[0] != 0b10100000 {
			t.Errorf("got %b", m.Bits)
		}
		p.request(s.blocks(pieceLength, pieceLength+1)...)
		p.expect(wire.Reject)
		p.request(s.blocks(0, pieceLength)...)
		for range s.blocks(0, pieceLength) {
			p.expect(wire.Piece)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if m, ok := p.next(); ok {
			t.Errorf("got %+v", m)
		}
	})
}
