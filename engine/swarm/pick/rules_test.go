package pick

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// rig is a picker with peers that send nothing by themselves.
type rig struct {
	*Picker
	t   *testing.T
	now time.Time
}

func newRig(t *testing.T, pieces int) *rig {
	d := &rig{Picker: New(shapeOf(pieces, 2*BlockSize), func(int) bool { return true }), t: t, now: epoch}
	d.SetRandomSource(rand.NewPCG(1, 2))
	return d
}

// addSeed adds a complete peer that serves, with a window of that many blocks.
func (d *rig) addSeed(window int) *Peer {
	pe := d.Add(d.now)
	pe.SetFast(true)
	pe.line.minRoundTrip = 100 * ms
	pe.SetMaxRequests(window + 1)
	pe.SetAll()
	pe.Unchoked()
	return pe
}

func (d *rig) planAfter(t time.Duration) []Step {
	d.now = d.now.Add(t)
	return d.Plan(d.now, nil)
}

// requestedBlocks returns the blocks requested from a peer: twice the piece plus the number of the block, or for a
// cancel the negative of that, less one.
func requestedBlocks(pe *Peer, steps []Step) []int {
	var l []int
	for _, s := range steps {
		n := 2*s.Block.Piece + s.Block.Begin/BlockSize
		if s.Cancel {
			n = -n - 1
		}
		if s.Peer == pe {
			l = append(l, n)
		}
	}
	return l
}

func (d *rig) expectRequests(what string, pe *Peer, steps []Step, blocks ...int) {
	d.t.Helper()
	if got := requestedBlocks(pe, steps); !slices.Equal(got, blocks) {
		d.t.Errorf("%s: asked for %v, not %v", what, got, blocks)
	}
}

// block returns the block of a number as in requestedBlocks.
func (d *rig) block(n int) Block {
	return Block{Piece: n / 2, Begin: n % 2 * BlockSize, Length: BlockSize}
}

func TestRequestOrder(t *testing.T) {
	d := newRig(t, 20)
	pe := d.addSeed(6)
	rare := d.Add(d.now)
	for i := range 20 {
		if i != 13 {
			rare.AddPiece(i)
		}
	}
	d.SetWanted([]int{7, 3}, []int{5}, d.now)
	d.expectRequests("what is wanted", pe, d.planAfter(0), 14, 15, 6, 7, 10, 11)
	for _, n := range []int{6, 10, 7} {
		d.Received(pe, d.block(n), d.now)
	}
	steps := d.planAfter(0)
	got := requestedBlocks(pe, steps)
	if len(got) != 3 || got[0] != 26 || got[1] != 27 {
		t.Fatalf("asked for %v, and piece 13 is the rarest one", got)
	}
	// Somebody else finishes what was begun, before the next one of those that are equally rare.
	other := d.addSeed(8)
	if next := requestedBlocks(other, d.planAfter(0)); len(next) != 8 || next[0] != got[2]+1 {
		t.Errorf("another peer is asked for %v, and of %v the last piece was begun", next, got)
	}
}

// TestRequestsToUnknownPeer: a peer of unknown rate is sent requests for all pieces that are needed soon, and for only
// some of the others.
func TestRequestsToUnknownPeer(t *testing.T) {
	d := newRig(t, 1000)
	pe := d.addSeed(500)
	soon := count(10, 50)
	d.SetWanted([]int{3}, soon, d.now)
	steps := d.planAfter(0)
	if got := requestedBlocks(pe, steps); len(got) != 2+2*len(soon) || got[0] != 6 || got[2] != 20 || got[101] != 119 {
		t.Errorf("asked for %v", got)
	}
	d.SetWanted(nil, nil, d.now)
	other := d.addSeed(500)
	if got := requestedBlocks(other, d.planAfter(0)); len(got) > firstWindow {
		t.Errorf("asked for %d blocks that nobody wants", len(got))
	}
}

