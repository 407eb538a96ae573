package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
)

func (d *driver) leftClick(x, y int) {
	d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.drainSnapshots()
}

// clickOn clicks at the first cell of a text on the screen.
func (d *driver) clickOn(text string) {
	d.t.Helper()
	for y, line := range strings.Split(d.screen(), "\n") {
		if before, _, ok := strings.Cut(line, text); ok {
			d.leftClick(format.Width(before), y)
			return
		}
	}
	d.t.Fatalf("there is no %q to be clicked on:\n%s", text, d.screen())
}

func (d *driver) doubleClickOn(text string) {
	d.t.Helper()
	d.clickOn(text)
	d.clickOn(text)
}

func TestMouse(t *testing.T) {
	d := newDriver(t, 120, 36)
	if d.m.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("the mouse is off")
	}
	click := func(x, y int) { d.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	rows := strings.Split(d.screen(), "\n")
	y := slices.IndexFunc(rows, func(l string) bool { return strings.Contains(l, " wiki.pub ") })
	if click(20, y); d.selected() != "wiki.pub" {
		t.Errorf("a click selected %q", d.selected())
	}
	before, _, _ := strings.Cut(rows[2], "Size")
	click(format.Width(before), 2)
	d.mustShow("sort: Size ▼")
	click(strings.Index(rows[1], "Pinned"), 1)
	d.mustShow("[2 Pinned 6]")
	d.send(tea.MouseWheelMsg{X: 5, Y: 5, Button: tea.MouseWheelDown})
	d.press("m")
	if d.m.View().MouseMode != tea.MouseModeNone {
		t.Error("m does not switch the mouse off")
	}
}

func TestClicksOnThePage(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectOnMain("radio.example.org")
	d.press("enter")
	x := strings.Index(d.line(2), "Requests")
	d.leftClick(len([]rune(d.line(2)[:x]))+1, 2)
	d.mustShow("[Requests")
	d.leftClick(5, 6)
	if !strings.HasPrefix(d.line(6), "▸") {
		t.Errorf("the click selected nothing:\n%s", d.screen())
	}
}

// A second click at the same place opens what the first one has selected, unless it comes too late.
func TestDoubleClickOpens(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.doubleClickOn("wiki.pub ")
	d.mustShow("[Overview", "wiki.pub")
	d.press("esc")
	d.clickOn("docs.example ")
	d.advance(time.Second)
	d.clickOn("docs.example ")
	d.mustHide("[Overview")
	// Turning the order around twice opens nothing.
	d.clickOn("Peers   Copies")
	d.clickOn("Peers▼")
	d.mustShow("sort: Peers ▲")
	d.mustHide("[Overview")
	// A folder is folded, and a file is opened.
	d.selectSite("docs.example")
	d.press("enter", "3")
	d.doubleClickOn("assets/")
	d.mustShow("assets/ …")
	d.doubleClickOn("index.html")
	if want := []string{"http://docs-example.localhost:7780/index.html"}; !slices.Equal(d.opened, want) {
		t.Errorf("opened %q, want %q", d.opened, want)
	}
	// Where nothing can be chosen a second click is no news.
	d.press("2")
	d.doubleClickOn("qBittorrent")
	d.mustShow("[Peers")
}

func TestClicksInTheInspector(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.clickOn(" Files 86")
	d.mustShow("[Files 86]")
	d.clickOn("index.html")
	if !strings.Contains(d.screen(), "▸ index.html") {
		t.Errorf("the click selected nothing:\n%s", d.screen())
	}
	d.clickOn("hide")
	d.mustHide("[Files 86]")
}

func TestClicksInMenus(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("s")
	d.clickOn("Ratio          largest")
	d.mustHide("╭─ Sort by")
	d.mustShow("sort: Ratio ▼")
	// At 60×16 not all of it is to be seen: what is clicked at counts, not its number.
	d.resize(60, 16)
	d.press("s", "G")
	d.clickOn("Last opened")
	d.mustHide("╭─ Sort by")
	d.resize(120, 36)
	d.mustShow("sort: Last opened ▼")

	d.press(":")
	d.clickOn("show-url")
	d.mustHide("╭─ Actions")
	d.mustShow("╭─ Local address")
	d.leftClick(2, 2)
	d.mustHide("╭─ Local address")

	d.press("c")
	d.clickOn("[x] Ratio")
	d.mustShow("▸ [ ] Ratio", "╭─ Columns")
	d.leftClick(2, 30)
	d.mustHide("╭─ Columns")

	d.press(",")
	d.clickOn("Draw without focus")
	d.mustShow("▸ Draw without focus  ‹ off ›")
	d.clickOn("off ›")
	d.mustShow("ASCII only          < on >")
	d.clickOn("< on")
	d.mustShow("ASCII only          ‹ off ›")
	d.clickOn("Rate limits")
	d.mustShow("╭─ Rate limits")
	d.clickOn("Upload")
	d.mustShow("Upload limit")
	// What is being typed is not lost by a click beside it.
	d.typeText("5K")
	d.leftClick(2, 2)
	d.mustShow("Upload limit", "5K")
	d.clickOn("cancel")
	d.mustHide("Upload limit")
}

