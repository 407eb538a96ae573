package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/ui"
)

// attachTime is how long a dashboard waits for the control socket of a program that has the data folder already: it may
// just be starting.
const attachTime = 5 * time.Second

// screenFile is where the data folder keeps how the dashboard is set up.
const screenFile = "screen.json"

func (p *program) dashboard(cmd *cobra.Command) error {
	if err := p.settings.complete(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	tty, err := p.terminal()
	if err != nil {
		return err
	}
	if p.look.demo {
		return p.demo(cmd.Context())
	}
	cfg, err := p.screen()
	if err != nil {
		return err
	}
	folder, err := takeDataFolder(p.settings.dataDir())
	if err != nil && !errors.Is(err, errInUse) {
		return err
	}
	s := &session{program: p, folder: folder, log: slog.New(slog.DiscardHandler)}
	defer s.end()
	if err := s.ownScreen(tty); err != nil {
		return err
	}
	cfg.Start, cfg.DataDir = s.start, p.settings.dataDir()
	cfg.StateFile = filepath.Join(cfg.DataDir, screenFile)
	cfg.OpenURL = func(url string) error { return p.browse(cmd.Context(), url) }
	err = ui.Run(cmd.Context(), cfg)
	var crash *ui.Crash
	switch {
	case errors.As(err, &crash):
		return reported(crash, p.settings.dataDir())
	case cmd.Context().Err() != nil:
		return nil // A signal asked for the end, and this is it.
	}
	return err
}

// reported keeps the trace of a panic that the dashboard has caught itself, and says where.
func reported(crash *ui.Crash, dir string) error {
	path := reportPath(dir)
	err := writeReport(path, strings.NewReader(crash.Error()+"\n\n"+string(crash.Stack)))
	if err != nil {
		return fmt.Errorf("%w, and the report could not be written: %w", crash, err)
	}
	return &engine.Error{Op: "dashboard", Kind: engine.Internal, Err: crash, Msg: "the dashboard crashed: the report is in " + path}
}

// session is a dashboard's engine: one of its own, or one in another process.
type session struct {
	program *program
	folder  *dataFolder // nil when another process has it
	log     *slog.Logger
	cleanup []func()

	mu     sync.Mutex // held while the engine starts
	node   *node
	client *control.Client
}

// ownScreen sends logs and stray output to a file, and has the terminal watched.
func (s *session) ownScreen(tty *os.File) error {
	if s.folder == nil {
		s.watch(tty, s.program.settings.dataDir())
		return nil
	}
	logFile, err := openLog(s.folder.path)
	if err != nil {
		return err
	}
	s.cleanup = append(s.cleanup, func() { logFile.Close() })
	s.log = s.program.settings.logger(logFile)
	s.watch(tty, s.folder.path)
	restore, err := redirectStderr(logFile)
	if err != nil {
		return fmt.Errorf("redirect standard error: %w", err)
	}
	s.cleanup = append(s.cleanup, restore)
	return nil
}

// watch does without a monitor where none can be started: it is only needed if worse follows.
func (s *session) watch(tty *os.File, dir string) {
	m, err := startMonitor(tty, dir)
	if err != nil {
		s.log.Warn("a crash will not be reported", "error", err)
		return
	}
	s.cleanup = append(s.cleanup, m.dismiss)
}

// start implements ui.Config's Start.
func (s *session) start(ctx context.Context) (engine.Engine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folder == nil {
		c, err := attach(ctx, s.program.socket())
		if err != nil {
			return nil, err
		}
		s.client = c
		return c, nil
	}
	n, err := startNode(ctx, s.program.settings, s.folder, s.log)
	if err != nil {
		return nil, err
	}
	s.node = n
	return n.engine, nil
}

// attach connects to a running engine, and waits for one that has not opened its socket yet.
func attach(ctx context.Context, path string) (*control.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, attachTime)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := control.Dial(path)
		if err == nil || engine.KindOf(err) != engine.Unavailable {
			return c, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, &engine.Error{
				Op: "attach", Kind: engine.Unavailable, Err: err,
				Msg: "another wtptui has this data folder but does not answer: end it, or choose another folder with --data-dir",
			}
		}
	}
}

// end closes the engine, or lets go of it, and then everything else in the opposite order of its start.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client != nil {
		s.client.Close()
	}
	if s.node != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if err := s.node.close(ctx); err != nil {
			s.log.Error("close", "error", err)
		}
	}
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		s.cleanup[i]()
	}
	if s.folder != nil {
		s.folder.release()
	}
}
