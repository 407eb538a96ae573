package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/ui"
)

// runDashboard shows the engine of the data folder: its own, or that of another process which has locked the folder.
func (p *program) runDashboard(cmd *cobra.Command) error {
	if err := p.settings.loadLayers(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	p.settings.warnings = p.settings.warningsAbout(p.environ())
	tty, err := p.terminal()
	if err != nil {
		return err
	}
	if p.display.demo {
		return p.runDemo(cmd.Context())
	}
	if p.attachTo != "" {
		return p.runAttachedDashboard(cmd)
	}
	folder, err := lockDataFolder(p.settings.dataDir())
	if err != nil && !errors.Is(err, errInUse) {
		return err
	}
	s := &session{client: p.client, folder: folder, log: slog.New(slog.DiscardHandler), questions: newEndQuestions()}
	if err := p.runSession(cmd, tty, s); err != nil || !s.keepSeeding {
		return err
	}
	return serveInBackground(p, cmd)
}

// runAttachedDashboard shows an engine that runs already, here or on another machine. It starts none.
func (p *program) runAttachedDashboard(cmd *cobra.Command) error {
	if err := p.settings.loadLayers(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	tty, err := p.terminal()
	if err != nil {
		return err
	}
	s := &session{client: p.client, log: slog.New(slog.DiscardHandler), questions: newEndQuestions()}
	if p.attachTo != "" {
		if s.remote, err = p.remote(); err != nil {
			return err
		}
	}
	// The terminal still belongs to the person, and ssh may ask for a password.
	if err := s.attach(cmd.Context(), p.dialPolicy()); err != nil {
		return err
	}
	return p.runSession(cmd, tty, s)
}

// runSession shows the dashboard of a session until the person leaves it, and closes the session.
func (p *program) runSession(cmd *cobra.Command, tty *os.File, s *session) error {
	defer s.close()
	cfg, err := p.dashboardConfig()
	if err != nil {
		return err
	}
	if err := s.prepareTerminal(tty); err != nil {
		return err
	}
	cfg.Start, cfg.DataDir = s.start, p.settings.dataDir()
	machine := ""
	switch {
	case s.remote != nil:
		machine = s.remote.target.Host
	case s.fleet != nil:
		machine = fleetStateName
	}
	stateFile := lockScreenFile(cfg.DataDir, machine)
	defer stateFile.release()
	cfg.StateFile, cfg.FirstState = stateFile.path, filepath.Join(cfg.DataDir, screenFilePrefix+".json")
	cfg.OpenURL = func(_, url string) error { return s.openPage(cmd.Context(), url) }
	if s.remote != nil {
		cfg.Machine = cmp.Or(p.machine.name, engine.Clean(s.remote.target.Host))
		cfg.MachineColor = cmp.Or(p.machine.color, p.settings.machineColor(s.remote.target.Host))
	}
	if s.fleet != nil {
		cfg.Fleet = s.fleet.machineColors(p.settings)
		cfg.OpenURL = func(machine, url string) error { return s.fleet.openPage(cmd.Context(), machine, url) }
	}
	if s.folder != nil {
		cfg.KeepSeeding = func() { s.keepSeeding = true }
		cfg.EndRequests = s.questions.requests
	}
	if s.folder == nil && s.remote == nil && s.fleet == nil {
		cfg.StopEngine = s.stopEngine
	}
	err = ui.Run(cmd.Context(), cfg)
	var crash *ui.Crash
	switch {
	case errors.As(err, &crash):
		return saveCrashReport(crash, p.settings.dataDir())
	case cmd.Context().Err() != nil:
		s.keepSeeding = false
		return nil // A signal has ended it, which is not an error.
	}
	return err
}

// saveCrashReport writes the trace of a panic that the dashboard has caught to a file, and returns an error that names
// it.
func saveCrashReport(crash *ui.Crash, dir string) error {
	path := reportPath(dir)
	err := writeReport(path, strings.NewReader(crash.Error()+"\n\n"+string(crash.Stack)))
	if err != nil {
		return fmt.Errorf("%w, and the report could not be written: %w", crash, err)
	}
	return &engine.Error{
		Op: "dashboard", Kind: engine.Internal, Err: crash, Msg: "the dashboard crashed: the report is in " + path,
	}
}
