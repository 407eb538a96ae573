package ui

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// nasty are texts that somebody might choose to spoil a screen.
var nasty = []string{
	"", " ", "plain", strings.Repeat("long ", 60), strings.Repeat("x", 300), "漫画の棚", strings.Repeat("漫", 150), "a\x00b",
	"\x1b[2J\x1b[31mred", "\x1b]0;title\x07",
	"\x1b]52;c;aGk=\x1b\\", "\u009b31m", "\x9b31m", "rtl \u202egnp.exe", "\u2066isolate\u2069", "עברית وعربي",
	"👩\u200d👩\u200d👧\u200d👦 family", "❤\ufe0f", "🇩🇪🇫🇷", "e\u0301\u0301\u0301\u0301",
	"\u0301", "a\r\nb\tc", "\xff\xfe", "\u2028line", "zero\u200bwidth\ufeff", "ﷺ", "│┃╭ ▸ ✗", "\U000e0041tag", "👍🏽",
	"1\ufe0f\u20e3", strings.Repeat("\u0300", 40), "\x1bP+q\x1b\\", "%s%d", "\u115f\u1160ᄀ",
}

// stateWithText returns an engine's state in which every foreign text is the given one, as an engine would clean it.
func stateWithText(raw string, now time.Time) (engine.Snapshot, engine.Detail) {
	text := engine.Clean(raw)
	at := engine.At(now)
	site := engine.Site{
		Host: "evil.example", Infohash: strings.Repeat("ab", 20), URL: "wtp://evil.example/",
		LocalURL: "http://evil-example.localhost:7780/", Title: text, State: engine.Failed,
		Awaiting: text, Size: 300, Completed: 100, Files: 2, Peers: 1, AddedAt: at, LastOpen: at, Error: text,
		ErrorKind: engine.Refused, NextCheck: at, NextInfohash: strings.Repeat("cd", 20),
	}
	well := site
	well.Host, well.State, well.Error, well.ErrorKind = "well.example", engine.Downloading, "", engine.None
	events := []engine.Event{
		{Seq: 9001, At: at, Level: engine.Warning, Kind: engine.Noticed, Host: site.Host, Text: text},
		{Seq: 9002, At: at, Level: engine.Problem, Kind: engine.Noticed, Text: text},
	}
	version := engine.Version{
		Infohash: site.Infohash, FirstSeen: at, LastSeen: at, Source: text, State: engine.VersionCurrent, Size: 3,
	}
	d := engine.Detail{
		Site: site, Name: text,
		Files: []engine.File{
			{Path: text + "/" + text, URL: "http://x/", Size: 1},
			{Path: text, Size: 2, Completed: 1},
			{Path: text + ".html", Size: 2},
		},
		Peers: []engine.Peer{{Address: text, Client: text, Via: engine.Via(text), Source: text, Done: 0.5, Since: at}},
		Trackers: []engine.Tracker{
			{URL: text, Status: text, Seeds: -1, Error: text},
			{URL: text + "2", Status: "failing", Error: text},
			{URL: text + "3", Status: "working", Warning: text},
		},
		Pieces: engine.Pieces{Length: 100, Count: 3, Runs: []engine.PieceRun{{State: engine.PieceComplete, Count: 3}}},
		Requests: []engine.Request{
			{At: at, Method: text, Path: text, Status: 200, Pieces: 2, From: []string{text, text}},
			{At: at, Path: text, Status: 500},
		},
		Domain: engine.Name{
			Host: site.Host, Infohash: site.NextInfohash, Source: text, At: at, Found: []string{text}, Warnings: []string{text},
			Error: text,
			Asked: []engine.Asked{
				{URL: text, Error: text}, {URL: "https://" + text + "/"}, {URL: text, Infohash: site.Infohash},
			},
		},
		Versions: []engine.Version{
			version, {Infohash: strings.Repeat("ef", 20), Source: text, State: engine.VersionState(text), Size: -1},
		},
		Log: events,
	}
	status := engine.Status{
		Version: text, DataDir: text, Online: true, Warnings: []string{text}, Trackers: d.Trackers,
		Resolvers: []engine.Resolver{{URL: text, Error: text}},
	}
	return engine.Snapshot{Seq: 1 << 40, At: at, Sites: []engine.Site{site, well}, Status: status, Events: events}, d
}

// visitScreens shows everything that contains the foreign texts, and calls check for each frame.
func visitScreens(t *testing.T, d *driver, raw string, check func(where string)) {
	t.Helper()
	snap, detail := stateWithText(raw, d.engine.Now())
	show := func() {
		d.send(snapshotMsg{snap})
		d.send(detailMsg{detail.Site.Host, detail, nil})
	}
	show()
	check("main")
	d.selectOnMain("evil.example")
	for range 5 {
		show()
		check("inspector")
		d.press("]")
	}
	d.press("enter")
	for i := range 7 {
		d.press(fmt.Sprint(i + 1))
		show()
		d.press("j")
		check(fmt.Sprint("tab ", i+1))
	}
	d.press("esc", "!")
	check("event log")
	d.press("esc", ":")
	check("palette")
	d.press("esc", "Y")
	check("copy menu")
	d.press("esc", "P")
	d.send(tea.PasteMsg{Content: raw})
	check("publish")
	d.press("esc", "a")
	d.send(tea.PasteMsg{Content: raw})
	check("prompt")
	d.press("enter")
	check("refused prompt")
	d.press("esc", "/")
	d.send(tea.PasteMsg{Content: raw})
	check("filter")
	d.press("esc")
}

