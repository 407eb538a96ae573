package main

import (
	"context"
	"reflect"
	"slices"

	"wtptui/engine"
)

// liveSettings are the ones that can change while the engine runs; all others need a new start.
var liveSettings = []string{
	"log-level", "up-limit", "down-limit", "max-site-size", "cache-size", "home-up-limit", "seed-ratio", "seed-time",
	"max-connections", "max-connections-per-site",
}

// reload reads the settings again and applies what can be applied. Settings that are wrong change nothing.
func (s *serving) reload(ctx context.Context) {
	eng, current, log := s.node.engine, s.program.settings, s.log
	next, err := s.program.readAgain()
	if err != nil {
		log.Error("the settings stay as they were", "error", engine.Message(err))
		return
	}
	var applied, waiting []string
	running := current.options()
	for _, o := range next.options() {
		switch was := optionNamed(running, o.name).value.String(); {
		case was == o.value.String():
		case slices.Contains(liveSettings, o.name):
			applied = append(applied, o.name)
		default:
			waiting = append(waiting, o.name)
		}
	}
	next.setLevel(s.level)
	rules := next.rules()
	if slices.Contains(applied, "up-limit") || slices.Contains(applied, "down-limit") {
		limits := next.limits() // A limit that was set by hand meanwhile is only taken back by one that is new.
		rules.Limits = &limits
	}
	eng.SetRules(rules)
	s.node.swarm.SetMaxConns(next.MaxConns, next.MaxConnsEach)
	if err := setLabelLimits(ctx, eng.SetLimits, current.LabelLimits, next.LabelLimits); err != nil {
		log.Error("the limits of labels stay as they were", "error", engine.Message(err))
		return
	}
	if s.node.home != nil {
		s.node.home.SetUpLimit(next.Home.UpLimit)
	}
	applied = append(applied, current.changedTables(next.ruleSettings)...)
	current.ruleSettings = next.ruleSettings
	current.LogLevel, current.Home.UpLimit = next.LogLevel, next.Home.UpLimit
	if !reflect.DeepEqual(current.Hooks, next.Hooks) {
		applied = append(applied, hooksTable)
		current.Hooks = next.Hooks
		s.node.hooks.SetCommands(next.Hooks.Commands)
	}
	s.node.runsWith(current)
	log.Info("settings read again", "applied", applied, "after_restart", waiting)
}

// setLabelLimits applies those limits of labels that have changed: one that was set by hand meanwhile is only taken
// back by one that is new.
func setLabelLimits(
	ctx context.Context, set func(context.Context, engine.Limits) error, was, now []engine.Limits,
) error {
	for _, l := range was {
		if !slices.ContainsFunc(now, func(o engine.Limits) bool { return o.Label == l.Label }) {
			now = append(slices.Clip(now), engine.Limits{Label: l.Label})
		}
	}
	for _, l := range now {
		if limitsOf(was, l.Label) == l {
			continue
		}
		if err := set(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// readAgain returns the settings of this command line as they are now.
func (p *program) readAgain() (*settings, error) {
	fresh, err := defaultSettings()
	if err != nil {
		return nil, err
	}
	again := newProgram(p.world, fresh, p.args)
	cmd, args, err := again.root().Find(again.args)
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
