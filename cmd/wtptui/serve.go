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
		Args:    exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := serve(p, cmd)
			if err != nil && isService() {
				logServiceError(p.settings, err)
			}
			return err
		},
	}
	addSettingFlags(p.settings, cmd)
	return cmd
}

// server is an engine that runs without a screen, with the signals and requests that it handles.
type server struct {
	program *program
	node    *node
	manager manager
	hangups <-chan os.Signal
	stop    stopRequest
	log     *slog.Logger
	level   *slog.LevelVar // the level of log
}

// logServiceError writes an error to the log of a Windows service, which has no standard error.
func logServiceError(s *settings, err error) {
	f, openErr := openLog(s.dataDir())
	if openErr != nil {
		return // There is nowhere else to report it.
	}
	defer f.Close()
	log, _ := s.newLogger(f, func(string) string { return "" })
	log.Error("not started, or ended", "error", engine.Message(err))
}

func serve(p *program, cmd *cobra.Command) error {
	if err := p.requireLocal("serve"); err != nil {
		return err
	}
	if err := p.settings.loadLayers(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	p.settings.warnings = p.settings.warningsAbout(p.environ())
	hangups, ignore := notifyHangups()
	defer ignore()
	folder, err := lockDataFolder(p.settings.dataDir())
	if err != nil {
		return err
	}
	defer folder.release()
	to := os.Stderr
	if isService() { // A service has no standard error.
		if to, err = openLog(folder.path); err != nil {
			return err
		}
		defer to.Close()
	}
	log, level := p.settings.newLogger(to, p.getenv)
	stop := make(stopRequest, 1)
	n, err := startNode(cmd.Context(), p.settings, folder, log, stop.ending())
	switch {
	case cmd.Context().Err() != nil && n == nil:
		return nil // It was interrupted before there was anything to close.
	case err != nil:
		return err
	}
	watching, endWatch := context.WithCancel(cmd.Context())
	manager := serviceManager(p.getenv, log)
	var watchdog sync.WaitGroup
	watchdog.Go(func() { manager.sendHeartbeats(watching, n.engine.Beats) })
	log.Info("serving", "url", n.url, "peer_port", n.peerPort())
	manager.notifyReady(n.url)

	s := server{program: p, node: n, manager: manager, hangups: hangups, stop: stop, log: log, level: level}
	err = s.run(cmd.Context())
	manager.notifyStopping()
	endWatch()
	watchdog.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), drainTimeout)
	defer cancel()
	if closeErr := n.close(ctx); err == nil {
		err = closeErr
	}
	return err
}

// run handles signals until the node has to end. It returns an error unless a signal or a person has ended it.
func (s *server) run(ctx context.Context) error {
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
			s.manager.notifyReloading()
			s.reload(ctx)
			s.manager.notifyReady(s.node.url)
		}
	}
}

// notifyHangups returns a channel that gets each SIGHUP until ignore is called, in place of its default effect. On a
// terminal SIGHUP keeps that effect, since it means that the terminal is gone.
func notifyHangups() (signals <-chan os.Signal, ignore func()) {
	if term.IsTerminal(os.Stdin.Fd()) || term.IsTerminal(os.Stderr.Fd()) {
		return nil, func() {}
	}
	ch := make(chan os.Signal, 1)
	// Until now the signal belongs to endOnSignal. It must never have its default effect in between.
	signal.Ignore(syscall.SIGHUP)
	signal.Notify(ch, syscall.SIGHUP)
	return ch, func() { signal.Stop(ch) }
}