// checkFrame checks that a frame has only SGR sequences and visible text, and that its lines fit.
func checkFrame(frame string, w int) error {
	rest := ansiStyle.ReplaceAllString(frame, "")
	if !utf8.ValidString(rest) {
		return fmt.Errorf("not UTF-8: %q", rest)
	}
	for i, r := range rest {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs, unicode.Co) && r != 0x200d || r == 0x2028 ||
			r == 0x2029 {
			return fmt.Errorf("%U in %q", r, rest[max(i-10, 0):min(i+20, len(rest))])
		}
	}
	for l := range strings.SplitSeq(frame, "\n") {
		if n := ansi.StringWidth(l); n > w {
			return fmt.Errorf("a line of %d cells: %q", n, l)
		}
	}
	return nil
}

var ansiStyle = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func TestForeignTextCannotSteerTheTerminal(t *testing.T) {
	widths := []int{60, 120}
	if testing.Short() {
		widths = widths[1:]
	}
	for _, w := range widths {
		for _, raw := range nasty {
			d := newDriver(t, w, 30)
			visitScreens(t, d, raw, func(where string) {
				if err := checkFrame(d.m.display.frame.draw(), w); err != nil {
					t.Fatalf("%q in %s: %v", raw, where, err)
				}
			})
		}
	}
}

func FuzzForeignText(f *testing.F) {
	for _, s := range nasty {
		f.Add(s, uint8(80))
	}
	f.Fuzz(func(t *testing.T, raw string, w uint8) {
		d := newDriver(t, max(int(w), 60), 24)
		visitScreens(t, d, raw, func(where string) {
			if err := checkFrame(d.m.display.frame.draw(), d.m.screen.w); err != nil {
				t.Fatalf("%q in %s: %v", raw, where, err)
			}
		})
	})
}

// Only sequences of the renderer are written to the terminal, and none from a foreign text.
func TestForeignTextDownToTheBytesWritten(t *testing.T) {
	for _, raw := range append([]string{strings.Join(nasty, "")}, nasty[7:9]...) {
		out := &recorder{wrote: make(chan struct{}, 1)}
		show := newDriver(t, 100, 30)
		p := tea.NewProgram(fixedFrame{}, tea.WithInput(nil), tea.WithOutput(out), tea.WithEnvironment([]string{
			"TERM=xterm-256color", "COLORTERM=truecolor",
		}),
			tea.WithWindowSize(100, 31), tea.WithoutSignalHandler(), tea.WithFPS(120))
		done := make(chan error, 1)
		go func() { _, err := p.Run(); done <- err }()
		frames := 0
		visitScreens(t, show, raw, func(where string) {
			frames++
			// The number makes each frame another one, so that something is written for each.
			p.Send(frameMsg(show.m.display.frame.draw() + fmt.Sprintf("\n#%d", frames)))
			select {
			case <-out.wrote:
			case <-time.After(time.Minute):
				t.Fatalf("%s was not written", where)
			}
		})
		p.Quit()
		if err := enginetest.Receive(t, done, "Run to return"); err != nil {
			t.Fatal(err)
		}
		odd := known.ReplaceAllString(out.b.String(), "")
		if strings.ContainsFunc(odd, func(r rune) bool {
			return !strings.ContainsRune("\n\r\t\b\u200d", r) && unicode.In(r, unicode.Cc, unicode.Cf)
		}) {
			t.Errorf("%q: %q was written", raw, odd)
		}
	}
}

// known are the sequences that Bubble Tea's renderer writes: CSI (ECMA-48) without OSC, DCS and the like.
var known = regexp.MustCompile(`\x1b\[[0-9;:?<=>$]*[a-zA-Z@` + "`" + `]|\x1b[78=>M]`)

// fixedFrame shows the frame that was sent to it last.
type fixedFrame struct{ frame string }

type frameMsg string

func (s fixedFrame) Init() tea.Cmd { return nil }

func (s fixedFrame) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if f, ok := msg.(frameMsg); ok {
		s.frame = string(f)
	}
	return s, nil
}

func (s fixedFrame) View() tea.View {
	v := tea.NewView(s.frame)
	v.AltScreen = true
	return v
}

// recorder records what is written, and reports that something was. Only the program's own goroutine writes.
type recorder struct {
	b     strings.Builder
	wrote chan struct{}
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.b.Write(p)
	select {
	case r.wrote <- struct{}{}:
	default:
	}
	return n, err
}
