package publish

import (
	"encoding/binary"
	"iter"
	"slices"
)

// minUTF16 is the minimum length of a text in UTF-16 that is searched, in characters: secrets are longer.
const minUTF16 = 12

// utf16Run is a part of a text in which every second byte is zero: ASCII characters in UTF-16.
type utf16Run struct {
	start, end int // the first zero, and the offset after the last one
}

// Masks for every second byte of eight.
const (
	evenBytes = 0x00ff00ff00ff00ff
	oddBytes  = evenBytes << 8
)

// utf16Runs yields the parts of a text that are UTF-16. They need no byte order mark: text in the middle of a binary
// file has none. It checks eight bytes at a time; each part that is long enough contains such a word.
func utf16Runs(text []byte) iter.Seq[utf16Run] {
	return func(yield func(utf16Run) bool) {
		done := 0
		for at := 0; at+8 <= len(text); at += 8 {
			word := binary.LittleEndian.Uint64(text[at:])
			if word == 0 || word&evenBytes != 0 && word&oddBytes != 0 {
				continue
			}
			run := utf16Run{at, at + 1}
			if word&evenBytes != 0 {
				run = utf16Run{at + 1, at + 2}
			}
			for run.start-2 >= done && text[run.start-1] != 0 && text[run.start-2] == 0 {
				run.start -= 2
			}
			for run.end+1 < len(text) && text[run.end] != 0 && text[run.end+1] == 0 {
				run.end += 2
			}
			if run.end-run.start < 2*minUTF16 {
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

// chars returns every second byte of a run, from the one before its first zero to the one after its last. It uses the
// memory of buf.
func (r utf16Run) chars(buf, text []byte) []byte {
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

// searchAll searches a text that may have parts in UTF-16. It uses the memory of buf, which it returns.
func (s *secretSearch) searchAll(text []byte, from, until int, buf []byte) []byte {
	at := from
	for run := range utf16Runs(text) {
		if s.search(text, at, min(run.start, until)); s.secret != "" {
			return buf
		}
		buf = run.chars(buf, text)
		first, last := max(0, (from-run.start+1)/2), max(0, (until-run.start+1)/2)
		if s.searchChars(buf, (run.end-run.start+1)/2, first, last); s.secret != "" {
			return buf
		}
		// No anchor begins where every second byte is zero.
		at = max(at, run.end-1)
	}
	s.search(text, at, until)
	return buf
}

// searchChars searches the result of chars for a run with a number of zeros, at the anchors from index first to before
// last. The run is little-endian text without the byte after the last zero, or big-endian text without the byte before
// the first one. The difference only matters at its ends.
func (s *secretSearch) searchChars(chars []byte, zeros, first, last int) {
	littleEndian, bigEndian := chars[:zeros], chars[1:]
	s.search(littleEndian, first, last)
	if s.secret == "" {
		s.search(bigEndian, first, min(last, lookBack))
	}
	if s.secret == "" {
		s.search(bigEndian, max(first, len(bigEndian)-lookAhead), last)
	}
}
