package disk

// state is what is known of a piece's data.
type state uint8

const (
	unknown    state = iota // there may be data, nobody has hashed it
	incomplete              // not here, or wrong
	complete                // here and verified
)

// pieces is what is known of each piece of a torrent, and what Completion has to be told of it. It is private to
// a ledger, which guards it.
type pieces struct {
	layout Layout
	size   int64 // of all content
	states []state
	// recorded says which pieces Completion has as complete; kept, which of them would survive a power cut: a piece
	// that has been written anew is recorded, and not kept, until it has been flushed and recorded again.
	recorded, kept []bool
	// written are pieces that have been written to and are not kept.
	written map[int]struct{}
	// unchecked counts pieces in state unknown, content the bytes of those that are complete, and keptContent the
	// bytes of those that are kept as well.
	unchecked            int
	content, keptContent int64
	// changes is what Completion has to be told.
	changes map[int]bool
	// lost counts how often a piece that was complete has turned out not to be; of those in damaged nobody was told yet.
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

// count adds a complete piece to the bytes that are here, or takes it away.
func (p *pieces) count(piece int, sign int64) {
	content := sign * p.layout.content(piece)
	p.content += content
	if p.kept[piece] {
		p.keptContent += content
	}
}

// change notes what Completion has to be told of a piece, or that it knows it already.
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

// keep notes that a complete piece would survive a power cut.
func (p *pieces) keep(piece int) {
	p.kept[piece] = true
	p.keptContent += p.layout.content(piece)
	delete(p.written, piece)
}

// lose notes that a piece is not here any more, which somebody has to be told.
func (p *pieces) lose(piece int) {
	p.set(piece, incomplete)
	p.damaged = append(p.damaged, piece)
}

// doubt has a piece hashed again after Rewrite.
func (p *pieces) doubt(piece int) {
	if p.states[piece] != unknown {
		p.set(piece, unknown)
	} else {
		p.change(piece)
	}
	p.written[piece] = struct{}{}
	p.damaged = append(p.damaged, piece)
}

// verified is how many of n bytes from off on lie in complete pieces without a gap.
func (p *pieces) verified(n int, off int64) int {
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
