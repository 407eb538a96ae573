package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/control"
)

// session is a dashboard's engine: one of its own, or one in another process.
type session struct {
	client  *client
	folder  *dataFolder       // nil when another process has it
	remote  *remote           // nil unless that is on another machine
	fleet   *fleetConnections // those to the machines of a fleet; nil for one engine
	log     *slog.Logger
	cleanup []func()
	// questions are those of `wtptui stop` to the person at the dashboard.
	questions endQuestions
	// keep reports whether the person wants the engine to go on without a screen. The dashboard writes it before it
	// returns.
	keepSeeding bool

	mu         sync.Mutex // held while the engine starts
	node       *node
	attachment *control.Attachment
}

// prepareTerminal sends logs and stray output to a file, and has the terminal watched.
func (s *session) prepareTerminal(tty *os.File) error {
	if s.folder == nil {
		s.monitorTerminal(tty, s.client.settings.dataDir())
		return nil
	}
	logFile, err := openLog(s.folder.path)
	if err != nil {
		return err
	}
	s.cleanup = append(s.cleanup, func() { logFile.Close() })
	s.log, _ = s.client.settings.newLogger(logFile, s.client.getenv)
	s.monitorTerminal(tty, s.folder.path)
	restore, err := redirectStderr(logFile)
	if err != nil {
		return fmt.Errorf("redirect standard error: %w", err)
	}
	s.cleanup = append(s.cleanup, restore)
	return nil
}

// watch does without a monitor where none can be started: it is only needed if worse follows.
func (s *session) monitorTerminal(tty *os.File, dir string) {
	m, err := startMonitor(tty, dir)
	if err != nil {
		s.log.Warn("a crash will not be reported", "error", err)
		return
	}
	s.cleanup = append(s.cleanup, m.dismiss)
}

// start implements ui.Config's Start.
func (s *session) start(ctx context.Context) (engine.Engine, error) {
	if s.fleet != nil {
		return s.fleet.engine, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attachment != nil {
		return s.client.restrict(s.attachment), nil
	}
	if s.folder == nil {
		wait := s.client.dialPolicy()
		wait.onDelay = nil // The screen shows that it is starting.
		if err := s.attach(ctx, wait); err != nil {
			return nil, err
		}
		return s.client.restrict(s.attachment), nil
	}
	n, err := startNode(ctx, s.client.settings, s.folder, s.log, s.questions.ending())
	if err != nil {
		return nil, err
	}
	s.node = n
	return n.engine, nil
}

// attach connects to the engine of another process, and stays so. It waits for one here that is starting.
func (s *session) attach(ctx context.Context, wait dialPolicy) error {
	initial := true
	cfg := control.AttachConfig{Log: s.log, Dial: func(ctx context.Context) (*control.Client, error) {
		if !initial {
			return control.Dial(ctx, s.client.socket()) // The attachment itself tries again.
		}
		initial = false
		return s.client.dialHere(ctx, wait)
	}}
	if s.remote != nil {
		cfg.Dial, cfg.Look = s.remote.dial, s.remote.forwardPages
	}
	a, err := control.Attach(ctx, cfg)
	if err != nil {
		return err
	}
	s.attachment = a
	return nil
}

// browse opens a page in the person's browser, if that can reach it.
func (s *session) openPage(ctx context.Context, url string) error {
	if s.remote != nil {
		if err := s.remote.forwardError(); err != nil {
			return err
		}
	}
	return s.client.openBrowser(ctx, url)
}

// end closes the engine, or lets go of it, and then everything else in the opposite order of its start.
func (s *session) end() {
	s.questions.close()
	if s.fleet != nil {
		s.fleet.close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attachment != nil {
		s.attachment.Close()
	}
	if s.node != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
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

// stopEngine ends the engine that the dashboard is attached to, and waits until it has ended.
func (s *session) stopEngine(ctx context.Context) error {
	dir := s.client.settings.dataDir()
	s.mu.Lock()
	attachment := s.attachment
	s.mu.Unlock()
	return stopRun{dir: dir}.stopEngine(ctx, attachment, describeHolder(dir))
}
