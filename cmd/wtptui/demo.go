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

// demoSites is the number of sites in the demo.
const demoSites = 1000

// displayOptions are the flags of the dashboard.
type displayOptions struct {
	demo, ascii, noMouse bool
}

// addFlags adds all flags of the dashboard to a command.
func (o *displayOptions) addFlags(cmd *cobra.Command) {
	o.addScreenFlags(cmd)
	cmd.Flags().BoolVar(&o.demo, "demo", false,
		"show a thousand invented sites, without network and without touching any data")
}

// addScreenFlags adds the flags that every kind of dashboard has.
func (o *displayOptions) addScreenFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.ascii, "ascii", false, "draw with ASCII signs only")
	f.BoolVar(&o.noMouse, "no-mouse", false, "leave the mouse to the terminal")
}

// dashboardConfig returns the configuration that every kind of dashboard has.
func (p *program) dashboardConfig() (ui.Config, error) {
	km, err := p.settings.keyMap()
	if err != nil {
		return ui.Config{}, usageError("keys: %s", err)
	}
	return ui.Config{
		Version: version(), Keys: km, Commands: p.settings.ownCommands(), Copy: p.copyText,
		ASCII: p.display.ascii, NoMouse: p.display.noMouse,
	}, nil
}

// runDemo shows a dashboard with a scripted engine.
func (p *program) runDemo(ctx context.Context) error {
	cfg, err := p.dashboardConfig()
	if err != nil {
		return err
	}
	eng := fake.New(fake.Options{
		Scripts: fake.DemoWithMany(demoSites), Homes: fake.DemoHomes(), HomeTracker: fake.DemoHomeTracker(),
		Start: p.now().UTC().Truncate(time.Second), Seed: 1, RealisticDelays: true, CacheLimit: 20 << 30,
	})
	playCtx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); eng.Play(playCtx) }()
	defer func() {
		stop()
		<-done
		_ = eng.Close() // Closing it cannot fail.
	}()
	cfg.Now = eng.Now
	cfg.Start = func(context.Context) (engine.Engine, error) { return eng, nil }
	cfg.OpenURL = func(string, string) error { return errors.New("the sites of the demo have no pages") }
	err = ui.Run(ctx, cfg)
	if ctx.Err() != nil {
		return nil // A signal has ended it, which is not an error.
	}
	return err
}
