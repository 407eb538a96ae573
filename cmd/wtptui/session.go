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

// session is the engine of a dashboard: its own, or that of another process.
type session struct {
	client  *client
	folder  *dataFolder       // nil if another process has locked it
	remote  *remote           // nil unless the engine is on another machine
	fleet   *fleetConnections // connections to the machines of a fleet; nil for a single engine
	log     *slog.Logger
	cleanup []func()
	// questions are the requests of `wtptui stop` for the person at the dashboard.
	questions endQuestions
	// keepSeeding reports whether the engine should go on without a screen. The dashboard sets it before it returns.
	keepSeeding bool

	mu         sync.Mutex // held while the engine starts
	node       *node
	attachment *control.Attachment
}

// prepareTerminal redirects logs and stray output to a file, and starts a monitor of the terminal.
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

// monitorTerminal starts a monitor. Without one the dashboard works, but a crash is not reported.
func (s *session) monitorTerminal(tty *os.File, dir string) {
	m, err := startMonitor(tty, dir)
	if err != nil {
		s.log.Warn("a crash will not be reported", "error", err)
		return
	}
	s.cleanup = append(s.cleanup, m.dismiss)
}

// start implements the Start function of ui.Config.
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
		policy := s.client.dialPolicy()
		policy.onDelay = nil // The screen shows that it is starting.
		if err := s.attach(ctx, policy); err != nil {
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

// attach attaches to the engine of another process, and waits for one on this machine that is starting.
func (s *session) attach(ctx context.Context, policy dialPolicy) error {
	initial := true
	cfg := control.AttachConfig{Log: s.log, Dial: func(ctx context.Context) (*control.Client, error) {
		if !initial {
			return control.Dial(ctx, s.client.socket()) // The attachment retries by itself.
		}
		initial = false
		return s.client.dialHere(ctx, policy)
	}}
	if s.remote != nil {
		cfg.Dial, cfg.OnStatus = s.remote.dial, s.remote.forwardPages
	}
	a, err := control.Attach(ctx, cfg)
	if err != nil {
		return err
	}
	s.attachment = a
	return nil
}

// openPage opens a page in the person's browser, if the browser can reach it.
func (s *session) openPage(ctx context.Context, url string) error {
	if s.remote != nil {
		if err := s.remote.forwardError(); err != nil {
			return err
		}
	}
	return s.client.openBrowser(ctx, url)
}

// close closes the engine or the connections to it, and then everything else in the reverse order of its start.
func (s *session) close() {
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

// stopEngine stops the engine that the dashboard is attached to, and waits until it has ended.
func (s *session) stopEngine(ctx context.Context) error {
	dir := s.client.settings.dataDir()
	s.mu.Lock()
	attachment := s.attachment
	s.mu.Unlock()
	return stopRun{dir: dir}.stopEngine(ctx, attachment, describeHolder(dir))
}