// TestRarestFirst: peers with few pieces receive requests for these, among thousands of other pieces.
func TestRarestFirst(t *testing.T) {
	const pieces = 3000
	d := newRig(t, pieces)
	d.addSeed(1)
	many := d.Add(d.now)
	for i := range pieces {
		if i%10 != 0 {
			many.AddPiece(i)
		}
	}
	few, last := d.Add(d.now), d.Add(d.now)
	few.SetBitfield(append(make([]byte, 250), 0x10, 0x08))
	last.AddPiece(2999)
	for _, pe := range []*Peer{few, last} {
		pe.Unchoked()
	}
	steps := d.planAfter(0)
	if got := requestedBlocks(few, steps); len(got) != 4 || got[0] != 2*2003 && got[0] != 2*2012 {
		t.Errorf("asked for %v of pieces 2003 and 2012", got)
	}
	d.expectRequests("who has one", last, steps, 5998, 5999)
	if len(few.allowed) > 0 || few.Count() != 2 || last.Count() != 1 {
		t.Error("the pieces of a peer are miscounted")
	}
}

func TestChokedPeer(t *testing.T) {
	d := newRig(t, 4)
	pe := d.Add(d.now)
	pe.SetAll()
	d.SetWanted([]int{2}, nil, d.now)
	d.expectRequests("choked", pe, d.planAfter(0))
	pe.AllowFast(1)
	d.expectRequests("one piece allowed", pe, d.planAfter(0), 2, 3)
	pe.Unchoked()
	d.expectRequests("unchoked", pe, d.planAfter(0)[:2], 4, 5)
	pe.Choked(true)
	if n := pe.Outstanding(); n != 8 {
		t.Errorf("%d requests are outstanding after a choke that keeps them", n)
	}
	other := d.addSeed(2)
	d.expectRequests("another one, for what the first one holds", other, d.planAfter(0), 4, 5)
	pe.Choked(false)
	if n := pe.Outstanding(); n != 0 {
		t.Errorf("%d requests are outstanding after a choke", n)
	}
}

func TestPeerRequestLimit(t *testing.T) {
	for _, tt := range []struct{ limit, asked int }{{0, 32}, {1, 1}, {2, 1}, {10, 9}, {500, 32}} {
		d := newRig(t, 100)
		pe := d.addSeed(1)
		pe.line.peerLimit = 0
		pe.SetMaxRequests(tt.limit)
		if n := len(d.planAfter(0)); n != tt.asked {
			t.Errorf("a peer that takes %d is asked for %d blocks, not %d", tt.limit, n, tt.asked)
		}
	}
}

// TestCancelledBlock: a cancelled block is not requested again from the same peer before that has answered.
func TestCancelledBlock(t *testing.T) {
	for _, fast := range []bool{false, true} {
		d := newRig(t, 1)
		pe := d.addSeed(2)
		pe.SetFast(fast)
		d.expectRequests("at first", pe, d.planAfter(0), 0, 1)
		d.SetStopped(true)
		d.expectRequests("stopped", pe, d.planAfter(0), -2, -1)
		d.SetStopped(false)
		d.expectRequests("not answered", pe, d.planAfter(400*ms))
		if fast {
			d.expectRequests("still not", pe, d.planAfter(5*time.Second))
			d.Rejected(pe, d.block(0), d.now)
			d.expectRequests("rejected", pe, d.planAfter(0), 0)
		} else {
			d.expectRequests("later", pe, d.planAfter(200*ms), 0, 1)
			continue
		}
		if r := d.Received(pe, d.block(1), d.now); !r.Wanted || r.Complete {
			t.Errorf("a block that was taken back and comes is %+v", r)
		}
	}
}

func TestRejectedRequest(t *testing.T) {
	d := newRig(t, 10)
	pe := d.addSeed(8)
	d.planAfter(0)
	window := pe.line.window
	first := pe.queue.head.name()
	d.Rejected(pe, first, d.now)
	d.Rejected(pe, pe.queue.head.name(), d.now)
	if pe.line.window != window/2 {
		t.Errorf("the window is %v after rejects, was %v", pe.line.window, window)
	}
	for range 10 {
		for _, s := range d.planAfter(100 * ms) {
			if s.Block == first {
				t.Error("what a peer has rejected is asked of it again at once")
			}
		}
	}
}

