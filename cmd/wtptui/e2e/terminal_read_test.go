//go:build !windows

package e2e_test

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// read draws what is written until the terminal is closed.
func (tm *terminal) read() {
	buf := make([]byte, 64<<10)
	var rest []byte // The beginning of a character whose end is still to come.
	for {
		n, err := tm.ptm.Read(buf)
		if n > 0 {
			rest = append(rest, buf[:n]...)
			for question, answer := range answers {
				if bytes.Contains(buf[:n], []byte(question)) {
					_, _ = tm.ptm.WriteString(answer)
				}
			}
			whole := wholeRunes(rest)
			var frames []string
			for frame := range bytes.SplitAfterSeq(rest[:whole], []byte(endOfFrame)) {
				_, _ = tm.screen.Write(frame)
				frames = append(frames, tm.screen.String())
			}
			rest = slices.Clone(rest[whole:])
			tm.mu.Lock()
			tm.frames = append(tm.frames, frames...)
			tm.written.Write(buf[:n])
			close(tm.changed)
			tm.changed = make(chan struct{})
			tm.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// endOfFrame ends what is to be seen at once (synchronized output).
const endOfFrame = "\x1b[?2026l"

// answers are what a modern terminal says to what the emulator does not understand: that it has synchronized output,
// grapheme widths and keyboard enhancements, so that the dashboard switches them on.
var answers = map[string]string{
	"\x1b[?2026$p": "\x1b[?2026;2$y",
	"\x1b[?2027$p": "\x1b[?2027;2$y",
	"\x1b[?u":      "\x1b[?0u",
}

// wholeRunes is how many bytes there are before a character of UTF-8 that is cut off at the end.
func wholeRunes(b []byte) int {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) && !utf8.FullRune(b[i:]) {
			return i
		}
	}
	return len(b)
}
