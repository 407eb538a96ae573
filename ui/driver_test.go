package ui

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// driver acts as a person in front of the dashboard: it presses keys, lets time pass, and reads the screen. Commands
// run at once, in the test's own goroutine, so that nothing has to be awaited.
type driver struct {
	t      *testing.T
	m      *Model
	engine *fake.Engine
	feed   <-chan engine.Snapshot

	opened    []string // addresses given to the browser
	clipboard string
	quit      bool
	suspended bool
	redrawn   bool
	ticking   bool
}

type option func(*Config, *fake.Options)

// newDriver returns a running dashboard of w by h cells on the demo's sites.
func newDriver(t *testing.T, w, h int, opts ...option) *driver {
	t.Helper()
	d := newStoppedDriver(t, w, h, opts...)
	d.runCmd(d.m.Init())
	d.drainSnapshots()
	return d
}

// newStoppedDriver returns a dashboard that has not been started.
func newStoppedDriver(t *testing.T, w, h int, opts ...option) *driver {
	t.Helper()
	d := &driver{t: t}
	play := fake.Options{Seed: 1, Scripts: fake.Demo()}
	cfg := Config{
		DataDir: "~/.local/share/wtptui",
		Environ: []string{"TERM=xterm-256color"},
		OpenURL: func(_, u string) error {
			d.opened = append(d.opened, u)
			return nil
		},
		tick: func(time.Duration, func() tea.Msg) tea.Cmd {
			d.ticking = true
			return nil
		},
		await: func(feed <-chan engine.Snapshot) tea.Cmd {
			d.feed = feed
			return nil
		},
	}
	for _, o := range opts {
		o(&cfg, &play)
	}
	d.engine = fake.New(play)
	t.Cleanup(func() { _ = d.engine.Close() })
	cfg.Now = d.engine.Now
	if cfg.Start == nil {
		cfg.Start = func(context.Context) (engine.Engine, error) { return d.engine, nil }
	}
	d.m = newModel(t.Context(), cfg)
	d.resize(w, h)
	return d
}

// runCmd executes a command and all that follow from it.
func (d *driver) runCmd(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.runCmd(c)
		}
	case tea.QuitMsg:
		d.quit = true
	case tea.SuspendMsg:
		d.suspended = true
	default:
		switch fmt.Sprintf("%T", msg) {
		case "tea.setClipboardMsg":
			d.clipboard = reflect.ValueOf(msg).String()
		case "tea.clearScreenMsg":
			d.redrawn = true
		}
		d.send(msg)
	}
}

func (d *driver) send(msg tea.Msg) {
	_, cmd := d.m.Update(msg)
	if c := d.m.crash; c != nil {
		d.t.Fatalf("the dashboard crashed: %v\n%s", c.Value, c.Stack)
	}
	d.runCmd(cmd)
}

// drainSnapshots shows the newest snapshot, if there is one.
func (d *driver) drainSnapshots() {
	for d.feed != nil {
		select {
		case s, ok := <-d.feed:
			if !ok {
				d.feed = nil
				d.send(lostMsg{})
				return
			}
			d.send(snapshotMsg{s})
		default:
			return
		}
	}
}

// advance lets time pass, second by second.
func (d *driver) advance(t time.Duration) {
	for ; t > 0; t -= time.Second {
		d.engine.Step(min(t, time.Second))
		d.drainSnapshots()
		d.send(tickMsg{d.engine.Now()})
	}
}

func (d *driver) resize(w, h int) { d.send(tea.WindowSizeMsg{Width: w, Height: h}) }

// press presses keys, spelled as in the key table. A name of no key is typed letter by letter.
func (d *driver) press(names ...string) {
	d.t.Helper()
	for _, name := range names {
		d.send(keyPress(d.t, name))
		d.drainSnapshots()
	}
}

func (d *driver) typeText(text string) {
	for _, r := range text {
		if r == ' ' {
			d.press("space")
			continue
		}
		d.press(string(r))
	}
}

func (d *driver) paste(text string) {
	d.send(tea.PasteMsg{Content: text})
	d.drainSnapshots()
}

