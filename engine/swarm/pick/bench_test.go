package pick

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkBlock measures the work for one block: it arrives, and further blocks are requested. The peers are served
// in turn, without pauses.
func BenchmarkBlock(b *testing.B) {
	for _, pieces := range []int{1 << 10, 1 << 17} {
		for _, n := range []int{1, 20, 100} {
			for _, kind := range []string{"seeds", "parts"} {
				if n == 1 && kind == "parts" {
					continue // It soon has nothing more.
				}
				b.Run(fmt.Sprintf("%d pieces, %d %s", pieces, n, kind), func(b *testing.B) {
					benchmarkBlocks(b, pieces, n, kind == "parts", false)
				})
			}
		}
	}
	b.Run("wanted, 131072 pieces, 20 seeds", func(b *testing.B) { benchmarkBlocks(b, 1<<17, 20, false, true) })
}

func benchmarkBlocks(b *testing.B, pieces, peers int, parts, wanted bool) {
	s := newBlockStream(pieces, peers, parts)
	s.plan()
	b.ReportAllocs()
	b.SetBytes(BlockSize)
	for i := 0; b.Loop(); i++ {
		if s.receiveBlock(s.peers[i%len(s.peers)]) && wanted && s.done%16 == 0 {
			s.setWanted()
		}
		s.plan()
		s.picker.Next(s.now)
	}
}

// blockStream is a picker whose peers answer all requests in turn. It starts anew when most pieces have come.
type blockStream struct {
	picker       *Picker
	pieces       int
	now          time.Time
	peers        []*Peer
	queues       map[*Peer]*[]Block // requests that are not answered yet
	steps        []Step
	done, next   int // done pieces, and the first one that may be wanted
	urgent, soon []int
}

func newBlockStream(pieces, peers int, parts bool) *blockStream {
	shape := shapeOf(pieces, 256<<10)
	s := &blockStream{
		picker: New(shape, func(int) bool { return true }), pieces: pieces, now: epoch, queues: map[*Peer]*[]Block{},
	}
	s.picker.SetRandomSource(rand.NewPCG(1, 2))
	r := rand.New(rand.NewPCG(5, 6))
	for range peers {
		pe := s.picker.Add(s.now)
		pe.SetFast(true)
		pe.line.minRoundTrip = 100 * time.Microsecond
		pe.SetMaxRequests(500)
		pe.SetAll()
		if parts {
			raw := make([]byte, (pieces+7)/8)
			for i := range raw {
				raw[i] = byte(r.Uint32())
			}
			pe.SetBitfield(raw)
		}
		pe.Unchoked()
		s.queues[pe] = new([]Block)
		s.peers = append(s.peers, pe)
	}
	return s
}

// plan carries out what the picker plans: new requests, and cancels, which the peers reject.
func (s *blockStream) plan() {
	s.steps = s.picker.Plan(s.now, s.steps[:0])
	for _, step := range s.steps {
		q := s.queues[step.Peer]
		if !step.Cancel {
			*q = append(*q, step.Block)
			continue
		}
		s.picker.Rejected(step.Peer, step.Block, s.now)
		for i, block := range *q {
			if block == step.Block {
				*q = append((*q)[:i], (*q)[i+1:]...)
				break
			}
		}
	}
}

// receiveBlock lets the oldest request of a peer be answered, and reports whether that completes a piece.
func (s *blockStream) receiveBlock(pe *Peer) (complete bool) {
	q := s.queues[pe]
	if len(*q) == 0 {
		return false
	}
	block := (*q)[0]
	*q = append((*q)[:0], (*q)[1:]...)
	s.now = s.now.Add(time.Duration(len(s.peers)) * time.Microsecond)
	if receipt := s.picker.Received(pe, block, s.now); !receipt.Complete {
		return false
	}
	s.picker.PieceVerified(block.Piece)
	if s.done++; s.done > s.pieces*3/4 {
		for i := range s.pieces {
			s.picker.PieceLost(i)
		}
		s.done, s.next = 0, 0
	}
	return true
}

// setWanted makes the next 64 missing pieces urgent, and wants the 192 after them soon.
func (s *blockStream) setWanted() {
	s.urgent, s.soon = s.urgent[:0], s.soon[:0]
	for i := s.next; i < s.pieces && len(s.urgent)+len(s.soon) < 256; i++ {
		if !s.picker.s.missing.has(i) {
			continue
		}
		if len(s.urgent) < 64 {
			s.urgent = append(s.urgent, i)
		} else {
			s.soon = append(s.soon, i)
		}
	}
	if len(s.urgent) > 0 {
		s.next = s.urgent[0]
	}
	s.picker.SetWanted(s.urgent, s.soon, s.now)
}
