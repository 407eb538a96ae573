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

// doctorCommand returns the verb doctor.
func doctorCommand(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check ports, router, trackers, resolvers, names, keys and disk, and say what to do",
		GroupID: groupRun,
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.attachTo != "" {
				return p.runRemoteDoctor(cmd, asJSON)
			}
			if err := p.settings.loadLayers(cmd.Flags(), p.getenv); err != nil {
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
	addSettingFlags(p.settings, cmd)
	addJSONFlag(cmd, &asJSON)
	return cmd
}

// runRemoteDoctor runs the doctor on the other machine, and prints its findings here.
func (p *program) runRemoteDoctor(cmd *cobra.Command, asJSON bool) error {
	for _, o := range p.settings.options() {
		if cmd.Flags().Changed(o.name) {
			return usageError("the doctor checks the settings of the other machine: leave out --%s", o.name)
		}
	}
	target, err := overssh.ParseTarget(p.attachTo)
	if err != nil {
		return err
	}
	var out boundedBuffer
	failed, err := overssh.Run(cmd.Context(), target, &out, "doctor", "--json")
	if err != nil {
		return err
	}
	var found []doctor.Finding
	if err := json.Unmarshal([]byte(out.String()), &found); err != nil {
		return &engine.Error{
			Op: "doctor", Kind: engine.Unavailable, Err: err,
			Msg: "the doctor on " + engine.Clean(target.Name()) + " has sent findings that this wtptui cannot read: " +
				"install the same version on both machines",
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

// boundedBuffer holds the output of a program on another machine, up to a limit.
type boundedBuffer struct{ strings.Builder }

// Write implements io.Writer. It returns an error if the output exceeds 1 MiB.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	const maxSize = 1 << 20
	if b.Len()+len(p) > maxSize {
		return 0, errors.New("its output is too long")
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
		Companion:        func() (ours, others []string) { return registeredBrowsers(s.DataDir, p.getenv) },
		CheckDatabase:    store.Check,
		DoubtfulSettings: p.settings.warningsAbout(p.environ()),
		Now:              p.now,
	}
	cfg.EngineError = err
	if running != nil {
		cfg.PendingSettings = p.settings.notInEffect(s)
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

// doctorStartTimeout is how long the doctor waits for an engine that is starting. An engine that does not answer is a
// finding, and the doctor should be done within ten seconds.
const doctorStartTimeout = 3 * time.Second

// runningEngine returns the snapshot of the running engine, and the settings that it runs with. Both are nil if none
// runs.
func (p *program) runningEngine(ctx context.Context) (*engine.Snapshot, *settings, error) {
	policy := p.dialPolicy()
	policy.timeout = doctorStartTimeout
	c, err := policy.dial(ctx, p.socket())
	switch {
	case errors.Is(err, errNoAnswer):
		return nil, nil, &engine.Error{
			Op: "doctor", Kind: engine.Unavailable, Err: err,
			Msg: "the wtptui" + describeHolder(p.settings.dataDir()) +
				" that uses this data folder does not answer; it may still be starting",
		}
	case err != nil && control.NobodyListens(err):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*p.completionTimeout)
	defer cancel()
	s, err := snapshot(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	inEffect, err := runningSettings(ctx, c, p.settings.DataDir)
	if err != nil {
		return nil, nil, err
	}
	return &s, inEffect, nil
}

func (p *program) printFindings(found []doctor.Finding, asJSON bool) error {
	if asJSON {
		return printJSON(p.stdout, found)
	}
	var rows [][]string
	var following []doctor.Finding
	for _, f := range found {
		if f.FollowsFrom != "" {
			following = append(following, f)
		}
	}
	for _, f := range found {
		if f.FollowsFrom != "" {
			continue
		}
		elapsed := ""
		if f.Took > 0 {
			elapsed = time.Duration(f.Took).Round(time.Millisecond).String()
		}
		text := f.Found
		if f.Subject != "" {
			text = f.Subject + " " + text
		}
		if f.Do != "" {
			text = fmt.Sprintf("%s: %s", text, f.Do)
		}
		rows = append(rows, []string{string(f.Status), f.Check, elapsed, text})
		if folded := summarizeFollowing(following, f.Check); folded != "" {
			rows = append(rows, []string{"", "", "", folded})
		}
	}
	printTable(p.stdout, []string{"STATUS", "CHECK", ">TOOK", "FINDING: WHAT TO DO"}, rows)
	return nil
}

// summarizeFollowing returns one line about the findings that follow from another finding; empty if there are none.
func summarizeFollowing(following []doctor.Finding, from string) string {
	n := 0
	var checks []string
	for _, f := range following {
		if f.FollowsFrom != from {
			continue
		}
		n++
		if !slices.Contains(checks, f.Check) {
			checks = append(checks, f.Check)
		}
	}
	subject := "findings follow"
	switch n {
	case 0:
		return ""
	case 1:
		subject = "finding follows"
	}
	return fmt.Sprintf("%d %s from this, see --json: %s", n, subject, strings.Join(checks, ", "))
}
