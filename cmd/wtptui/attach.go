package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/localserve/control/overssh"
)

// attachCommand returns the verb attach.
func attachCommand(p *program) *cobra.Command {
	wholeFleet := false
	cmd := &cobra.Command{
		Use:     "attach [ssh://USER@HOST | NAME]...",
		Short:   "Show the dashboard of engines that are already running, here or on other machines",
		GroupID: groupRun,

		ValidArgsFunction: p.complete.machines,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case wholeFleet && len(args) > 0:
				return usageError("--fleet means all machines of config.toml: leave out --fleet, or leave out %s",
					engine.Clean(args[0]))
			case wholeFleet || len(args) > 1:
				return p.runFleetDashboard(cmd, args)
			case len(args) == 1:
				if err := p.selectMachine(args[0]); err != nil {
					return err
				}
			}
			return p.runAttachedDashboard(cmd)
		},
	}
	cmd.Flags().BoolVar(&wholeFleet, "fleet", false, "all machines that have a name: each [fleet.NAME] of config.toml")
	p.display.addScreenFlags(cmd)
	return cmd
}

// selectMachine selects the engine of a machine that is named in config.toml, or of an address.
func (cn *connector) selectMachine(nameOrAddress string) error {
	if checkMachineName(nameOrAddress) == nil {
		return cn.selectByName(nameOrAddress)
	}
	return cn.selectByAddress(nameOrAddress)
}

// stdioCommand returns the hidden verb that attach runs on the other machine.
func stdioCommand(c *client) *cobra.Command {
	return &cobra.Command{
		Use:    overssh.RemoteVerb,
		Short:  "Connect standard input and output to the control socket",
		Hidden: true,
		Args:   exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			policy := c.dialPolicy()
			policy.onDelay = nil // Standard error is read only after a failure.
			return c.explainNoAnswer(policy.retry(cmd.Context(), func(ctx context.Context) error {
				return control.Pipe(ctx, c.socket(), c.stdin, c.stdout)
			}))
		},
	}
}

// selectEngine decides which engine the command is for, from --on and --attach or their environment variables. Flags
// win over the environment.
func (cn *connector) selectEngine() error {
	if cn.machineName == "" && cn.attachTo == "" {
		cn.machineName, cn.attachTo = cn.getenv(envName("on")), cn.getenv(envName("attach"))
	}
	if cn.machineName != "" {
		if cn.attachTo != "" {
			return usageError("--on and --attach (or WTPTUI_ON and WTPTUI_ATTACH) both select a machine: give only one of them")
		}
		return cn.selectByName(cn.machineName)
	}
	if cn.attachTo == "" {
		return nil
	}
	return cn.selectByAddress(cn.attachTo)
}

// selectByName selects the engine of a machine that is named in config.toml.
func (cn *connector) selectByName(name string) error {
	machines, err := cn.readFleet()
	if err == nil {
		cn.machine, err = machines.byName(name)
	}
	cn.machineName, cn.attachTo = name, cn.machine.address
	return err
}

// selectByAddress selects the engine at an address. If config.toml names a machine with that address, its other fields
// apply.
func (cn *connector) selectByAddress(address string) error {
	target, err := overssh.ParseTarget(address)
	if err != nil {
		return err
	}
	machines, err := cn.readFleet()
	cn.attachTo, cn.machineName, cn.machine = address, "", machines.byTarget(target)
	return err
}

// readFleet returns the machines that are named in config.toml.
func (cn *connector) readFleet() (machines fleet, err error) {
	config, err := readConfigFile(cn.settings.configFile(), cn.settings.options())
	if err == nil {
		err = machines.load(config, map[string]origin{})
	}
	return machines, err
}

// requireLocal returns an error if the command is for another machine's engine.
func (cn *connector) requireLocal(verb string) error {
	if cn.attachTo == "" {
		return nil
	}
	return usageError("%s works on this machine only: leave out --attach and --on (and WTPTUI_ATTACH, WTPTUI_ON), "+
		"or run it on the other machine", verb)
}

// absFolder returns the absolute path of a folder that a person names. With --attach it is a folder of the other
// machine, and must be absolute already.
func (cn *connector) absFolder(name string) (string, error) {
	if cn.attachTo != "" {
		if !path.IsAbs(name) {
			return "", usageError("%s: with --attach this is a folder of the other machine: give its full path, "+
				"like /srv/public", engine.Clean(name))
		}
		return name, nil
	}
	dir, err := filepath.Abs(expandHome(name))
	if err != nil {
		return "", usageError("%s: %s", engine.Clean(name), err)
	}
	return dir, nil
}

// dial connects to the selected engine, which may still be starting.
func (cn *connector) dial(ctx context.Context) (*control.Client, error) {
	if cn.attachTo == "" {
		return cn.dialHere(ctx, cn.dialPolicy())
	}
	r, err := cn.remote()
	if err != nil {
		return nil, err
	}
	return r.dial(ctx)
}

