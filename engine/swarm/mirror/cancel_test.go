package mirror

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"wtptui/engine/swarm/wire"
)

func TestCancel(t *testing.T) {
	s := newSite().add("a", 8*pieceLength)
	all := s.blocks(0, 2*pieceLength) // in one range
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var ended error
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			select {
			case <-release:
				return s.respond(r)
			case <-r.Context().Done():
				ended = context.Cause(r.Context())
				return nil, r.Context().Err()
			}
		}}
		p := connect(t, s, log, wire.Options{})
		p.request(all...)
		synctest.Wait()
		p.send(wire.Cancel, all[1:]...)
		synctest.Wait()
		if m, ok := p.next(); ok || ended != nil {
			t.Errorf("%+v, %v, though the first block is still wanted", m, ended)
		}
		p.send(wire.Cancel, all[0])
		for _, b := range all {
			if m := p.expect(wire.Reject); m.Block != b {
				t.Errorf("%+v has been rejected instead of %+v", m.Block, b)
			}
		}
		synctest.Wait()
		if !errors.Is(ended, errUnwanted) {
			t.Errorf("the request goes on: %v", ended)
		}

		// What is wanted again comes, and what is cancelled and comes anyway does too.
		p.request(all...)
		synctest.Wait()
		p.send(wire.Cancel, all[:3]...)
		p.request(all[1])
		close(release)
		for _, b := range all {
			if m := p.expect(wire.Piece); m.Block != b {
				t.Errorf("%+v has come instead of %+v", m.Block, b)
			}
		}
		p.expectNothingLeft()
	})
}

// expectNothingLeft checks that all requests have been answered, and that no goroutine is left.
func (p *peer) expectNothingLeft() {
	p.t.Helper()
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	q := &p.queue
	if len(q.requests)+len(q.waiting)+len(q.fetches)+len(q.out)+q.workers != 0 {
		p.t.Errorf("left: %d requests, %d parts, %d fetches, %d messages, %d workers",
			len(q.requests), len(q.waiting), len(q.fetches), len(q.out), q.workers)
	}
}

func TestCancelQueuedRequest(t *testing.T) {
	s := newSite()
	for i := range maxFetches + 1 {
		s.add(string(rune('a'+i)), wire.BlockSize)
	}
	all := s.all()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			<-release
			return s.respond(r)
		}}
		p := connect(t, s, log, wire.Options{})
		p.request(all...)
		synctest.Wait()
		p.send(wire.Cancel, all[maxFetches])
		if m := p.expect(wire.Reject); m.Block != all[maxFetches] {
			t.Errorf("got %+v", m)
		}
		close(release)
		for range maxFetches {
			p.expect(wire.Piece)
		}
		if got := len(log.log()); got != maxFetches {
			t.Errorf("%d requests", got)
		}
		p.expectNothingLeft()
	})
}

// TestBackpressure checks that nothing is read from the server while received blocks are not read.
func TestBackpressure(t *testing.T) {
	s := newSite().add("a", 2<<20)
	synctest.Test(t, func(t *testing.T) {
		var got atomic.Int64
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) {
			resp, err := s.respond(r)
			resp.Body = io.NopCloser(counting{resp.Body, &got})
			return resp, err
		}}
		p := connect(t, s, log, wire.Options{})
		p.request(s.all()...)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got.Load() != wire.BlockSize {
			t.Errorf("%d bytes have been read", got.Load())
		}
		for range s.all() {
			p.expect(wire.Piece)
		}
		p.expectNothingLeft()
	})
}

type counting struct {
	r io.Reader
	n *atomic.Int64
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func TestRateLimit(t *testing.T) {
	s := newSite().add("a", 1<<20).add("b", 1<<20)
	synctest.Test(t, func(t *testing.T) {
		limit := rate.NewLimiter(0, 4<<10)
		log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) { return s.respond(r) }}
		p := connect(t, s, log, wire.Options{Down: wire.NewLimit(limit)})
		start := time.Now()
		p.request(s.all()...)
		time.Sleep(time.Minute)
		synctest.Wait()
		limit.SetLimit(64 << 10)
		for range s.all() {
			p.expect(wire.Piece)
		}
		if took := time.Since(start) - time.Minute; took < 31*time.Second || took > 34*time.Second {
			t.Errorf("2 MiB at 64 KiB/s took %v", took)
		}
	})
}

// TestCloseMidway closes a connection in each state of a fetch.
func TestCloseMidway(t *testing.T) {
	s := newSite()
	for i := range 10 {
		s.add(string(rune('a'+i)), 10*wire.BlockSize)
	}
	s.pad(pieceLength)
	for name, serve := range map[string]func(r *http.Request) (*http.Response, error){
		"before a response": neverRespond,
		"in a body": func(r *http.Request) (*http.Response, error) {
			resp, err := s.respond(r)
			resp.Body = io.NopCloser(io.MultiReader(io.LimitReader(resp.Body, 20_000), silent{r}))
			return resp, err
		},
		"while nobody reads": s.respond,
		"in a back-off":      func(*http.Request) (*http.Response, error) { return status(503), nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &transport{serve: func(_ int, r *http.Request) (*http.Response, error) { return serve(r) }}
				p := connect(t, s, log, wire.Options{})
				p.request(s.all()...)
				synctest.Wait()
				if name == "while nobody reads" {
					p.Close()
				}
				read := make(chan error)
				go func() {
					for {
						if _, err := p.Read(); err != nil {
							read <- err
							return
						}
					}
				}()
				if name != "while nobody reads" {
					synctest.Wait()
					p.Close()
				}
				if err := <-read; !errors.Is(err, net.ErrClosed) {
					t.Errorf("got %v", err)
				}
				p.Wait()
				p.request(s.all()...) // does nothing
			})
		})
	}
}
