package pick

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// chaos drives a picker with random events, which are chosen by bytes, and checks each result.
type chaos struct {
	t     *testing.T
	p     *Picker
	shape Shape
	now   time.Time
	peers []*Peer
	// asked is what peers have been asked for and not answered; true means that it was taken back.
	asked map[*Peer]map[Block]bool
	order map[*Peer][]Block
	fast  map[*Peer]bool
	here  map[int]bool
	check []int // pieces that are complete and wait
}

func newChaos(t *testing.T, shape Shape, seed uint64) *chaos {
	c := &chaos{
		t: t, shape: shape, now: epoch, asked: map[*Peer]map[Block]bool{}, order: map[*Peer][]Block{}, here: map[int]bool{},
		fast: map[*Peer]bool{},
	}
	c.p = New(shape, func(i int) bool {
		c.here[i] = i%5 == 4
		return !c.here[i]
	})
	c.p.SetRandomSource(rand.NewPCG(seed, seed))
	return c
}

func (c *chaos) plan() {
	for _, s := range c.p.Plan(c.now, nil) {
		asked := c.asked[s.Peer]
		taken, was := asked[s.Block]
		switch {
		case asked == nil:
			c.t.Fatalf("a step for a peer that is gone")
		case s.Cancel && (!was || taken):
			c.t.Fatalf("%v is taken back, but was not asked for", s.Block)
		case s.Cancel:
			asked[s.Block] = true
			continue
		case was && (!taken || c.fast[s.Peer] && len(c.order[s.Peer]) > 0 && c.now.Sub(epoch) < answerTime):
			c.t.Fatalf("%v is asked for again", s.Block)
		case c.p.s.stopped || c.here[s.Block.Piece] || !s.Peer.Has(s.Block.Piece):
			c.t.Fatalf("%v is asked for, stopped %v, here %v, has %v", s.Block, c.p.s.stopped, c.here[s.Block.Piece],
				s.Peer.Has(s.Block.Piece))
		case s.Peer.choked && !slices.Contains(s.Peer.allowed, s.Block.Piece):
			c.t.Fatalf("%v is asked of a peer that chokes", s.Block)
		case s.Peer.checkRequest(s) != "":
			c.t.Fatal(s.Peer.checkRequest(s))
		}
		if !was {
			c.order[s.Peer] = append(c.order[s.Peer], s.Block)
		}
		asked[s.Block] = false
	}
	checkState(c.t, c.p)
}

func (c *chaos) peer(n int) *Peer {
	if len(c.peers) == 0 {
		return nil
	}
	return c.peers[n%len(c.peers)]
}

// takeRequest removes one of the requests that a peer has to answer.
func (c *chaos) takeRequest(pe *Peer, n int) (Block, bool) {
	l := c.order[pe]
	if len(l) == 0 {
		return Block{}, false
	}
	n %= min(len(l), 3)
	b := l[n]
	c.order[pe] = append(l[:n:n], l[n+1:]...)
	delete(c.asked[pe], b)
	return b, true
}

func (c *chaos) received(pe *Peer, n int) {
	b, ok := c.takeRequest(pe, n)
	if !ok {
		return
	}
	pc := c.p.s.pieces[b.Piece]
	was := pc != nil && (pc.verified || pc.hasBlocks() && pc.blocks[b.Begin/BlockSize].arrived)
	unknown := c.p.s.findRequest(pe, b) == nil
	r := c.p.Received(pe, b, c.now)
	if r.Wanted != (!was && !unknown) {
		c.t.Fatalf("%v is wanted: %v, though that it was here is %v", b, r.Wanted, was)
	}
	if r.Complete {
		c.check = append(c.check, b.Piece)
	}
	if c.p.Received(pe, b, c.now).Wanted {
		c.t.Fatalf("%v is wanted twice", b)
	}
}