func keyPress(t *testing.T, name string) tea.KeyPressMsg {
	t.Helper()
	named := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "f1": tea.KeyF1,
		"backspace": tea.KeyBackspace, "space": tea.KeySpace,
	}
	var k tea.KeyPressMsg
	base := name
	if c, ok := strings.CutPrefix(base, "ctrl+"); ok {
		base, k.Mod = c, tea.ModCtrl
	}
	if c, ok := strings.CutPrefix(base, "alt+"); ok {
		base, k.Mod = c, tea.ModAlt
	}
	if c, ok := strings.CutPrefix(base, "shift+"); ok {
		base, k.Mod = c, k.Mod|tea.ModShift
	}
	if base == "space" {
		k.Code, k.Text = ' ', " "
	} else if code, ok := named[base]; ok {
		k.Code = code
	} else {
		k.Code = []rune(base)[0]
		if k.Mod == 0 {
			k.Text = base
		}
	}
	if k.String() != name {
		t.Fatalf("the key %q would be reported as %q", name, k.String())
	}
	return k
}

// screen returns the screen without styles.
func (d *driver) screen() string { return plainText(d.m.display.frame.draw()) }

func plainText(frame string) string {
	lines := strings.Split(ansi.Strip(frame), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}

// line returns a line of the screen, counted from the end if n is negative.
func (d *driver) line(n int) string {
	lines := strings.Split(d.screen(), "\n")
	if n < 0 {
		n += len(lines)
	}
	return lines[n]
}

func (d *driver) toast() string { return d.line(-2) }

// setLimits sets limits as another dashboard would.
func (d *driver) setLimits(l engine.Limits) {
	d.t.Helper()
	if err := d.engine.SetLimits(d.t.Context(), l); err != nil {
		d.t.Fatal(err)
	}
	d.drainSnapshots()
}

func (d *driver) mustShow(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if !strings.Contains(d.screen(), text) {
			d.t.Fatalf("the screen does not show %q:\n%s", text, d.screen())
		}
	}
}

func (d *driver) mustHide(texts ...string) {
	d.t.Helper()
	for _, text := range texts {
		if strings.Contains(d.screen(), text) {
			d.t.Fatalf("the screen shows %q:\n%s", text, d.screen())
		}
	}
}

// site returns the engine's own state of a site.
func (d *driver) site(host string) (engine.Site, bool) {
	d.t.Helper()
	det, err := d.engine.Detail(d.t.Context(), host)
	if err != nil && engine.KindOf(err) != engine.NotFound {
		d.t.Fatal(err)
	}
	return det.Site, err == nil
}

func (d *driver) mustSite(host string) engine.Site {
	d.t.Helper()
	s, ok := d.site(host)
	if !ok {
		d.t.Fatalf("the engine has no site %s", host)
	}
	return s
}

func (d *driver) selected() string {
	s, _ := d.m.screen.list.Selected()
	return s.Host
}

// selectSite selects a host with the keys.
func (d *driver) selectSite(host string) {
	d.t.Helper()
	d.press("g")
	for range d.m.screen.list.Total() {
		if d.selected() == host {
			return
		}
		d.press("j")
	}
	d.t.Fatalf("%s is not in the list:\n%s", host, d.screen())
}

func noSites(_ *Config, o *fake.Options) { o.Scripts = nil }

func asciiOnly(c *Config, _ *fake.Options) { c.ASCII = true }

func withEnviron(vars ...string) option {
	return func(c *Config, _ *fake.Options) { c.Environ = append(c.Environ, vars...) }
}

func withWarnings(_ *Config, o *fake.Options) {
	o.Warnings = []string{"port 42069 is taken, using 42070", "the disk is nearly full"}
}

// withHome gives one site a home.
func withHome(_ *Config, o *fake.Options) {
	o.Homes, o.HomeTracker = fake.DemoHomes(), fake.DemoHomeTracker()
}

var errTaken = &engine.Error{
	Op: "open data folder", Kind: engine.Conflict, Err: errors.New("resource busy"),
	Msg: "another wtptui uses this data folder: close it, or choose another folder with --data-dir",
}

func withFailingStart(c *Config, _ *fake.Options) {
	c.Start = func(context.Context) (engine.Engine, error) { return nil, errTaken }
}
