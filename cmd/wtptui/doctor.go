package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"wtptui/cmd/wtptui/doctor"
	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/localserve/control/overssh"
	"wtptui/store"
)

func (p *program) doctorCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check ports, router, trackers, resolvers, names, keys and disk, and say what to do",
		GroupID: groupRun,
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.attachTo != "" {
				return p.doctorThere(cmd, asJSON)
			}
			if err := p.settings.complete(cmd.Flags(), p.getenv); err != nil {
				return err
			}
			found := doctor.Run(cmd.Context(), p.doctorConfig(cmd.Context()))
			if err := p.printFindings(found, asJSON); err != nil {
				return err
			}
			for _, f := range found {
				if f.Status == doctor.Fail {
					return errReported
				}
			}
			return nil
		},
	}
	takeSettings(p.settings, cmd)
	jsonFlag(cmd, &asJSON)
	return cmd
}

// doctorThere has the wtptui on another machine look at that machine.
func (p *program) doctorThere(cmd *cobra.Command, asJSON bool) error {
	for _, o := range p.settings.options() {
		if cmd.Flags().Changed(o.name) {
			return usageError("over ssh the doctor judges what is set on that machine: leave out --%s", o.name)
		}
	}
	target, err := overssh.Parse(p.attachTo)
	if err != nil {
		return err
	}
	var out boundedText
	failed, err := overssh.Run(cmd.Context(), target, &out, "doctor", "--json")
	if err != nil {
		return err
	}
	var found []doctor.Finding
	if err := json.Unmarshal([]byte(out.String()), &found); err != nil {
		return &engine.Error{
			Op: "doctor", Kind: engine.Unavailable, Err: err,
			Msg: "the doctor on " + engine.Clean(target.Name()) + " says what this one does not understand: " +
				"install the same version on both",
		}
	}
	if err := p.printFindings(doctor.Clean(found), asJSON); err != nil {
		return err
	}
	if failed {
		return errReported
	}
	return nil
}

// boundedText is what a program on another machine says, as far as that is a report.
type boundedText struct{ strings.Builder }

// Write implements io.Writer. It fails for more than 1 MiB.
func (b *boundedText) Write(p []byte) (int, error) {
	const most = 1 << 20
	if b.Len()+len(p) > most {
		return 0, errors.New("it says too much")
	}
	return b.Builder.Write(p)
}

func (p *program) doctorConfig(ctx context.Context) doctor.Config {
	running, s, err := p.runningEngine(ctx)
	if s == nil {
		s = p.settings
	}
	cfg := doctor.Config{
		Version: version(), DataDir: s.dataDir(), Database: filepath.Join(s.dataDir(), databaseName),
		Socket: p.socket(), SocketError: control.CheckPath(p.socket()),
		Listen: s.Listen, PeerHost: s.PeerHost, PeerPort: s.PeerPort, MinFree: minFree, CacheSize: s.CacheSize,
		Trackers: s.Trackers, Resolvers: s.DoH, STUN: s.STUN, DHT: !s.NoDHT, UPnP: !s.NoUPnP,
		KeyDir: filepath.Join(s.dataDir(), keysName), Relays: s.Relays,
		Handler: func(ctx context.Context) (bool, string, error) {
			h, err := linkHandler(s.DataDir, p.getenv)
			if err != nil {
				return false, "", err
			}
			state, err := h.State(ctx)
			return state.Ours, state.Program, err
		},
		Companion:        func() (ours, others []string) { return companionBrowsers(s.DataDir, p.getenv) },
		CheckDatabase:    store.Check,
		DoubtfulSettings: p.settings.doubtful(p.environ()),
		Now:              p.now,
	}
	cfg.EngineError = err
	if running != nil {
		cfg.PendingSettings = p.settings.waiting(s)
		cfg.Engine = &running.Status
		for _, site := range running.Sites {
			if site.State == engine.Found {
				cfg.Found++
			}
			if site.HasKey() {
				cfg.Sites = append(cfg.Sites, site)
			}
		}
	}
	return cfg
}

// doctorLimit is how long the doctor waits for an engine that starts: not answering is a finding, and it promises to be
// done in ten seconds.
const doctorLimit = 3 * time.Second

// runningEngine is the state of the running engine, and what it runs with; both are nil if none runs.
func (p *program) runningEngine(ctx context.Context) (*engine.Snapshot, *settings, error) {
	wait := p.startWait()
	wait.limit = doctorLimit
	c, err := wait.dial(ctx, p.socket())
	switch {
	case errors.Is(err, errNoAnswer):
		return nil, nil, &engine.Error{
			Op: "doctor", Kind: engine.Unavailable, Err: err,
			Msg: "the wtptui" + holder(p.settings.dataDir()) + " that has this data folder does not answer; it may still be starting",
		}
	case err != nil && control.NobodyListens(err):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*p.patience)
	defer cancel()
	s, err := snapshot(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	runsWith, err := runningSettings(ctx, c, p.settings.DataDir)
	if err != nil {
		return nil, nil, err
	}
	return &s, runsWith, nil
}

func (p *program) printFindings(found []doctor.Finding, asJSON bool) error {
	if asJSON {
		return printJSON(p.stdout, found)
	}
	var rows [][]string
	var follow []doctor.Finding
	for _, f := range found {
		if f.FollowsFrom != "" {
			follow = append(follow, f)
		}
	}
	for _, f := range found {
		if f.FollowsFrom != "" {
			continue
		}
		took := ""
		if f.Took > 0 {
			took = time.Duration(f.Took).Round(time.Millisecond).String()
		}
		text := f.Found
		if f.Subject != "" {
			text = f.Subject + " " + text
		}
		if f.Do != "" {
			text = fmt.Sprintf("%s: %s", text, f.Do)
		}
		rows = append(rows, []string{string(f.Status), f.Check, took, text})
		if folded := foldFindings(follow, f.Check); folded != "" {
			rows = append(rows, []string{"", "", "", folded})
		}
	}
	table(p.stdout, []string{"STATUS", "CHECK", ">TOOK", "WHAT IS SO: WHAT TO DO"}, rows)
	return nil
}

// foldFindings says in one line what follows from a finding; empty if nothing does.
func foldFindings(follow []doctor.Finding, from string) string {
	n := 0
	var checks []string
	for _, f := range follow {
		if f.FollowsFrom != from {
			continue
		}
		n++
		if !slices.Contains(checks, f.Check) {
			checks = append(checks, f.Check)
		}
	}
	lines := "lines follow"
	switch n {
	case 0:
		return ""
	case 1:
		lines = "line follows"
	}
	return fmt.Sprintf("%d %s from that, which --json has: %s", n, lines, strings.Join(checks, ", "))
}
