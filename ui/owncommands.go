package ui

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// OwnCommand is a command of the person's own, for sites; keys.Own has its keys.
type OwnCommand struct {
	Name string
	// Screen reports whether it has the terminal while it runs, instead of running in the background.
	Screen bool
	// Make returns the process, with more variables in its environment. It ends with ctx, together with all processes that
	// it has started.
	Make func(ctx context.Context, environ []string) *exec.Cmd
}

// ownCommands runs the person's own commands: once for each site, one after the other.
type ownCommands struct {
	cfg    *Config
	conn   *connection
	screen *screen

	byAction map[keys.Action]OwnCommand
	// running has the functions that cancel commands in the background, by name.
	running map[string]context.CancelFunc
	wg      sync.WaitGroup
}

// ownDoneMsg reports how a command ended: for how many of its sites it ran, and what stopped it.
type ownDoneMsg struct {
	command  OwnCommand
	sites    []engine.Site
	done     int
	lastLine string // the last line of its standard error, clean
	err      error
}

func newOwnCommands(cfg *Config, conn *connection, sc *screen) *ownCommands {
	oc := &ownCommands{
		cfg: cfg, conn: conn, screen: sc, byAction: map[keys.Action]OwnCommand{}, running: map[string]context.CancelFunc{},
	}
	for _, c := range cfg.Commands {
		oc.byAction[keys.Own{Name: c.Name}.Action()] = c
	}
	return oc
}

// runCommand runs a command for the targets. While it runs in the background, its key cancels it.
func (oc *ownCommands) runCommand(c OwnCommand) tea.Cmd {
	if cancel := oc.running[c.Name]; cancel != nil {
		oc.screen.toast.Show(engine.Info, "Cancelling "+c.Name)
		cancel()
		return nil
	}
	sites := oc.screen.targets()
	switch {
	case len(sites) == 0:
		return nil
	case !oc.conn.running():
		oc.screen.toast.Show(engine.Warning, oc.conn.notRunning())
		return nil
	}
	ctx, cancel := context.WithCancel(oc.conn.ctx)
	oc.running[c.Name] = cancel
	if c.Screen {
		return oc.runOnScreen(ctx, c, sites, 0)
	}
	oc.screen.toast.Show(engine.Info, "Running "+c.Name+" for "+nameOf(sites))
	eng, remote := oc.conn.engine, oc.cfg.Machine != "" || oc.cfg.Fleet != nil
	result := make(chan ownDoneMsg, 1)
	oc.wg.Go(func() { // It is waited for when the program ends, which a command of Bubble Tea would not be.
		msg := ownDoneMsg{command: c, sites: sites}
		for _, s := range sites {
			cmd := c.Make(ctx, siteEnviron(ctx, eng, s, remote))
			tail := &lastLine{}
			cmd.Stderr = tail
			msg.err = cmd.Run()
			if ctx.Err() != nil {
				msg.err = ctx.Err()
			}
			if msg.lastLine = engine.Clean(tail.text()); msg.err != nil {
				break
			}
			msg.done++
		}
		result <- msg
	})
	return guardPanic(func() tea.Msg { return <-result })
}

// ownScreenMsg reports that a command has released the terminal after the site at index done.
type ownScreenMsg struct {
	ctx  context.Context // It is that of the command which goes on with the next site.
	done ownDoneMsg
}

// runOnScreen runs a command over the whole screen for the site at index at, and after it for the next one.
func (oc *ownCommands) runOnScreen(ctx context.Context, c OwnCommand, sites []engine.Site, at int) tea.Cmd {
	eng, remote := oc.conn.engine, oc.cfg.Machine != "" || oc.cfg.Fleet != nil
	return guardPanic(func() tea.Msg {
		cmd := c.Make(ctx, siteEnviron(ctx, eng, sites[at], remote))
		return tea.ExecProcess(cmd, func(err error) tea.Msg {
			msg := ownDoneMsg{command: c, sites: sites, done: at, err: err}
			if err == nil {
				msg.done++
			}
			return ownScreenMsg{ctx, msg}
		})()
	})
}

// handleScreen continues with the next site, or ends.
func (oc *ownCommands) handleScreen(msg ownScreenMsg) tea.Cmd {
	if d := msg.done; d.err == nil && d.done < len(d.sites) {
		return oc.runOnScreen(msg.ctx, d.command, d.sites, d.done)
	}
	oc.handleDone(msg.done)
	return nil
}

// handleDone shows how a command ended.
func (oc *ownCommands) handleDone(msg ownDoneMsg) {
	name := msg.command.Name
	if cancel := oc.running[name]; cancel != nil {
		cancel()
		delete(oc.running, name)
	}
	lastOutput := ""
	if msg.lastLine != "" {
		lastOutput = ": " + msg.lastLine
	}
	after := ""
	if len(msg.sites) > 1 {
		after = fmt.Sprintf(" after %s of %s", format.Count(msg.done), format.Plural(len(msg.sites), "site"))
	}
	var exit *exec.ExitError
	switch {
	case msg.err == nil:
		oc.screen.toast.Show(engine.Info, name+" is done for "+nameOf(msg.sites)+lastOutput)
	case errors.Is(msg.err, context.Canceled):
		oc.screen.toast.Show(engine.Warning, name+" was cancelled"+after)
	case errors.As(msg.err, &exit) && exit.ExitCode() >= 0:
		text := fmt.Sprintf("%s failed with exit code %d%s%s", name, exit.ExitCode(), after, lastOutput)
		oc.screen.toast.Show(engine.Problem, text)
	default:
		oc.screen.toast.Show(engine.Problem, name+" could not be run"+after+": "+engine.Clean(msg.err.Error()))
	}
}

// close cancels the commands in the background, and waits for them.
func (oc *ownCommands) close() {
	for _, cancel := range oc.running {
		cancel()
	}
	oc.wg.Wait()
}

// siteEnviron returns the variables that describe the site to a command. The folder is set for a site that was
// published here: other sites have none that a program could read. For another machine it is empty.
func siteEnviron(ctx context.Context, eng engine.Engine, s engine.Site, remote bool) []string {
	path := ""
	if s.Mine && !remote {
		if d, err := eng.Detail(ctx, s.Ref()); err == nil {
			path = d.Published.Dir
		}
	}
	return s.Environ(path)
}

// lastLine keeps the end of what is written to it.
type lastLine struct{ tail []byte }

// Write implements io.Writer.
func (l *lastLine) Write(p []byte) (int, error) {
	const maxTail = 4 << 10
	l.tail = append(l.tail, p[max(0, len(p)-maxTail):]...)
	l.tail = l.tail[max(0, len(l.tail)-maxTail):]
	return len(p), nil
}

// text returns the last line that is not blank.
func (l *lastLine) text() string {
	text := strings.TrimSpace(string(l.tail))
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}
