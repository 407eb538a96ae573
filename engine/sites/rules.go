package sites

import "wtptui/engine"

// Rules are the parts of a Config that can change while an engine runs; see there.
type Rules struct {
	MaxSiteSize, CacheSize int64
	Goals                  []engine.Goals
	Schedules              engine.Schedules
	// Limits are the usual limits over all sites, which schedules override; nil if they do not change.
	Limits *engine.Limits
}

// SetRules changes the rules at once. Sites that were too large and no longer are continue, and those that are here
// stay. A site that rests without reason under the new rules joins its swarm again.
func (e *Engine) SetRules(r Rules) {
	_ = e.withState("sites: set rules", "", func(st *state) error { // An engine that is stopping needs no rules.
		st.cfg.MaxSiteSize, st.cfg.CacheSize = r.MaxSiteSize, r.CacheSize
		st.cfg.Goals = r.Goals
		st.torrents.reconcileAll()
		st.scheduler.setSchedules(r.Schedules, st.clock.Now())
		defer st.snapshots.publish()
		if r.Limits == nil {
			return nil
		}
		return st.rates.setUsual(*r.Limits, func(error) {}) // The journal reports a failed write.
	})
}
