package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui"
)

// demoSites is how many sites the demo shows.
const demoSites = 1000

// look are the flags that only the dashboard has.
type displayOptions struct {
	demo, ascii, noMouse bool
}

// take gives the dashboard's own flags to the command.
func (l *displayOptions) addFlags(cmd *cobra.Command) {
	l.addScreenFlags(cmd)
	cmd.Flags().BoolVar(&l.demo, "demo", false,
		"show a thousand invented sites, without network and without touching any data")
}

// addScreenFlags gives those that it has whatever it shows.
func (l *displayOptions) addScreenFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&l.ascii, "ascii", false, "draw with ASCII signs only")
	f.BoolVar(&l.noMouse, "no-mouse", false, "leave the mouse to the terminal")
}

// screen is what the dashboard has in common whatever it shows.
func (p *program) dashboardConfig() (ui.Config, error) {
	km, err := p.settings.keyMap()
	if err != nil {
		return ui.Config{}, usageError("keys: %s", err)
	}
	return ui.Config{Version: version(), Keys: km, Commands: p.settings.ownCommands(), ASCII: p.display.ascii, NoMouse: p.display.noMouse, Copy: p.copyText}, nil
}

// demo runs the dashboard on a play.
func (p *program) runDemo(ctx context.Context) error {
	cfg, err := p.dashboardConfig()
	if err != nil {
		return err
	}
	eng := fake.New(fake.Options{
		Scripts: fake.Crowd(demoSites), Homes: fake.DemoHomes(), HomeTracker: fake.DemoHomeTracker(),
		Start: p.now().UTC().Truncate(time.Second), Seed: 1, Lifelike: true, CacheLimit: 20 << 30,
	})
	playCtx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); eng.Play(playCtx) }()
	defer func() {
		stop()
		<-done
		_ = eng.Close() // It holds nothing.
	}()
	cfg.Now = eng.Now
	cfg.Start = func(context.Context) (engine.Engine, error) { return eng, nil }
	cfg.OpenURL = func(string, string) error { return errors.New("the sites of the demo have no pages") }
	err = ui.Run(ctx, cfg)
	if ctx.Err() != nil {
		return nil // A signal asked for the end, and this is it.
	}
	return err
}
