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

// Config says what the dashboard shows and with what.
type Config struct {
	// Start brings the engine up, embedded or attached. It runs in a command, so that the first frame is drawn before
	// any disk scan or network; it has to return soon after ctx ends. Closing the engine is the caller's business
	// after Run has returned.
	Start func(ctx context.Context) (engine.Engine, error)
	// OpenURL opens an address in the person's browser: one of a machine of the fleet, whose name is empty for any other
	// engine.
	OpenURL func(machine, url string) error
	// Version and DataDir are shown until the engine tells its own.
	Version, DataDir string
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// ASCII asks for a screen of ASCII signs only; TERM=linux asks for it as well.
	ASCII bool
	// Color is what the terminal can do; colorprofile.Unknown finds out. A non-empty NO_COLOR in Environ wins.
	Color colorprofile.Profile
	// NoMouse leaves the mouse to the terminal at first.
	NoMouse bool
	// Environ is the environment; os.Environ() when nil.
	Environ []string
	// Input and Output are the terminal; standard input and output when nil.
	Input  io.Reader
	Output io.Writer
	// Copy puts text into a clipboard that confirms it, and names that ("the clipboard"). With nil, or when it fails, the
	// terminal is asked (OSC 52).
	Copy func(ctx context.Context, text string) (where string, err error)
	// StateFile is where the screen's setup is kept from one run to the next; empty keeps nothing.
	StateFile string
	// FirstState is where the setup is taken from if StateFile is not there, without what can be undone; empty for
	// nothing.
	FirstState string
	// Keys are the keys; nil means the default ones.
	Keys *keys.Map
	// Commands are the person's own commands; Keys has their keys.
	Commands []OwnCommand
	// KeepSeeding is told, before Run returns, that the person wants the engine to go on without a screen. With nil, which
	// is for an engine that does so anyway, this is not offered.
	KeepSeeding func()
	// EndRequests are wishes from outside that this program may end, each of which the person is asked about; nil for
	// none.
	EndRequests <-chan EndRequest
	// StopEngine ends the engine, which is another process of this machine. With nil, which is for one that ends with this
	// program and for one of another machine, this is not offered.
	StopEngine func(ctx context.Context) error
	// Machine is the name of the machine that the engine is on, clean; empty for this one. MachineColor is what
	// theme.Named takes.
	Machine, MachineColor string
	// Fleet are the machines of an engine that is a fleet, each with its colour, which is what theme.Named takes, or an
	// empty one; nil for any other engine.
	Fleet map[string]string
	// StartAddress is opened as soon as the engine is there; empty for none.
	StartAddress string

	// tick and await replace the two commands that wait for the world, in tests.
	tick  func(d time.Duration, msg func() tea.Msg) tea.Cmd
	await func(<-chan engine.Snapshot) tea.Cmd
}

// fps is how often the renderer looks whether there is something to write, for as long as the program runs: a key is on
// the screen within 20 ms, and an idle program stays below 1.5 % of a core.
const fps = 60

// Run shows the dashboard until the person quits or ctx ends, and gives the terminal back as it was, also after a
// panic in here. It returns nil, or the error of a Start that failed (after showing it), a *Crash, or what went wrong
// with the terminal. Signals are the caller's business: end ctx.
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

// options are Bubble Tea's.
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

// withDefaults fills in what was left out.
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

// getenv reads Environ; the last of several values counts.
func (c Config) getenv(name string) string {
	value := ""
	for _, kv := range c.Environ {
		if v, ok := strings.CutPrefix(kv, name+"="); ok {
			value = v
		}
	}
	return value
}

// hasLightBackground guesses the terminal's background until it tells: rxvt, Konsole and others set COLORFGBG to the numbers of
// foreground and background among the sixteen colours.
func (c Config) hasLightBackground() bool {
	v := c.getenv("COLORFGBG")
	bg := v[strings.LastIndexByte(v, ';')+1:]
	return bg == "7" || bg == "15"
}

// inFlight lets Run wait for a Start that is still under way when the person has already left: an engine that nobody
// knows of could not be closed. The zero gate is open.
type inFlight struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// tryAdd reports whether there is still a point in beginning; if so, leave must follow.
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

// closeAndWait lets nobody in any more and waits for those who are in.
func (g *inFlight) closeAndWait() {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	g.wg.Wait()
}
