package mirror

import (
	"bytes"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/engine/swarm/wire"
)

// TestChaos checks under random requests, cancels and faults that each request is answered exactly once, and that all
// blocks arrive soon after the last fault.
func TestChaos(t *testing.T) {
	for seed := range int64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { chaos(t, rand.New(rand.NewSource(seed))) })
		})
	}
}

func chaos(t *testing.T, random *rand.Rand) {
	s := newSite()
	for i := range 30 {
		s.add(fmt.Sprint(i), random.Intn(1<<17>>random.Intn(10)))
		if random.Intn(3) == 0 {
			s.pad(random.Intn(pieceLength))
		}
	}
	server := &chaosServer{site: s, random: rand.New(rand.NewSource(random.Int63()))}
	c := &chaosPeer{peer: connect(t, s, &transport{serve: server.serve}, wire.Options{}), open: make(map[wire.Block]bool)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		c.readAnswers()
	}()
	for range 400 {
		begin := random.Intn(len(s.data))
		blocks := s.blocks(begin, min(len(s.data), begin+1+random.Intn(1<<18)))
		if random.Intn(3) == 0 {
			c.send(wire.Cancel, blocks...)
		} else {
			c.requestNew(blocks)
		}
		time.Sleep(time.Duration(random.Intn(2000)) * time.Millisecond)
	}
	server.mu.Lock()
	server.calm = true
	server.mu.Unlock()
	time.Sleep(3 * maxBackoff)
	c.expectNothingLeft()
	if len(c.open) > 0 {
		t.Errorf("%d requests have not been answered", len(c.open))
	}
	c.came = 0
	c.requestNew(s.all())
	time.Sleep(time.Minute)
	c.expectNothingLeft()
	c.Close()
	<-ended
	if c.came != len(s.all()) {
		t.Errorf("%d blocks of %d have come", c.came, len(s.all()))
	}
}

// chaosPeer counts requests and answers.
type chaosPeer struct {
	*peer

	mu   sync.Mutex
	open map[wire.Block]bool
	came int
}

// requestNew requests the blocks that have no outstanding request.
func (c *chaosPeer) requestNew(blocks []wire.Block) {
	c.mu.Lock()
	defer c.mu.Unlock()
	blocks = slices.DeleteFunc(blocks, func(b wire.Block) bool { return c.open[b] })
	for _, b := range blocks {
		c.open[b] = true
	}
	c.request(blocks...)
}

func (c *chaosPeer) readAnswers() {
	for {
		m, err := c.Read()
		if err != nil {
			return
		}
		if m.Type != wire.Piece && m.Type != wire.Reject {
			continue
		}
		c.mu.Lock()
		if !c.open[m.Block] {
			c.t.Errorf("%+v has been answered and was not requested", m.Block)
		}
		delete(c.open, m.Block)
		if m.Type == wire.Piece {
			c.came++
			if !bytes.Equal(m.Data, c.site.block(m.Block)) {
				c.t.Errorf("%+v is wrong", m.Block)
			}
			wire.Free(m.Data)
		}
		c.mu.Unlock()
	}
}

// chaosServer treats each request in another way, until it is calm.
type chaosServer struct {
	site *site

	mu     sync.Mutex
	random *rand.Rand
	calm   bool
}

func (c *chaosServer) serve(_ int, r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	kind, wait, cut := c.random.Intn(16), time.Duration(c.random.Intn(3000))*time.Millisecond, c.random.Int63n(1<<17)
	if c.calm {
		kind, wait = -1, 0
	}
	c.mu.Unlock()
	time.Sleep(wait / 10)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	switch kind {
	case 0:
		return status(http.StatusServiceUnavailable), nil
	case 1:
		return status(http.StatusNotFound), nil
	case 2:
		return status(http.StatusRequestedRangeNotSatisfiable), nil
	case 3:
		return nil, errDropped
	case 4:
		return neverRespond(r)
	case 5:
		time.Sleep(wait)
		r.Header.Del("Range")
	}
	resp, err := c.site.respond(r)
	switch kind {
	case 6:
		resp = truncated(resp, cut, errDropped)
	case 7:
		resp.Body = io.NopCloser(io.MultiReader(io.LimitReader(resp.Body, cut), silent{r}))
	}
	return resp, err
}
