package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// attachTime is how long a dashboard waits for the control socket of a program that has the data folder already: it may
// just be starting.
const attachTime = 5 * time.Second

// session is a dashboard's engine: one of its own, or one in another process.
type session struct {
	program *program
	folder  *dataFolder // nil when another process has it
	far     *remote     // nil unless that is on another machine
	log     *slog.Logger
	cleanup []func()
	// keep says that the person wants the engine to go on without a screen. The dashboard writes it before it returns.
	keep bool

	mu         sync.Mutex // held while the engine starts
	node       *node
	attachment *control.Attachment
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
	s.log, _ = s.program.settings.logger(logFile)
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
	if s.attachment != nil {
		return s.attachment, nil
	}
	if s.folder == nil {
		first := true
		err := s.attach(ctx, func(ctx context.Context) (*control.Client, error) {
			if !first {
				return s.program.dial(ctx)
			}
			first = false
			return awaitEngine(ctx, s.program.socket())
		})
		if err != nil {
			return nil, err
		}
		return s.attachment, nil
	}
	n, err := startNode(ctx, s.program.settings, s.folder, s.log)
	if err != nil {
		return nil, err
	}
	s.node = n
	return n.engine, nil
}

// attach connects to the engine of another process, and stays so.
func (s *session) attach(ctx context.Context, dial func(context.Context) (*control.Client, error)) error {
	cfg := control.AttachConfig{Dial: dial, Log: s.log}
	if s.far != nil {
		cfg.Dial, cfg.Look = s.far.dial, s.far.look
	}
	a, err := control.Attach(ctx, cfg)
	if err != nil {
		return err
	}
	s.attachment = a
	return nil
}

// browse opens a page in the person's browser, if that can reach it.
func (s *session) browse(ctx context.Context, url string) error {
	if s.far != nil {
		if err := s.far.reachable(); err != nil {
			return err
		}
	}
	return s.program.browse(ctx, url)
}

// awaitEngine connects to a running engine, and waits for one that has not opened its socket yet.
func awaitEngine(ctx context.Context, path string) (*control.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, attachTime)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		c, err := control.Dial(ctx, path)
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
	if s.attachment != nil {
		s.attachment.Close()
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
