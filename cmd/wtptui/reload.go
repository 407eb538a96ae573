package main

import (
	"context"
	"reflect"
	"slices"

	"wtptui/engine"
)

// liveSettings are the settings that can change while the engine runs. All others need a restart.
var liveSettings = []string{
	"log-level", "up-limit", "down-limit", "max-site-size", "cache-size", "home-up-limit", "seed-ratio", "seed-time",
	"max-connections", "max-connections-per-site",
}

// reload reads the settings again and applies those that can change. If any setting is invalid, nothing changes.
func (s *server) reload(ctx context.Context) {
	eng, current, log := s.node.engine, s.program.settings, s.log
	next, err := s.program.rereadSettings()
	if err != nil {
		log.Error("the settings stay as they were", "error", engine.Message(err))
		return
	}
	var applied, pending []string
	running := current.options()
	for _, o := range next.options() {
		switch before := findOption(running, o.name).value.String(); {
		case before == o.value.String():
		case slices.Contains(liveSettings, o.name):
			applied = append(applied, o.name)
		default:
			pending = append(pending, o.name)
		}
	}
	next.applyLevel(s.level)
	rules := next.rules()
	if slices.Contains(applied, "up-limit") || slices.Contains(applied, "down-limit") {
		limits := next.limits() // A limit that was set by hand meanwhile is replaced only if the setting has changed.
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
	s.node.storeSettings(current)
	log.Info("settings read again", "applied", applied, "after_restart", pending)
}

// setLabelLimits applies the limits of labels that have changed. A limit that was set by hand meanwhile is replaced
// only if the setting has changed.
func setLabelLimits(
	ctx context.Context, set func(context.Context, engine.Limits) error, before, after []engine.Limits,
) error {
	for _, l := range before {
		if !slices.ContainsFunc(after, func(o engine.Limits) bool { return o.Label == l.Label }) {
			after = append(slices.Clip(after), engine.Limits{Label: l.Label})
		}
	}
	for _, l := range after {
		if findLimits(before, l.Label) == l {
			continue
		}
		if err := set(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// rereadSettings returns the settings of this command line as they are now.
func (p *program) rereadSettings() (*settings, error) {
	fresh, err := defaultSettings()
	if err != nil {
		return nil, err
	}
	newRun := newProgram(p.environment, fresh, p.args)
	cmd, args, err := newRun.root().Find(newRun.args)
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err != nil {
		return nil, err
	}
	fresh.resolveDataDir(p.getenv)
	if err := fresh.loadLayers(cmd.Flags(), p.getenv); err != nil {
		return nil, err
	}
	return fresh, nil
}
