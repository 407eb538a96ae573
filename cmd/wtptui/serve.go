package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"wtptui/engine"
)

func serveCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run the engine without a screen",
		GroupID: groupRun,
		Args:    exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := serve(p, cmd)
			if err != nil && isService() {
				tellInLog(p.settings, err)
			}
			return err
		},
	}
	takeSettings(p.settings, cmd)
	return cmd
}

// serving is an engine that runs without a screen, and what it heeds.
type serving struct {
	program *program
	node    *node
	manager manager
	hangups <-chan os.Signal
	stop    stopRequest
	log     *slog.Logger
	level   *slog.LevelVar // of log
}

// tellInLog writes an error into the log of a service, whose standard error nobody reads.
func tellInLog(s *settings, err error) {
	f, openErr := openLog(s.dataDir())
	if openErr != nil {
		return // There is nowhere else to tell it.
	}
	defer f.Close()
	log, _ := s.logger(f, func(string) string { return "" })
	log.Error("not started, or ended", "error", engine.Message(err))
}

func serve(p *program, cmd *cobra.Command) error {
	if err := p.here("serve"); err != nil {
		return err
	}
	if err := p.settings.complete(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	p.settings.doubts = p.settings.doubtful(p.environ())
	hangups, ignore := hangups()
	defer ignore()
	folder, err := takeDataFolder(p.settings.dataDir())
	if err != nil {
		return err
	}
	defer folder.release()
	to := os.Stderr
	if isService() { // Nobody reads the standard error of one.
		if to, err = openLog(folder.path); err != nil {
			return err
		}
		defer to.Close()
	}
	log, level := p.settings.logger(to, p.getenv)
	stop := make(stopRequest, 1)
	n, err := startNode(cmd.Context(), p.settings, folder, log, stop.ending())
	switch {
	case cmd.Context().Err() != nil && n == nil:
		return nil // Interrupted before there was anything to end.
	case err != nil:
		return err
	}
	watching, endWatch := context.WithCancel(cmd.Context())
	manager := serviceManager(p.getenv, log)
	var watchdog sync.WaitGroup
	watchdog.Go(func() { manager.watch(watching, n.engine.Beats) })
	log.Info("serving", "url", n.url, "peer_port", n.peerPort())
	manager.ready(n.url)

	s := serving{program: p, node: n, manager: manager, hangups: hangups, stop: stop, log: log, level: level}
	err = s.attend(cmd.Context())
	manager.stopping()
	endWatch()
	watchdog.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), drainTime)
	defer cancel()
	if closeErr := n.close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// attend heeds signals until the node is to end, and says why that is unless a signal or a person asked for it.
func (s *serving) attend(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			s.log.Info("stopping")
			return nil
		case <-s.stop:
			s.log.Info("stopping", "by", "wtptui stop")
			return nil
		case err := <-s.node.failed:
			s.log.Error("stopping", "error", err)
			return err
		case <-s.hangups:
			s.manager.reloading()
			s.reload(ctx)
			s.manager.ready(s.node.url)
		}
	}
}

// hangups returns each SIGHUP until ignore is called, instead of letting it end the program. In a terminal it does end
// it: there, it says that the terminal is gone.
func hangups() (signals <-chan os.Signal, ignore func()) {
	if term.IsTerminal(os.Stdin.Fd()) || term.IsTerminal(os.Stderr.Fd()) {
		return nil, func() {}
	}
	ch := make(chan os.Signal, 1)
	signal.Ignore(syscall.SIGHUP) // It belongs to endOnSignal until now, and must at no time have its default effect.
	signal.Notify(ch, syscall.SIGHUP)
	return ch, func() { signal.Stop(ch) }
}