// do makes one event happen.
func (c *chaos) do(what, a, b byte) {
	pe := c.peer(int(a))
	switch what % 24 {
	case 0:
		if len(c.peers) < 6 {
			pe = c.p.Add(c.now)
			c.fast[pe] = a&1 == 0
			pe.SetFast(c.fast[pe])
			c.peers, c.asked[pe] = append(c.peers, pe), map[Block]bool{}
		}
		return
	case 1:
		c.now = c.now.Add(time.Duration(a) * time.Second / 4)
		return
	case 2:
		c.now = c.now.Add(time.Duration(a) * ms)
		return
	case 3:
		c.p.SetStopped(a&1 == 0)
		return
	case 4:
		var urgent, soon []int
		for i := range int(a % 4) {
			urgent = append(urgent, (int(b)+i)%c.shape.Pieces)
			soon = append(soon, (int(b)+2*i+int(a))%c.shape.Pieces)
		}
		c.p.SetWanted(urgent, soon, c.now)
		return
	case 5:
		i := int(b) % c.shape.Pieces
		c.p.PieceVerified(i)
		c.here[i] = true
		return
	case 6, 7, 8:
		if len(c.check) > 0 {
			i := c.check[0]
			c.check = c.check[1:]
			if a%4 == 0 {
				c.p.PieceFailed(i)
			} else {
				c.p.PieceVerified(i)
				c.here[i] = true
			}
		}
		return
	case 9:
		i := int(b) % c.shape.Pieces
		if c.here[i] {
			c.here[i] = false
			c.p.PieceLost(i)
		}
		return
	}
	if pe != nil {
		c.peerDoes(pe, what%24, b)
	}
}

func (c *chaos) peerDoes(pe *Peer, what, b byte) {
	switch what {
	case 10:
		c.p.Remove(pe)
		c.peers = slices.DeleteFunc(c.peers, func(q *Peer) bool { return q == pe })
		delete(c.asked, pe)
		delete(c.order, pe)
	case 11:
		pe.SetAll()
	case 12:
		pe.SetBitfield([]byte{b, b * 7, b * 31, b})
	case 13:
		pe.AddPiece(int(b) - 1)
	case 14:
		keeps := b&1 == 0
		pe.Choked(keeps)
		if !keeps {
			c.order[pe] = nil
			clear(c.asked[pe])
		}
	case 15, 16:
		pe.Unchoked()
	case 17:
		pe.AllowFast(int(b))
	case 18:
		if b > 0 {
			pe.SetMaxRequests(int(b))
		}
		pe.line.minRoundTrip = time.Duration(b) * ms
	case 19:
		if block, ok := c.takeRequest(pe, int(b)); ok {
			c.p.Rejected(pe, block, c.now)
		}
	default:
		for range b%16 + 1 {
			c.received(pe, int(b))
		}
	}
}

// finish lets a seed send all that is missing, whatever has happened before.
func (c *chaos) finish() {
	c.p.SetStopped(false)
	for len(c.peers) > 0 {
		c.peerDoes(c.peers[0], 10, 0)
	}
	c.do(0, 0, 0)
	pe := c.peers[0]
	pe.SetAll()
	pe.Unchoked()
	for range 10000 {
		for _, i := range c.check {
			c.p.PieceVerified(i)
			c.here[i] = true
		}
		c.check = nil
		if c.p.Missing() == 0 {
			break
		}
		c.plan()
		if len(c.order[pe]) == 0 {
			c.now = c.now.Add(time.Second)
		}
		c.received(pe, 0)
	}
	c.plan()
	if n := c.p.Missing(); n > 0 {
		for _, pc := range c.p.s.pieces {
			c.t.Logf("%+v", *pc)
		}
		c.t.Fatalf("%d pieces never come: peer %+v, order %v", n, *pe, c.order[pe])
	}
	if pe.Outstanding() > 0 {
		c.t.Fatal("something is outstanding when all is here")
	}
}

func runChaos(t *testing.T, data []byte) {
	shapes := []Shape{
		{Pieces: 9, PieceLength: 64 << 10, Size: 8*64<<10 + 20000},
		{Pieces: 30, PieceLength: 16 << 10, Size: 30 * 16 << 10},
		{Pieces: 5, PieceLength: 40000, Size: 4*40000 + 1},
		{Pieces: 1, PieceLength: 1 << 20, Size: 1 << 20},
	}
	if len(data) == 0 {
		return
	}
	c := newChaos(t, shapes[int(data[0])%len(shapes)], uint64(data[0]))
	for data = data[1:]; len(data) >= 3; data = data[3:] {
		c.do(data[0], data[1], data[2])
		if data[0]&0x80 == 0 {
			c.plan()
		} else {
			checkState(t, c.p)
		}
	}
	c.finish()
}

func FuzzEvents(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(runChaos)
}

func TestRandomEvents(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	r := rand.New(rand.NewPCG(9, 10))
	for range n {
		data := make([]byte, 1+3*r.IntN(400))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		runChaos(t, data)
	}
}
