package main

import (
	"context"
	"log/slog"
	"slices"

	"wtptui/engine"
	"wtptui/engine/sites"
)

// liveSettings are the ones that can change while the engine runs; all others need a new start.
var liveSettings = []string{"log-level", "up-limit", "down-limit", "max-site-size", "cache-size"}

// reload reads the settings again and applies what can be applied. Settings that are wrong change nothing.
func (p *program) reload(ctx context.Context, eng *sites.Engine, log *slog.Logger, level *slog.LevelVar) {
	next, err := p.readAgain()
	if err != nil {
		log.Error("the settings stay as they were", "error", engine.Message(err))
		return
	}
	var applied, waiting []string
	for _, now := range next.options() {
		switch was := p.settings.option(now.name).value.String(); {
		case was == now.value.String():
		case slices.Contains(liveSettings, now.name):
			applied = append(applied, now.name)
		default:
			waiting = append(waiting, now.name)
		}
	}
	next.setLevel(level)
	// A limit that was set by hand meanwhile is only taken back by one that is new.
	if slices.Contains(applied, "up-limit") || slices.Contains(applied, "down-limit") {
		if err := eng.SetLimits(ctx, engine.Limits{Down: next.DownLimit, Up: next.UpLimit}); err != nil {
			log.Error("the limits stay as they were", "error", engine.Message(err))
			return
		}
	}
	if slices.Contains(applied, "max-site-size") || slices.Contains(applied, "cache-size") {
		eng.SetSizes(next.MaxSiteSize, next.CacheSize)
	}
	if err := setLabelLimits(ctx, eng, p.settings.LabelLimits, next.LabelLimits); err != nil {
		log.Error("the limits of labels stay as they were", "error", engine.Message(err))
		return
	}
	p.settings.LabelLimits = next.LabelLimits
	p.settings.MaxSiteSize, p.settings.CacheSize = next.MaxSiteSize, next.CacheSize
	p.settings.LogLevel, p.settings.UpLimit, p.settings.DownLimit = next.LogLevel, next.UpLimit, next.DownLimit
	log.Info("settings read again", "applied", applied, "after_restart", waiting)
}

// setLabelLimits applies those limits of labels that have changed: one that was set by hand meanwhile is only taken back by
// one that is new.
func setLabelLimits(ctx context.Context, eng *sites.Engine, was, now []engine.Limits) error {
	for _, l := range was {
		if !slices.ContainsFunc(now, func(o engine.Limits) bool { return o.Label == l.Label }) {
			now = append(slices.Clip(now), engine.Limits{Label: l.Label})
		}
	}
	for _, l := range now {
		if slices.Contains(was, l) {
			continue
		}
		if err := eng.SetLimits(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// readAgain gives the settings of this command line as they are now.
func (p *program) readAgain() (*settings, error) {
	fresh, err := defaultSettings()
	if err != nil {
		return nil, err
	}
	again := &program{world: p.world, settings: fresh}
	cmd, args, err := again.root().Find(p.args)
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err != nil {
		return nil, err
	}
	fresh.placeData(p.getenv)
	if err := fresh.complete(cmd.Flags(), p.getenv); err != nil {
		return nil, err
	}
	return fresh, nil
}
