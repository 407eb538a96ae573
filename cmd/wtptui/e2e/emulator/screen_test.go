package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// checkWrite writes text to the screen, whose rows must then be want.
func checkWrite(t *testing.T, s *Screen, text, want string) {
	t.Helper()
	if _, err := s.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimRight(s.String(), "\n"); got != want {
		t.Errorf("after %q the screen is %q, want %q", text, got, want)
	}
}

func TestScreenShowsText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"lines", "one\r\ntwo  \r\n\r\nfour", "one\ntwo\n\nfour"},
		{"wrapping", "0123456789abcdefghijk", "0123456789abcdefghij\nk"},
		{"scrolling", "1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5"},
		{"moves and erasing", "gone\x1b[H\x1b[2J\x1b[2;3Hxx\x1b[5Gy\x1b[1;2Hz\x1b[B\x1b[1K", " z\n   xy"},
		{"colours, links, titles", "\x1b]2;title\x07\x1b[1;38;2;1;2;3ma\x1b[0m\x1b]8;;http://a/\x07b\x1b]8;;\x07c", "abc"},
		{"wide characters", "漫画|", "漫画|"},
		{"half of a wide character", "漫画\x1b[1;2Hx", " x画"},
		{"combining marks and joiners", "e\u0301 👩\u200d🚀|", "e\u0301 👩\u200d🚀|"},
		{"keyboard and unknown sequences", "\x1b[>4;2m\x1b[>1u\x1b[=0;1u\x1b[?9999h\x1bP+q00\x1b\\a", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New(20, 4, io.Discard)
			defer s.Close()
			checkWrite(t, s, c.text, c.want)
		})
	}
}

// What a terminal reads may end anywhere, also within a character or a sequence.
func TestScreenAcceptsTextInParts(t *testing.T) {
	s := New(20, 2, io.Discard)
	defer s.Close()
	for _, b := range []byte("\x1b[1mé漫\x1b[2;2H画") {
		if _, err := s.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	checkWrite(t, s, "", "é漫\n 画")
}

func TestFindReturnsPositionOfText(t *testing.T) {
	s := New(20, 4, io.Discard)
	defer s.Close()
	checkWrite(t, s, "one\r\n漫画 – two", "one\n漫画 – two")
	if col, row, ok := s.Find("two"); col != 8 || row != 2 || !ok {
		t.Errorf("found at column %d, row %d: %t", col, row, ok)
	}
	if _, _, ok := s.Find("three"); ok {
		t.Error("found what is not there")
	}
}

func TestAlternateScreenKeepsTheFirst(t *testing.T) {
	s := New(20, 4, io.Discard)
	defer s.Close()
	checkWrite(t, s, "shell", "shell")
	checkWrite(t, s, "\x1b[?1049h\x1b[?25;7l\x1b[?1002;1006;2004h\x1b[Hdashboard", "dashboard")
	if got, want := s.ChangedModes(), []int{7, 25, 1002, 1006, 1049, 2004}; !slices.Equal(got, want) {
		t.Errorf("changed modes %d, want %d", got, want)
	}
	// A cursor that is hidden on one screen is hidden on the other.
	checkWrite(t, s, "\x1b[?1002;1006;2004l\x1b[?7h\x1b[?1049l", "shell")
	if got := s.ChangedModes(); !slices.Equal(got, []int{25}) {
		t.Errorf("changed modes %d, want that of the cursor", got)
	}
	checkWrite(t, s, "\x1b[?25h.", "shell.")
	if got := s.ChangedModes(); len(got) > 0 {
		t.Errorf("changed modes %d, want none", got)
	}
}

func TestResizeCutsAndExtends(t *testing.T) {
	s := New(20, 4, io.Discard)
	defer s.Close()
	checkWrite(t, s, "0123456789\r\ntwo\r\nthree", "0123456789\ntwo\nthree")
	s.Resize(5, 2)
	checkWrite(t, s, "\x1b[H", "01234\ntwo")
	s.Resize(30, 6)
	checkWrite(t, s, "\x1b[6;26Hlast!", "01234\ntwo\n\n\n\n"+strings.Repeat(" ", 25)+"last!")
}

func TestResizeAppliesToTheHiddenScreen(t *testing.T) {
	s := New(20, 4, io.Discard)
	defer s.Close()
	checkWrite(t, s, "1\r\n2\r\n3\r\n4", "1\n2\n3\n4")
	checkWrite(t, s, "\x1b[?1049h", "")
	s.Resize(20, 2)
	checkWrite(t, s, "\x1b[?1049l!", "1\n2!")
}

// queries are a program's queries, with the answers of a terminal of 20 by 4 cells whose cursor is at its beginning.
var queries = []struct{ ask, plain, modern string }{
	{"\x1b[c", "\x1b[?62;1;6;22c", "\x1b[?62;1;6;22c"}, // Device attributes, DA1.
	{"\x1b[6n", "\x1b[1;1R", "\x1b[1;1R"},              // Where the cursor is, DSR.
	{"\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07", "\x1b]11;rgb:0000/0000/0000\x07"},
	{"\x1b[?25$p", "\x1b[?25;1$y", "\x1b[?25;1$y"}, // DECRQM: 0 not known, 1 set, 2 reset.
	{"\x1b[?2026$p", "\x1b[?2026;0$y", "\x1b[?2026;2$y"},
	{"\x1b[?2027$p", "\x1b[?2027;0$y", "\x1b[?2027;2$y"},
	{"\x1b[?u", "", "\x1b[?0u"}, // The flags of the kitty keyboard protocol.
}

func TestScreenAnswers(t *testing.T) {
	for _, q := range queries {
		for modern, want := range map[bool]string{false: q.plain, true: q.modern} {
			var got bytes.Buffer
			s := New(20, 4, &got)
			if modern {
				s.SetModern()
			}
			checkWrite(t, s, q.ask, "")
			s.Close()
			if got.String() != want || len(s.ChangedModes()) > 0 {
				t.Errorf("modern %t: the answer to %q is %q, want %q", modern, q.ask, got.String(), want)
			}
		}
	}
}

// closedWriter is the terminal of a program that has ended.
type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestCloseEndsWithUnreadAnswers(t *testing.T) {
	s := New(20, 4, closedWriter{})
	for range 3 {
		checkWrite(t, s, "\x1b[c", "")
	}
	s.Close()
	checkWrite(t, s, "\x1b[cclosed", "closed")
}

// A test reads the screen while it changes. The race detector does the checking.
func TestScreenIsSafeForConcurrentUse(t *testing.T) {
	s := New(20, 4, io.Discard)
	s.SetModern()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := range 100 {
				fmt.Fprintf(s, "\x1b[%dH\x1b[?25l%d 漫\x1b[c\x1b[?u\x1b[?25h", i+1, n)
				_ = s.String()
				_ = s.ChangedModes()
				s.Resize(20+n%2, 4)
			}
		})
	}
	wg.Wait()
	s.Close()
}
