package emulator

import (
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Screen is the screen of a terminal. Its methods may be called by any goroutine.
type Screen struct {
	mu       sync.Mutex // Guards term and changed: an Emulator is not safe for concurrent use.
	term     *vt.Emulator
	changed  map[int]bool  // The DEC private modes that are not as they were at first.
	answered chan struct{} // Closed when no more answers are written.
}

// New returns an empty screen of cols by rows cells. The answers to what is asked with Write are written to answers.
// The caller must call Close.
func New(cols, rows int, answers io.Writer) *Screen {
	s := &Screen{
		term:     vt.NewEmulator(cols, rows),
		changed:  map[int]bool{},
		answered: make(chan struct{}),
	}
	// They are called by Write, which holds the lock.
	s.term.SetCallbacks(vt.Callbacks{
		AltScreen:   s.altScreenChanged,
		EnableMode:  func(mode ansi.Mode) { s.modeChanged(mode, true) },
		DisableMode: func(mode ansi.Mode) { s.modeChanged(mode, false) },
	})
	go func() {
		defer close(s.answered)
		_, _ = io.Copy(answers, s.term)
		// A program that has ended takes no answers. The emulator waits until each is read, so somebody has to.
		_, _ = io.Copy(io.Discard, s.term)
	}()
	return s
}

// SetModern makes the terminal report features of newer ones: synchronized output, grapheme widths and the kitty
// keyboard protocol. It must be called before the first Write.
func (s *Screen) SetModern() {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A mode that was reset once is one that the emulator says it knows (DECRQM).
	_, _ = s.term.WriteString(ansi.ResetModeSynchronizedOutput + ansi.ResetModeUnicodeCore)
	s.term.RegisterCsiHandler(ansi.Command('?', 0, 'u'), func(ansi.Params) bool {
		_, _ = io.WriteString(s.term.InputPipe(), "\x1b[?0u")
		return true
	})
}

// altScreenChanged moves the cursor of the first screen back onto it: the emulator leaves it where it was when the size
// changes behind the alternate screen, and what is written outside of the screen is lost.
func (s *Screen) altScreenChanged(on bool) {
	if !on {
		s.term.Resize(s.term.Width(), s.term.Height())
	}
}

// modeChanged records a mode that was set or reset.
func (s *Screen) modeChanged(mode ansi.Mode, on bool) {
	dec, ok := mode.(ansi.DECMode)
	if !ok {
		return
	}
	// A terminal wraps at the right edge and shows its cursor by itself; everything else has to be switched on.
	atFirst := dec == ansi.ModeAutoWrap || dec == ansi.ModeTextCursorEnable
	if on == atFirst {
		delete(s.changed, dec.Mode())
	} else {
		s.changed[dec.Mode()] = true
	}
}

// Write draws what a program has written. A character may be cut off at the end of p: the rest of it may come with the
// next call. What p asks is answered meanwhile or soon after.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term.Write(p)
}

// Resize changes the size to cols by rows cells. What does not fit is lost at the right and at the bottom.
func (s *Screen) Resize(cols, rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.term.Resize(cols, rows)
}

// String returns the text on the screen: its rows, separated by newlines and without the blanks at their ends.
func (s *Screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.term.String()
}

// Find returns the column and the row of the first cell of a text, counted from 1 as terminals do, and reports whether
// the text is on the screen.
func (s *Screen) Find(text string) (col, row int, ok bool) {
	for line := range strings.SplitSeq(s.String(), "\n") {
		row++
		if before, _, found := strings.Cut(line, text); found {
			return ansi.StringWidth(before) + 1, row, true
		}
	}
	return 0, 0, false
}

// ChangedModes returns the DEC private modes that are not as they were at first, in ascending order. Among them are 25
// when the cursor is hidden, 1000 to 1006 for the mouse, and 1049 for the alternate screen.
func (s *Screen) ChangedModes() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.changed))
}

// Close stops the answers and waits until that is done. Later queries are not answered. If the program does not read
// its answers, the writer that New was given must be closed before.
func (s *Screen) Close() {
	// The emulator's own Close races with reading its answers; closing the writing end of their pipe does not.
	if pipe, ok := s.term.InputPipe().(io.Closer); ok {
		_ = pipe.Close()
	}
	<-s.answered
}