// remote is an engine on another machine, with the ssh connection to it.
type remote struct {
	target overssh.Target
	log    *slog.Logger

	mu        sync.Mutex
	batch     bool          // ssh must not ask for passwords any more
	line      *overssh.Conn // the newest connection
	forwarded string        // the port that is forwarded over line, or was tried; empty for none
	problem   string        // why pages cannot be opened here; empty if they can
}

// remote returns the engine at the address of --attach.
func (cn *connector) remote() (*remote, error) {
	target, err := overssh.ParseTarget(cn.attachTo)
	if err != nil {
		return nil, err
	}
	return newRemote(target), nil
}

func newRemote(target overssh.Target) *remote {
	return &remote{target: target, log: slog.New(slog.DiscardHandler)}
}

// dial opens a new ssh connection. Only the first one may ask the person for a password: the later ones are opened
// while a dashboard owns the terminal.
func (r *remote) dial(ctx context.Context) (*control.Client, error) {
	r.mu.Lock()
	batch := r.batch
	r.mu.Unlock()
	line, err := overssh.Dial(ctx, r.target, overssh.Options{Batch: batch})
	if err != nil {
		return nil, err
	}
	c, err := control.DialOver(ctx, line)
	if err != nil {
		return nil, &engine.Error{
			Op: "attach", Kind: engine.KindOf(err), Err: err,
			Msg: "on " + engine.Clean(r.target.Name()) + ", " + engine.Message(err),
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch, r.line, r.forwarded, r.problem = true, line, "", ""
	return c, nil
}

// forwardTimeout is how long ssh may take to forward a port.
const forwardTimeout = 5 * time.Second

// forwardPages forwards the port of the pages, and adds a warning to the status if that fails. It tries once for each
// connection and port. Calls must not overlap.
func (r *remote) forwardPages(status *engine.Status) {
	line, forwarded := r.connection()
	if port := portOf(status.ServeURL); port != forwarded {
		problem := ""
		if err := forwardPort(line, port); err != nil {
			problem = engine.Message(err)
			r.log.Warn("pages cannot be opened here", "error", err)
		}
		r.storeForwarded(line, port, problem)
	}
	if err := r.forwardError(); err != nil {
		status.Warnings = append([]string{engine.Message(err)}, status.Warnings...)
	}
}

// ensureForwarded forwards the port of a page unless it is forwarded already. Unlike forwardPages it is for one of
// several machines, and a failed attempt is repeated. Calls must not overlap.
func (r *remote) ensureForwarded(port string) error {
	line, forwarded := r.connection()
	switch {
	case line == nil:
		return &engine.Error{
			Op: "open", Kind: engine.Unavailable,
			Msg: engine.Clean(r.target.Name()) + " is not connected: try again when it is",
		}
	case port == forwarded:
		return nil
	}
	if err := forwardPort(line, port); err != nil {
		return err
	}
	r.storeForwarded(line, port, "")
	return nil
}

// connection returns the newest connection, nil before the first one, and the port that is forwarded over it.
func (r *remote) connection() (line *overssh.Conn, forwarded string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.line, r.forwarded
}

// storeForwarded records that a port is forwarded over a connection, or why it is not, unless there is a newer
// connection by now.
func (r *remote) storeForwarded(line *overssh.Conn, port, problem string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.line == line {
		r.forwarded, r.problem = port, problem
	}
}

// portOf returns the port of a URL; empty if it has none.
func portOf(pageURL string) string {
	u, err := url.Parse(pageURL)
	if err != nil {
		return ""
	}
	return u.Port()
}

// forwardPort forwards a port over a connection. An empty port is no port, and nothing is done.
func forwardPort(line *overssh.Conn, port string) error {
	if port == "" {
		return nil
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), forwardTimeout)
	defer cancel()
	return line.Forward(ctx, number)
}

// forwardError returns why pages of the other machine cannot be opened here, or nil.
func (r *remote) forwardError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.problem == "" {
		return nil
	}
	return &engine.Error{Op: "open", Kind: engine.Unavailable, Msg: r.problem}
}

// remotePageError returns the error for a page whose port is not forwarded. It says how to forward it.
func (cn *connector) remotePageError(page string) error {
	u, err := url.Parse(page)
	if err != nil {
		return err
	}
	r, err := cn.remote()
	if err != nil {
		return err
	}
	forward := fmt.Sprintf("%s:127.0.0.1:%s", u.Port(), u.Port())
	return &engine.Error{
		Op: "open", Kind: engine.Unavailable,
		Msg: "the page is on " + engine.Clean(r.target.Name()) + ": to open it here, run `wtptui attach " +
			r.target.String() + "` or `" + strings.TrimSpace(r.target.ShellCommand("-N", "-L", forward)) + "`",
	}
}
