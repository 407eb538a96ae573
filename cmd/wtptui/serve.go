package main

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
)

// drainTime is how long a program that ends may take for requests, peers and trackers.
const drainTime = 5 * time.Second

func (p *program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Run the engine without a screen",
		Long:    "Run the same engine as the dashboard without a screen, until it is interrupted. It logs to standard error; when it is\nready it logs msg=serving with the URL. `wtptui` with the same data folder attaches to it.",
		GroupID: groupRun,
		Args:    exactly(0, "no arguments"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.serve(cmd) },
	}
	p.takeSettings(cmd)
	return cmd
}

func (p *program) serve(cmd *cobra.Command) error {
	if err := p.settings.complete(cmd.Flags(), p.getenv); err != nil {
		return err
	}
	folder, err := takeDataFolder(p.settings.dataDir())
	if err != nil {
		return err
	}
	defer folder.release()
	log := p.settings.logger(os.Stderr)
	n, err := startNode(cmd.Context(), p.settings, folder, log)
	switch {
	case cmd.Context().Err() != nil && n == nil:
		return nil // Interrupted before there was anything to end.
	case err != nil:
		return err
	}
	log.Info("serving", "url", n.url, "peer_port", n.peerPort())
	select {
	case <-cmd.Context().Done():
		log.Info("stopping")
	case err = <-n.failed:
		log.Error("stopping", "error", err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(cmd.Context()), drainTime)
	defer cancel()
	if closeErr := n.close(ctx); err == nil {
		err = closeErr
	}
	return err
}