func TestClicksAnswerQuestions(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("D")
	d.leftClick(2, 2)
	d.mustShow("Remove Example Docs (docs.example)?")
	d.clickOn("▸ No")
	d.mustHide("Remove Example Docs (docs.example)?")
	d.mustSite("docs.example")
	d.press("D")
	d.clickOn("Remove  ")
	if _, ok := d.site("docs.example"); ok {
		t.Error("the site is still there")
	}
}

func TestClicksInTheEventLog(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.press("!", "G")
	d.clickOn("radio.example.org")
	d.mustShow("What has happened")
	d.clickOn("radio.example.org")
	d.mustHide("What has happened")
	if d.selected() != "radio.example.org" {
		t.Errorf("it went to %s", d.selected())
	}
}

// A click on a key in the footer does what the key does, in windows as well.
func TestClicksOnTheFooter(t *testing.T) {
	d := newDriver(t, 80, 24, asciiOnly)
	d.clickOn("help")
	d.mustShow("- Keys")
	d.clickOn("close")
	d.mustHide("- Keys")
	d.clickOn("enter details")
	d.mustShow("[Overview")
	d.clickOn("back")
	d.mustHide("[Overview")
	d.leftClick(79, 23)
	if d.clickOn("quit"); !d.quit {
		t.Error("a click on quit does not quit")
	}
}

func TestClicksWhilePublishing(t *testing.T) {
	d := newDriver(t, 120, 36)
	d.selectSite("docs.example")
	d.press("P")
	d.typeText("/home/me/secret-site")
	d.clickOn("Name")
	d.typeText("new.example")
	d.clickOn("Folder    ")
	d.mustShow("Folder  › /home/me/secret-site")
	d.press("enter")
	d.doubleClickOn("deploy/id_ed25519")
	d.mustShow("✗ 1 to be decided")
	d.press("j", "space", "enter")
	d.mustShow("[Review]")
	d.clickOn("▸ Not yet")
	d.mustShow("[Check]")
	d.press("enter")
	d.mustShow("[Review]")
	y := slices.IndexFunc(strings.Split(d.screen(), "\n"), func(l string) bool { return strings.Contains(l, "▸ Not yet") })
	d.leftClick(14, y) // between the answers
	d.mustShow("[Review]")
	d.leftClick(18, y)
	d.mustShow("[Live]")
	d.press("esc")
	if d.selected() != "new.example" {
		t.Errorf("after it was published, %s is selected", d.selected())
	}
}

// The wheel moves what is under it, and has no effect elsewhere.
func TestWheel(t *testing.T) {
	wheel := func(d *driver, y int) string {
		d.send(tea.MouseWheelMsg{X: 5, Y: y, Button: tea.MouseWheelDown})
		return d.screen()
	}
	d := newDriver(t, 120, 36)
	before := d.screen()
	if got := wheel(d, 35); got != before {
		t.Errorf("over the footer it has moved something:\n%s", got)
	}
	if got := wheel(d, 5); got == before || d.cursorRow() != 6 {
		t.Errorf("over the table it has not moved by three rows:\n%s", got)
	}
	// What the engine had to say about a folder is not wiped away by it.
	d.press("P")
	d.paste("/home/me/missing")
	d.press("enter")
	before = d.screen()
	if got := wheel(d, 5); !strings.Contains(before, "✗") || got != before {
		t.Errorf("while a folder is asked for it has changed\n%s\nto\n%s", before, got)
	}
	// Many terminals tell of the wheel without having the focus.
	d = newDriver(t, 120, 36)
	d.send(tea.BlurMsg{})
	seen := d.m.display.content()
	if wheel(d, 5); d.m.display.content() == seen {
		t.Error("without the focus nobody sees what the wheel does")
	}
}

// After the engine has stopped the list can still be read.
func TestMouseAfterTheEngine(t *testing.T) {
	d := newDriver(t, 120, 36)
	_ = d.engine.Close()
	d.drainSnapshots()
	if d.clickOn("wiki.pub "); d.selected() != "wiki.pub" {
		t.Errorf("a click selected %s", d.selected())
	}
}
