package pick

import (
	"math/bits"
	"testing"
)

// checkState recounts what the picker counts and compares.
func checkState(t *testing.T, p *Picker) {
	t.Helper()
	s := &p.s
	outstanding, taken, urgent := 0, 0, 0
	for _, pe := range s.peers {
		count, bytes, peerUrgent, urgentBytes := 0, 0, 0, 0
		blocks := map[Block]bool{}
		note := func(r *request) {
			if r.peer != pe || s.findRequest(pe, r.name()) != r {
				t.Fatalf("the request for %v is not that of its peer", r.name())
			}
			if blocks[r.name()] {
				t.Fatalf("%v was asked for twice", r.name())
			}
			blocks[r.name()] = true
		}
		for r := pe.queue.head; r != nil; r = r.next {
			note(r)
			if r.state != stateLive && r.state != stateDoubtful {
				t.Fatalf("a request in the queue has state %d", r.state)
			}
			count++
			bytes += r.length()
			if r.piece.urgent {
				peerUrgent++
				urgentBytes += r.length()
			}
		}
		for r := pe.cancelled.head; r != nil; r = r.next {
			note(r)
			if r.state != stateCancelled {
				t.Fatalf("a request that was taken back has state %d", r.state)
			}
			taken++
		}
		if count != pe.count || bytes != pe.bytes || peerUrgent != pe.urgent || urgentBytes != pe.urgentBytes {
			t.Fatalf("counted %d/%d/%d/%d, have %d/%d/%d/%d", count, bytes, peerUrgent, urgentBytes, pe.count, pe.bytes,
				pe.urgent, pe.urgentBytes)
		}
		outstanding += count
		urgent += peerUrgent
		if pe.has != nil {
			if n := pe.has.common(pe.has); n != pe.pieces {
				t.Fatalf("a peer has %d pieces, counted %d", n, pe.pieces)
			}
			if n := pe.has.common(s.missing); n != pe.missing {
				t.Fatalf("a peer has %d missing pieces, counted %d", n, pe.missing)
			}
		}
	}
	if outstanding != s.outstanding || taken != s.cancelled || urgent != s.urgentRequests {
		t.Fatalf("counted %d/%d/%d, have %d/%d/%d", s.outstanding, s.cancelled, s.urgentRequests, outstanding, taken, urgent)
	}
	checkPieces(t, s)
	checkRarity(t, s)
}

func checkPieces(t *testing.T, s *store) {
	t.Helper()
	left, singles := 0, 0
	for i := range s.shape.Pieces {
		pc := s.pieces[i]
		if s.missing.has(i) {
			left++
		}
		if want := s.missing.has(i) && pc == nil; s.free.has(i) != want {
			t.Fatalf("piece %d is free: %v", i, !want)
		}
		if pc == nil {
			continue
		}
		if pc.single {
			singles++
		}
		checkPiece(t, s, i)
	}
	if left != s.left || singles != s.singles {
		t.Fatalf("%d/%d pieces are missing or of one peer, counted %d/%d", left, singles, s.left, s.singles)
	}
}

// checkPiece checks the state of a piece that has been begun.
func checkPiece(t *testing.T, s *store, i int) {
	t.Helper()
	pc := s.pieces[i]
	free, arrived, requests := pc.count, 0, 0
	if pc.verified {
		free, arrived = 0, pc.count
	}
	if pc.hasBlocks() {
		free, arrived, requests = countBlocks(t, i, pc)
	}
	if free != pc.free || arrived != pc.arrived || requests != pc.requests {
		t.Fatalf("piece %d has %d/%d/%d, counted %d/%d/%d", i, free, arrived, requests, pc.free, pc.arrived, pc.requests)
	}
	if want := pc.hasBlocks() && free > 0; pc.listed != want {
		t.Fatalf("piece %d is listed: %v", i, pc.listed)
	}
	if pc.verified == s.missing.has(i) || pc.checking && (pc.verified || arrived < pc.count) {
		t.Fatalf("piece %d: checking %v, here %v, missing %v", i, pc.checking, pc.verified, s.missing.has(i))
	}
	if requests == 0 && !pc.checking && !pc.wanted() && (pc.verified || arrived == 0 && !pc.single) {
		t.Fatalf("piece %d is kept for nothing", i)
	}
	for _, w := range []*wantOrder{&s.urgent, &s.soon} {
		if pc.free > 0 && pc.wanted() && pc.urgent == (w == &s.urgent) && (pc.rank < w.from || w.pieces[pc.rank] != pc) {
			t.Fatalf("piece %d is wanted as number %d, and that begins at %d", i, pc.rank, w.from)
		}
	}
}

// countBlocks returns how many blocks of piece i are free and have arrived, and how many requests there are for them.
func countBlocks(t *testing.T, i int, pc *piece) (free, arrived, requests int) {
	t.Helper()
	for b := range pc.blocks {
		k, live := &pc.blocks[b], 0
		for r := k.requests; r != nil; r = r.nextOfBlock {
			requests++
			if r.state == stateLive {
				live++
			}
			if pc.single && r.state == stateLive && r.peer != pc.sole {
				t.Fatalf("piece %d is asked of another peer", i)
			}
		}
		if live != int(k.live) || live > maxRequestsPerBlock {
			t.Fatalf("block %d of piece %d has %d live requests, counted %d", b, i, live, k.live)
		}
		if k.arrived {
			arrived++
		}
		if !k.arrived && live == 0 {
			free++
			if b < pc.first {
				t.Fatalf("block %d of piece %d is free, before %d", b, i, pc.first)
			}
		}
	}
	return free, arrived, requests
}

func checkRarity(t *testing.T, s *store) {
	t.Helper()
	seeds, copies := 0, make([]int, s.shape.Pieces)
	for _, pe := range s.peers {
		if pe.all {
			seeds++
		} else if pe.has != nil {
			pe.has.each(func(i int) { copies[i]++ })
		}
	}
	if seeds != s.seeds {
		t.Fatalf("%d peers have all, counted %d", seeds, s.seeds)
	}
	o := &s.rarity
	for i, n := range copies {
		if n != o.count(i) {
			t.Fatalf("piece %d has %d copies, counted %d", i, n, o.count(i))
		}
	}
	if o.order == nil {
		return
	}
	n := 0
	for _, w := range s.free {
		n += bits.OnesCount64(w)
	}
	if n != len(o.order) || int(o.ends[len(o.ends)-1]) != n {
		t.Fatalf("%d pieces are ordered of %d", len(o.order), n)
	}
	k := 0
	for at, i := range o.order {
		for k < len(o.ends) && at >= int(o.ends[k]) {
			k++
		}
		if o.count(int(i)) != k || o.place[i] != int32(at+1) || !s.free.has(int(i)) {
			t.Fatalf("piece %d with %d copies is at %d among those with %d", i, o.count(int(i)), at, k)
		}
	}
}
