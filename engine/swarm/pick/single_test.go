package pick

import (
	"testing"
	"time"
)

// TestFailedPieceComesFromOnePeer: all blocks of a piece with a wrong hash are requested from one peer.
func TestFailedPieceComesFromOnePeer(t *testing.T) {
	d := newRig(t, 1)
	a, b := d.addSeed(1), d.addSeed(1)
	steps := d.planAfter(0)
	d.expectRequests("a", a, steps, 0)
	d.expectRequests("b", b, steps, 1)
	d.Received(a, d.block(0), d.now)
	if !d.Received(b, d.block(1), d.now).Complete {
		t.Fatal("the piece is not complete")
	}
	d.PieceFailed(0)
	if n := d.ReceivedBytes(0); n != 0 {
		t.Errorf("%d bytes have arrived of a piece that was wrong", n)
	}
	steps = d.planAfter(0)
	sole, other := a, b
	if len(requestedBlocks(a, steps)) == 0 {
		sole, other = b, a
	}
	d.expectRequests("one", sole, steps, 0)
	d.Received(sole, d.block(0), d.now)
	steps = d.planAfter(0)
	d.expectRequests("one", sole, steps, 1)
	d.expectRequests("the other one", other, steps)
	// Whoever takes over begins anew.
	d.Remove(sole)
	d.expectRequests("the other one", other, d.planAfter(0), 0)
	d.Received(other, d.block(0), d.now)
	d.expectRequests("the other one", other, d.planAfter(0), 1)
	if !d.Received(other, d.block(1), d.now).Complete {
		t.Error("the piece is not complete")
	}
	d.PieceVerified(0)
	if d.Missing() != 0 || other.HasMissing() {
		t.Error("something is missing")
	}
}

// A failed piece that is requested from a peer which stops sending soon comes from another one, even if the first one
// chokes us and has allowed that piece.
func TestSilentSolePeerIsReplaced(t *testing.T) {
	for name, chokes := range map[string]bool{"chokes": true, "does not choke": false} {
		t.Run(name, func(t *testing.T) {
			d := newRig(t, 1)
			silent := d.addSeed(4)
			if chokes {
				silent.AllowFast(0)
				silent.Choked(true)
			}
			d.expectRequests("at first", silent, d.planAfter(0), 0, 1)
			d.Received(silent, d.block(0), d.now)
			d.Received(silent, d.block(1), d.now)
			d.PieceFailed(0)
			if len(requestedBlocks(silent, d.planAfter(0))) == 0 {
				t.Fatal("nobody is asked")
			}
			other := d.addSeed(4)
			for begun := d.now; ; {
				for _, n := range requestedBlocks(other, d.planAfter(sweepInterval)) {
					if d.Received(other, d.block(n), d.now).Complete {
						return
					}
				}
				if d.now.Sub(begun) > 2*snubTimeout {
					t.Fatal("the other peer is not asked for all of it")
				}
			}
		})
	}
}

// A stalled peer that is the only one is sent requests again and again, since it may resume.
func TestSilentSolePeerIsAskedAgain(t *testing.T) {
	d := newRig(t, 1)
	silent := d.addSeed(1)
	for _, n := range []int{0, 1} {
		d.expectRequests("at first", silent, d.planAfter(0), n)
		d.Received(silent, d.block(n), d.now)
	}
	d.PieceFailed(0)
	times := 0
	for begun := d.now; d.now.Sub(begun) < 5*time.Minute; {
		for _, n := range requestedBlocks(silent, d.planAfter(sweepInterval)) {
			if n >= 0 {
				times++
			}
		}
	}
	if times < 3 {
		t.Errorf("it was asked %d times in five minutes", times)
	}
}
