package ui

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/ui/keys"
)

// Config has everything that the dashboard needs.
type Config struct {
	// Start starts the engine or attaches to one. It runs in a command, so that the first frame is drawn before any disk
	// scan or network; it must return soon after ctx ends. The caller must close the engine after Run has returned.
	Start func(ctx context.Context) (engine.Engine, error)
	// OpenURL opens an address in the person's browser. machine is the machine of the fleet that serves the address; empty
	// for any other engine.
	OpenURL func(machine, url string) error
	// Version and DataDir are shown until the engine reports its own.
	Version, DataDir string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// ASCII draws the screen with ASCII signs only; TERM=linux does so as well.
	ASCII bool
	// Color is the colour profile of the terminal; colorprofile.Unknown detects it. A non-empty NO_COLOR in Environ
	// overrides it.
	Color colorprofile.Profile
	// NoMouse leaves the mouse to the terminal at first.
	NoMouse bool
	// Environ is the environment; os.Environ() when nil.
	Environ []string
	// Input and Output are the terminal; standard input and output when nil.
	Input  io.Reader
	Output io.Writer
	// Copy copies text to a clipboard that confirms it, and returns its name ("the clipboard"). If it is nil or fails, the
	// terminal is asked (OSC 52).
	Copy func(ctx context.Context, text string) (where string, err error)
	// StateFile is the file in which the screen's setup is stored from one run to the next; empty for none.
	StateFile string
	// FirstState is the file from which the setup is read if there is no StateFile, without what can be undone; empty for
	// none.
	FirstState string
	// Keys are the keys; nil means the default ones.
	Keys *keys.Map
	// Commands are the person's own commands; Keys has their keys.
	Commands []OwnCommand
	// KeepSeeding is called before Run returns if the person wants the engine to continue without a screen. If it is nil,
	// because the engine continues anyway, this is not offered.
	KeepSeeding func()
	// EndRequests are requests from outside that this program ends. The person is asked about each; nil for none.
	EndRequests <-chan EndRequest
	// StopEngine ends the engine, which is another process of this machine. If it is nil, because the engine ends with
	// this program or is on another machine, this is not offered.
	StopEngine func(ctx context.Context) error
	// Machine is the clean name of the machine that the engine is on; empty for this one. MachineColor is its colour for
	// theme.ColorStyle.
	Machine, MachineColor string
	// Fleet maps the machines of a fleet to their colours for theme.ColorStyle, which may be empty; nil for any other
	// engine.
	Fleet map[string]string
	// StartAddress is added as soon as the engine runs; empty for none.
	StartAddress string

	// tick and await replace the two commands that wait, in tests.
	tick  func(d time.Duration, msg func() tea.Msg) tea.Cmd
	await func(<-chan engine.Snapshot) tea.Cmd
}

// fps is how often per second the renderer checks whether there is something to write, for as long as the program runs:
// a key is on the screen within 20 ms, and an idle program stays below 1.5 % of a core.
const fps = 60

// Run shows the dashboard until the person quits or ctx ends, and restores the terminal, also after a panic. It returns
// nil, or the error of a Start that failed (after showing it), a *Crash, or an error of the terminal. The caller must
// handle signals: by ending ctx.
func Run(ctx context.Context, cfg Config) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(inner, cfg)
	p := tea.NewProgram(m, m.cfg.options()...)
	m.stop = p.Quit
	// Quitting waits for the reader of the input, which tea.WithContext would not.
	unhook := context.AfterFunc(ctx, p.Quit)
	defer unhook()
	_, err := p.Run()
	cancel()
	m.commands.own.close()
	m.conn.inFlight.closeAndWait()
	if m.crash == nil {
		m.setup.saveNow()
	}
	switch {
	case m.crash != nil:
		return m.crash
	case err != nil:
		return fmt.Errorf("ui: %w", err)
	case ctx.Err() != nil:
		return nil
	}
	return m.conn.err
}

// New returns the dashboard as a tea.Model, for tests and for programs that run it in another way.
func New(cfg Config) tea.Model { return newModel(context.Background(), cfg) }

// options returns the options for Bubble Tea.
func (c Config) options() []tea.ProgramOption {
	opts := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithEnvironment(c.Environ), tea.WithFPS(fps)}
	if c.Input != nil {
		opts = append(opts, tea.WithInput(c.Input))
	}
	if c.Output != nil {
		opts = append(opts, tea.WithOutput(c.Output))
	}
	if c.Color != colorprofile.Unknown {
		opts = append(opts, tea.WithColorProfile(c.Color))
	}
	return opts
}

// withDefaults returns the Config with its defaults filled in.
func (c Config) withDefaults() Config {
	if c.Environ == nil {
		c.Environ = os.Environ()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.tick == nil {
		c.tick = func(d time.Duration, msg func() tea.Msg) tea.Cmd {
			return tea.Tick(d, func(time.Time) tea.Msg { return msg() })
		}
	}
	if c.await == nil {
		c.await = awaitSnapshot
	}
	// https://no-color.org: any value but the empty one. The profile is set because Bubble Tea itself reads the
	// variable as a boolean.
	if c.getenv("NO_COLOR") != "" {
		c.Color = colorprofile.ASCII
	}
	c.ASCII = c.ASCII || c.getenv("TERM") == "linux"
	return c
}

// getenv returns a variable of Environ; the last of several values counts.
func (c Config) getenv(name string) string {
	value := ""
	for _, kv := range c.Environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// hasLightBackground guesses the terminal's background until it reports it: rxvt, Konsole and others set COLORFGBG to
// the numbers of foreground and background among the sixteen colours.
func (c Config) hasLightBackground() bool {
	v := c.getenv("COLORFGBG")
	bg := v[strings.LastIndexByte(v, ';')+1:]
	return bg == "7" || bg == "15"
}

// inFlight lets Run wait for a Start that is still under way when the person has already quit: its engine would
// otherwise never be closed. The zero value accepts calls of tryAdd.
type inFlight struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// tryAdd reports whether the caller may begin; if so, it must call done at its end.
func (g *inFlight) tryAdd() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.wg.Add(1)
	return true
}

func (g *inFlight) done() { g.wg.Done() }

// closeAndWait makes tryAdd return false from now on, and waits for those who have begun.
func (g *inFlight) closeAndWait() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}