// TestSlowPeers: a slow peer is sent no request for an urgent block that a faster one would send sooner, even if the
// faster one's window is full.
func TestSlowPeers(t *testing.T) {
	d := newRig(t, 40)
	fast, slow := d.addSeed(4), d.addSeed(100)
	for pe, rate := range map[*Peer]float64{fast: 10e6, slow: 10e3} {
		pe.line.meter = meter{steady: sample{rate, 1}}
	}
	d.SetWanted(count(0, 20), nil, d.now)
	steps := d.planAfter(0)
	d.expectRequests("fast", fast, steps, 0, 1, 2, 3)
	for _, n := range requestedBlocks(slow, steps) {
		if n < 40 {
			t.Errorf("the slow peer is asked for block %d", n)
		}
	}
}

// TestPreempt: a block that becomes urgent is requested while much is outstanding.
func TestPreempt(t *testing.T) {
	d := newRig(t, 1000)
	pe := d.addSeed(200)
	pe.line.meter = meter{steady: sample{1e6, 1}}
	pe.line.window = 100
	before := requestedBlocks(pe, d.planAfter(0))
	d.SetWanted([]int{999}, nil, d.now)
	// A hundred blocks take 1.7 s; six or seven of them come within a round trip.
	steps := d.planAfter(200 * ms)
	got := requestedBlocks(pe, steps)
	cancels := 0
	for cancels < len(got) && got[cancels] < 0 {
		cancels++
	}
	if cancels < 80 || cancels > 95 || got[0] != -before[len(before)-1]-1 {
		t.Errorf("of %d blocks %d are taken back, from %d on", len(before), cancels, got[0])
	}
	if rest := got[cancels:]; len(rest) < 2 || rest[0] != 1998 || rest[1] != 1999 || len(rest) > 10 {
		t.Errorf("then %v are asked for", rest)
	}
	// What comes after all that is urgent is in nobody's way when that was asked for before; what comes between is.
	d = newRig(t, 1000)
	pe = d.addSeed(200)
	pe.line.meter = meter{steady: sample{1e6, 1}}
	pe.line.window = 100
	before = requestedBlocks(pe, d.planAfter(0))
	d.SetWanted([]int{before[0] / 2, before[60] / 2}, nil, d.now)
	for _, n := range requestedBlocks(pe, d.planAfter(200*ms)) {
		if at := slices.Index(before, -n-1); n < 0 && at > slices.Index(before, before[60]/2*2+1) {
			t.Errorf("block %d is taken back, which is number %d", -n-1, at)
		}
	}
	if n := len(d.s.pieces[before[40]/2].blocks); n == 0 || pe.cancelled.head == nil {
		t.Error("nothing between is taken back")
	}
	// On a line on which all comes within a round trip nothing is gained.
	d = newRig(t, 1000)
	pe = d.addSeed(200)
	pe.line.meter = meter{steady: sample{50e6, 1}}
	pe.line.window = 100
	d.planAfter(0)
	d.SetWanted([]int{999}, nil, d.now)
	d.expectRequests("a fast line", pe, d.planAfter(10*ms), 1998, 1999)
}

// TestOverdueBlockIsRequestedFromAnother: when a fast peer stops sending, its blocks are requested from another one,
// even if no reader waits for them.
func TestOverdueBlockIsRequestedFromAnother(t *testing.T) {
	d := newRig(t, 1)
	gone := d.addSeed(4)
	gone.line.meter = meter{steady: sample{2e6, 2}}
	d.expectRequests("the only one", gone, d.planAfter(0), 0, 1)
	other := d.addSeed(4)
	d.expectRequests("in time", other, d.planAfter(200*ms))
	d.expectRequests("too late", other, d.planAfter(time.Second), 1, 0)
}

// TestUrgentBlockIsRequestedAgain: a block that a reader waits for is requested from another peer if the first does
// not send it.
func TestUrgentBlockIsRequestedAgain(t *testing.T) {
	d := newRig(t, 1)
	first := d.addSeed(4)
	d.SetWanted([]int{0}, nil, d.now)
	d.expectRequests("the only one", first, d.planAfter(0), 0, 1)
	second := d.addSeed(4)
	d.expectRequests("at once", second, d.planAfter(0))
	d.expectRequests("when it is late", second, d.planAfter(time.Second), 1, 0)
	third := d.addSeed(4)
	third.line.minRoundTrip = ms
	d.expectRequests("when both are late", third, d.planAfter(time.Second), 0, 1)
	d.expectRequests("never more than three", d.addSeed(4), d.planAfter(5*time.Second))
	if r := d.Received(second, d.block(0), d.now); !r.Wanted {
		t.Error("a block is not wanted")
	}
	steps := d.planAfter(ms)
	d.expectRequests("one of those that lose", first, steps, -1)
	d.expectRequests("the other one", third, steps, -1)
	if r := d.Received(first, d.block(0), d.now); r.Wanted {
		t.Error("a block is wanted twice")
	}
	if r := d.Received(second, d.block(1), d.now); !r.Wanted || !r.Complete {
		t.Errorf("the last block is %+v", r)
	}
}

