package disk

// state is the state of a piece's data.
type state uint8

const (
	unknown    state = iota // there may be data, which has not been hashed
	incomplete              // missing or wrong
	complete                // here and verified
)

// pieces holds the state of each piece of a torrent, and the changes that Completion must record. Its ledger guards
// it.
type pieces struct {
	layout Layout
	size   int64 // of all files that are not hidden
	states []state
	// recorded is the set of pieces that Completion has as complete, kept those of them that would survive a power
	// cut. A piece that is written again is recorded but not kept until it has been flushed and recorded again.
	recorded, kept []bool
	// written holds pieces that were written to and are not kept.
	written map[int]struct{}
	// unchecked is the number of pieces in state unknown, content the number of bytes of complete pieces, and
	// keptContent that of kept ones.
	unchecked            int
	content, keptContent int64
	// changes holds what Completion must record.
	changes map[int]bool
	// lost counts how often a complete piece was lost. damaged holds those that have not been reported yet.
	lost    int
	damaged []int
}

func newPieces(l Layout) pieces {
	return pieces{
		layout: l, size: l.allContent(), states: make([]state, l.Pieces), unchecked: l.Pieces,
		recorded: make([]bool, l.Pieces), kept: make([]bool, l.Pieces), written: make(map[int]struct{}),
	}
}

// set changes the state of a piece.
func (p *pieces) set(piece int, s state) {
	switch p.states[piece] {
	case unknown:
		p.unchecked--
	case complete:
		p.count(piece, -1)
		p.lost++
	}
	p.states[piece] = s
	switch s {
	case unknown:
		p.unchecked++
	case incomplete:
		p.kept[piece] = false
	case complete:
		p.count(piece, 1)
	}
	p.change(piece)
}

// count adds or subtracts a complete piece's content.
func (p *pieces) count(piece int, sign int64) {
	content := sign * p.layout.content(piece)
	p.content += content
	if p.kept[piece] {
		p.keptContent += content
	}
}

// change updates what Completion must record of a piece.
func (p *pieces) change(piece int) {
	done := p.states[piece] == complete
	if done && p.kept[piece] || !done && !p.recorded[piece] {
		delete(p.changes, piece)
		return
	}
	if p.changes == nil {
		p.changes = make(map[int]bool)
	}
	p.changes[piece] = done
}

// markKept records that a complete piece would survive a power cut.
func (p *pieces) markKept(piece int) {
	p.kept[piece] = true
	p.keptContent += p.layout.content(piece)
	delete(p.written, piece)
}

// markLost records that a piece is not here any more, to be reported.
func (p *pieces) markLost(piece int) {
	p.set(piece, incomplete)
	p.damaged = append(p.damaged, piece)
}

// markUntrusted has a piece rewritten and hashed again; see Rewrite.
func (p *pieces) markUntrusted(piece int) {
	if p.states[piece] != unknown {
		p.set(piece, unknown)
	} else {
		p.change(piece)
	}
	p.written[piece] = struct{}{}
	p.damaged = append(p.damaged, piece)
}

// verifiedLength returns how many of n bytes from off on lie in complete pieces without a gap.
func (p *pieces) verifiedLength(n int, off int64) int {
	if off < 0 || n == 0 || p.layout.PieceLength == 0 {
		return 0
	}
	end := off
	for i := int(off / p.layout.PieceLength); i < len(p.states) && p.states[i] == complete; i++ {
		start, length := p.layout.PieceRange(i)
		if end < start {
			break
		}
		end = max(end, start+length)
		if end >= off+int64(n) {
			return n
		}
	}
	return int(end - off)
}
