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
	shape := shapeOf(pieces, 256<<10)
	p := New(shape, func(int) bool { return true })
	p.SetRandomSource(rand.NewPCG(1, 2))
	now := epoch
	queues := map[*Peer]*[]Block{}
	var all []*Peer
	r := rand.New(rand.NewPCG(5, 6))
	for range peers {
		pe := p.Add(now)
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
		queues[pe] = new([]Block)
		all = append(all, pe)
	}
	var steps []Step
	do := func() {
		steps = p.Plan(now, steps[:0])
		for _, s := range steps {
			q := queues[s.Peer]
			if s.Cancel {
				p.Rejected(s.Peer, s.Block, now)
				for i, block := range *q {
					if block == s.Block {
						*q = append((*q)[:i], (*q)[i+1:]...)
						break
					}
				}
				continue
			}
			*q = append(*q, s.Block)
		}
	}
	done, next := 0, 0
	var urgent, soon []int
	want := func() {
		urgent, soon = urgent[:0], soon[:0]
		for i := next; i < pieces && len(urgent)+len(soon) < 256; i++ {
			if !p.s.missing.has(i) {
				continue
			}
			if len(urgent) < 64 {
				urgent = append(urgent, i)
			} else {
				soon = append(soon, i)
			}
		}
		if len(urgent) > 0 {
			next = urgent[0]
		}
		p.SetWanted(urgent, soon, now)
	}
	do()
	b.ReportAllocs()
	b.SetBytes(BlockSize)
	for i := 0; b.Loop(); i++ {
		pe := all[i%len(all)]
		q := queues[pe]
		if len(*q) > 0 {
			block := (*q)[0]
			*q = append((*q)[:0], (*q)[1:]...)
			now = now.Add(time.Duration(len(all)) * time.Microsecond)
			if receipt := p.Received(pe, block, now); receipt.Complete {
				p.PieceVerified(block.Piece)
				if done++; done > pieces*3/4 {
					for j := range pieces {
						p.PieceLost(j)
					}
					done, next = 0, 0
				}
				if wanted && done%16 == 0 {
					want()
				}
			}
		}
		do()
		p.Next(now)
	}
}
