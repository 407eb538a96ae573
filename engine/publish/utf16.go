package publish

import (
	"encoding/binary"
	"iter"
	"slices"
)

// minWide is the shortest text in UTF-16 that is looked into, in characters: secrets are longer.
const minWide = 12

// wideRun is a part of a text in which every second byte is zero: characters of ASCII in UTF-16.
type wideRun struct {
	start, end int // the first zero, and what follows the last one
}

// Masks for every second byte of eight.
const (
	evenBytes = 0x00ff00ff00ff00ff
	oddBytes  = evenBytes << 8
)

// wideRuns yields the parts of a text that are UTF-16, wherever they are: there need be no byte order mark, and text in
// the middle of a binary file has none. It looks at eight bytes at a time, some of which are in each part that is long
// enough.
func wideRuns(text []byte) iter.Seq[wideRun] {
	return func(yield func(wideRun) bool) {
		done := 0
		for at := 0; at+8 <= len(text); at += 8 {
			word := binary.LittleEndian.Uint64(text[at:])
			if word == 0 || word&evenBytes != 0 && word&oddBytes != 0 {
				continue
			}
			run := wideRun{at, at + 1}
			if word&evenBytes != 0 {
				run = wideRun{at + 1, at + 2}
			}
			for run.start-2 >= done && text[run.start-1] != 0 && text[run.start-2] == 0 {
				run.start -= 2
			}
			for run.end+1 < len(text) && text[run.end] != 0 && text[run.end+1] == 0 {
				run.end += 2
			}
			if run.end-run.start < 2*minWide {
				continue
			}
			if !yield(run) {
				return
			}
			done = run.end
			at = max(at, run.end-8)
		}
	}
}

// narrow returns every second byte of a run, from the one before its first zero to the one after its last. It uses the
// memory of buf.
func (r wideRun) narrow(buf, text []byte) []byte {
	start := r.start - 1
	end := min(r.end+1, len(text))
	n := (end - start + 1) / 2
	buf = slices.Grow(buf[:0], n)[:n]
	if start < 0 {
		buf[0] = 0 // It was before the window.
	} else {
		buf[0] = text[start]
	}
	rest := text[start+2 : end]
	for i := range buf[1:] {
		buf[i+1] = rest[2*i]
	}
	return buf
}

// searchAll is search for a text of which parts may be UTF-16. It uses the memory of buf, which it returns.
func (s *secretSearch) searchAll(text []byte, from, until int, buf []byte) []byte {
	at := from
	for run := range wideRuns(text) {
		if s.search(text, at, min(run.start, until)); s.secret != "" {
			return buf
		}
		buf = run.narrow(buf, text)
		first, last := max(0, (from-run.start+1)/2), max(0, (until-run.start+1)/2)
		if s.searchNarrow(buf, (run.end-run.start+1)/2, first, last); s.secret != "" {
			return buf
		}
		// No anchor begins where every second byte is zero.
		at = max(at, run.end-1)
	}
	s.search(text, at, until)
	return buf
}

// searchNarrow looks into what narrow returned of a run of so many zeros, at the anchors of which the zeros are those
// from first on and before last. Without what is after the last zero it is the text if that is little-endian, without
// what is before the first one if it is big-endian. That matters at the ends alone.
func (s *secretSearch) searchNarrow(chars []byte, zeros, first, last int) {
	littleEndian, bigEndian := chars[:zeros], chars[1:]
	s.search(littleEndian, first, last)
	if s.secret == "" {
		s.search(bigEndian, first, min(last, lookBack))
	}
	if s.secret == "" {
		s.search(bigEndian, max(first, len(bigEndian)-lookAhead), last)
	}
}
