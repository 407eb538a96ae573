package sites

import "wtptui/engine"

// Rules are those parts of a Config that can change while an engine runs; see there.
type Rules struct {
	MaxSiteSize, CacheSize int64
	Goals                  []engine.Goals
	Schedules              engine.Schedules
	// Limits are the usual ones over all sites, with which a schedule does not have to do; nil if they stay as they are.
	Limits *engine.Limits
}

// SetRules changes the rules at once. Sites that were too large and no longer are go on, and those that are here stay;
// a site that rests and has no reason to by now joins its swarm again.
func (e *Engine) SetRules(r Rules) {
	_ = e.withState("sites: set rules", "", func(st *state) error { // An engine that is stopping needs none.
		st.cfg.MaxSiteSize, st.cfg.CacheSize = r.MaxSiteSize, r.CacheSize
		st.cfg.Goals = r.Goals
		st.torrents.reconcileAll()
		st.scheduler.setSchedules(r.Schedules, st.clock.Now())
		defer st.snapshots.publish()
		if r.Limits == nil {
			return nil
		}
		return st.rates.setUsual(*r.Limits, func(error) {}) // What is not saved is told of by the journal.
	})
}
