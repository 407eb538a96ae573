package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	engines "wtptui/engine/fleet"
	"wtptui/localserve/control"
	"wtptui/localserve/control/overssh"
)

// fleetStateName is used in place of a machine's host in the name of the state file of a fleet's dashboard.
const fleetStateName = "_fleet"

// firstDialTimeout is how long the dashboard waits for machines before it shows those that have answered.
const firstDialTimeout = 5 * time.Second

// runFleetDashboard shows the engines of the given machines, or of all that config.toml names.
func (p *program) runFleetDashboard(cmd *cobra.Command, args []string) error {
	if err := p.settings.loadLayers(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	all, err := p.readFleet()
	if err != nil {
		return err
	}
	machines, err := all.choose(args)
	if err != nil {
		return err
	}
	tty, err := p.terminal()
	if err != nil {
		return err
	}
	p.attachTo, p.machineName, p.machine = "", "", fleetMachine{}
	s := &session{client: p.client, log: slog.New(slog.DiscardHandler), questions: newEndQuestions()}
	if s.fleet, err = connectFleet(cmd.Context(), p.client, machines, s.log); err != nil {
		return err
	}
	return p.runSession(cmd, tty, s)
}

// choose returns the machines with the given names and addresses, or all. A machine that is given by its address, and
// that has no name, is named after its host.
func (f fleet) choose(args []string) (machines fleet, err error) {
	if len(args) == 0 {
		if len(f) == 0 {
			return nil, usageError("config.toml names no machine: add a table [fleet.NAME] with an address to it, " +
				"or give addresses")
		}
		return f, nil
	}
	for _, arg := range args {
		m := fleetMachine{address: arg}
		if checkMachineName(arg) == nil {
			m, err = f.byName(arg)
		} else {
			var t overssh.Target
			if t, err = overssh.ParseTarget(arg); err == nil {
				m = f.byTarget(t)
				m.name = cmp.Or(m.name, engine.Clean(t.Host))
			}
		}
		if err != nil {
			return nil, err
		}
		for _, other := range machines {
			if other.address == m.address {
				return nil, usageError("%s is given twice", engine.Clean(arg))
			}
		}
		m.name = machines.uniqueName(m.name)
		machines = append(machines, m)
	}
	return machines, nil
}

// uniqueName returns a name that no machine has yet: the wanted one, with a number if necessary.
func (f fleet) uniqueName(wanted string) string {
	wanted = strings.ReplaceAll(wanted, "@", "_") // The @ separates the machine from the host of a site.
	name := wanted
	for n := 2; slices.ContainsFunc(f, func(m fleetMachine) bool { return m.name == name }); n++ {
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
	return name
}

// fleetConnections holds the connections to the machines of a fleet, and the engine that joins them.
type fleetConnections struct {
	client      *client
	connections []*machineConnection
	engine      *engines.Engine

	// forwarding holds a value while a port is forwarded, so that no two machines get the same port.
	forwarding chan struct{}
}

// machineConnection is the connection to one machine.
type machineConnection struct {
	machine    fleetMachine
	remote     *remote
	attachment *control.Attachment

	// first is the connection that dialAll has opened before the attachment exists; firstErr is why there is none.
	first    *control.Client
	firstErr error
}

// connectFleet connects to all machines concurrently. A machine that does not answer is retried later, and the others
// are shown. Where ssh has to ask for a password it does so now, one machine after the other: later the dashboard owns
// the terminal.
func connectFleet(ctx context.Context, c *client, machines fleet, log *slog.Logger) (*fleetConnections, error) {
	fc := &fleetConnections{client: c, forwarding: make(chan struct{}, 1)}
	for _, m := range machines {
		target, err := overssh.ParseTarget(m.address)
		if err != nil {
			return nil, err
		}
		fc.connections = append(fc.connections, &machineConnection{machine: m, remote: newRemote(target)})
	}
	fc.dialAll(ctx)
	var members []engines.Member
	for _, mc := range fc.connections {
		if err := mc.attach(ctx, log); err != nil {
			fc.closeConnections()
			return nil, err
		}
		member := engines.Member{Name: mc.machine.name, ReadOnly: mc.machine.readOnly, Engine: mc.attachment}
		if mc.machine.readOnly {
			member.Engine = readOnly{mc.attachment, mc.machine.name}
		}
		members = append(members, member)
	}
	fc.engine = engines.New(members)
	return fc, nil
}

// dialAll opens the first connection to each machine.
func (fc *fleetConnections) dialAll(ctx context.Context) {
	var wg sync.WaitGroup
	for _, mc := range fc.connections {
		mc.remote.batch = true
		wg.Go(func() {
			firstCtx, cancel := context.WithTimeout(ctx, firstDialTimeout)
			defer cancel()
			mc.first, mc.firstErr = mc.remote.dial(firstCtx)
		})
	}
	wg.Wait()
	for _, mc := range fc.connections {
		if errors.Is(mc.firstErr, overssh.ErrNeedsInput) {
			mc.remote.batch = false
			mc.first, mc.firstErr = mc.remote.dial(ctx)
			mc.remote.batch = true
		}
	}
}

// attach creates the attachment, which reconnects by itself. It starts with the connection that dialAll has opened.
func (mc *machineConnection) attach(ctx context.Context, log *slog.Logger) (err error) {
	firstTaken := false
	mc.attachment, err = control.Attach(ctx, control.AttachConfig{
		AllowOffline: true, Log: log,
		Dial: func(ctx context.Context) (*control.Client, error) {
			if !firstTaken { // Only Attach itself calls this, before anything else can.
				firstTaken = true
				return mc.first, mc.firstErr
			}
			return mc.remote.dial(ctx)
		},
	})
	return err
}

// close closes the engine and all connections.
func (fc *fleetConnections) close() {
	fc.engine.Close()
	fc.closeConnections()
}

// closeConnections closes the connections concurrently.
func (fc *fleetConnections) closeConnections() {
	var wg sync.WaitGroup
	for _, mc := range fc.connections {
		wg.Go(func() {
			switch {
			case mc.attachment != nil:
				mc.attachment.Close()
			case mc.first != nil:
				mc.first.Close()
			}
		})
	}
	wg.Wait()
}

// machineColors returns the colour of each machine's name: that of the table [fleet.NAME], or else of --machine-color
// for its name or host.
func (fc *fleetConnections) machineColors(s *settings) map[string]string {
	colors := map[string]string{}
	for _, mc := range fc.connections {
		name, host := mc.machine.name, mc.remote.target.Host
		colors[name] = cmp.Or(mc.machine.color, s.machineColor(name), s.machineColor(host))
	}
	return colors
}

// openPage opens a page of a machine in the browser. The port is forwarded first. Only one machine can have a port, and
// pages work only under their own.
func (fc *fleetConnections) openPage(ctx context.Context, machine, page string) error {
	if err := fc.forward(ctx, machine, portOf(page)); err != nil {
		return err
	}
	return fc.client.openBrowser(ctx, page)
}

// forward forwards the port of a page of the given machine, unless another machine has it.
func (fc *fleetConnections) forward(ctx context.Context, machine, port string) error {
	select {
	case fc.forwarding <- struct{}{}:
		defer func() { <-fc.forwarding }()
	case <-ctx.Done():
		return interruptedError(ctx, "open")
	}
	var target *machineConnection
	for _, mc := range fc.connections {
		if mc.machine.name == machine {
			target = mc
			continue
		}
		if _, forwarded := mc.remote.connection(); forwarded == port && port != "" {
			return &engine.Error{
				Op: "open", Kind: engine.Conflict,
				Msg: "port " + port + " is in use for the pages of " + mc.machine.name + ": `wtptui attach " + machine +
					"` opens those of " + machine + ", or give one of the two machines another --listen",
			}
		}
	}
	if target == nil {
		return &engine.Error{Op: "open", Kind: engine.Invalid, Msg: "the page is on no machine of this dashboard"}
	}
	return target.remote.ensureForwarded(port)
}