func TestNextPlanTime(t *testing.T) {
	d := newRig(t, 1)
	if !d.Next(d.now).IsZero() {
		t.Error("a picker without peers has something to do")
	}
	pe := d.addSeed(4)
	d.planAfter(0)
	if next := d.Next(d.now); next.Before(d.now) || next.After(d.now.Add(sweepInterval)) {
		t.Errorf("the next plan is to be made at %v", next)
	}
	d.Received(pe, d.block(0), d.now)
	d.Received(pe, d.block(1), d.now)
	d.PieceVerified(0)
	d.planAfter(0)
	if !d.Next(d.now).IsZero() {
		t.Error("a picker that has everything has something to do")
	}
}

func TestPeerPieces(t *testing.T) {
	d := newRig(t, 70)
	seed, some := d.addSeed(1), d.Add(d.now)
	some.SetBitfield([]byte{0xa0, 0, 0, 0, 0, 0, 0, 0, 0x04, 0xff})
	if got := some.Count(); got != 3 || !some.Has(0) || some.Has(1) || !some.Has(2) || !some.Has(69) || some.Has(70) {
		t.Errorf("of ten bytes %d pieces are read", got)
	}
	some.AddPiece(1)
	copies := d.PieceCounts()
	if copies[0] != 2 || copies[1] != 2 || copies[3] != 1 || copies[69] != 2 {
		t.Errorf("the copies are %v", copies)
	}
	for _, i := range []int{0, 1, 2, 69} {
		d.PieceVerified(i)
	}
	if some.HasMissing() || !seed.HasMissing() || d.Missing() != 66 {
		t.Error("a peer is interesting that has nothing missing")
	}
	d.PieceLost(1)
	if !some.HasMissing() || d.Missing() != 67 {
		t.Error("a peer is not interesting that has what was lost")
	}
	for i := range 70 {
		some.AddPiece(i)
	}
	if !some.Seed() || d.PieceCounts()[3] != 2 {
		t.Error("who has everything is no seed")
	}
	d.Remove(some)
	if d.PieceCounts()[3] != 1 {
		t.Error("a peer that is gone still counts")
	}
}

// TestRequestWindow: the request window follows the rate of the line.
func TestRequestWindow(t *testing.T) {
	for _, tt := range []struct {
		name        string
		link        *link
		least, most int
	}{
		{"slow", &link{rate: 50e3, trip: 50 * ms}, 2, 4},
		{"slow, after a burst", &link{rate: 50e3, trip: 50 * ms, burst: 400e3}, 2, 4},
		{"slow, in bursts", &link{rate: 50e3, trip: 50 * ms, pays: 0.5}, 2, 5},
		{"1 MB/s", &link{rate: 1e6, trip: 100 * ms}, 30, 45},
		{"1 MB/s in bursts", &link{rate: 1e6, trip: 100 * ms, pays: 0.5}, 30, 60},
		{"far", &link{rate: 10e6, trip: 300 * ms, takes: 2000}, 400, 600},
		{"loopback", &link{rate: 500e6, trip: 100 * time.Microsecond}, 64, 250},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSim(t, shapeOf(20000, 1<<20), tt.link)
			s.run(30*time.Second/time.Duration(1+tt.link.rate/50e6), func() bool { return false })
			if n := tt.link.peer.line.maxOutstanding(false); n < tt.least || n > tt.most {
				t.Errorf("the window has %d blocks, not %d to %d", n, tt.least, tt.most)
			}
			if r := tt.link.peer.Rate() / tt.link.rate; r < 0.9 || r > 1.35 {
				t.Errorf("the rate is measured as %.2f of what it is", r)
			}
		})
	}
}
