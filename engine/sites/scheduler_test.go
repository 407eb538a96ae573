package sites

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// The tests' clock begins at noon on a Tuesday.
var (
	afternoon = engine.Schedule{
		Name: "afternoon", From: 13 * time.Hour, To: 15 * time.Hour, Down: engine.LimitUnchanged, Up: 7,
	}
	evening = engine.Schedule{
		Name: "evening", From: 15 * time.Hour, To: 18 * time.Hour,
		Down: engine.LimitUnchanged, Up: engine.LimitUnchanged, Paused: true,
	}
)

func (b *fixture) checkLimits(what string, want engine.Limits) {
	b.t.Helper()
	b.clock.Advance(0)
	b.waitIdle()
	b.swarm.mu.Lock()
	got := b.swarm.limits
	b.swarm.mu.Unlock()
	if st := b.readSnapshot().Status; got != want || st.Limits != want {
		b.t.Errorf("%s: the swarm has %+v, and %+v is shown; want %+v", what, got, st.Limits, want)
	}
}

func (b *fixture) setLimits(l engine.Limits) {
	b.t.Helper()
	if err := b.SetLimits(b.t.Context(), l); err != nil {
		b.t.Fatal(err)
	}
}

// A schedule replaces the usual limits for its hours, over restarts as well.
func TestScheduleReplacesTheLimits(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.Schedules = engine.Schedules{afternoon, evening} })
	usual := engine.Limits{Down: 100, Up: 50}
	b.setLimits(usual)
	b.checkLimits("before", usual)
	if got := b.readSnapshot().Status.Schedule; got.Name != "" || got.Next != "afternoon" || got.Until.Std().Hour() != 13 {
		t.Errorf("before: %+v", got)
	}
	b.clock.Advance(time.Hour)
	b.checkLimits("in the afternoon", engine.Limits{Down: 100, Up: 7})
	want := engine.Scheduled{
		Name: "afternoon", Until: engine.At(b.clock.Now().Add(2 * time.Hour)), Next: "evening", Up: true, Usual: usual,
	}
	if got := b.readSnapshot().Status.Schedule; got != want {
		t.Errorf("in the afternoon: %+v, want %+v", got, want)
	}
	b.restart()
	b.checkLimits("after a restart", engine.Limits{Down: 100, Up: 7})
	b.clock.Advance(6 * time.Hour)
	b.checkLimits("afterwards", usual)
	b.restart()
	b.checkLimits("afterwards, and after a restart", usual)
}

// A limit that is set by hand holds, even while a schedule has another one. The other limit stays with the schedule.
// The next schedule counts again.
func TestLimitSetByHandOverridesTheSchedule(t *testing.T) {
	both := afternoon
	both.Down = 9
	b := startFixture(t, func(c *Config) { c.Schedules = engine.Schedules{both} })
	b.setLimits(engine.Limits{Down: 100, Up: 50})
	b.clock.Advance(time.Hour)
	b.checkLimits("in the afternoon", engine.Limits{Down: 9, Up: 7})
	b.setLimits(engine.Limits{Down: 9, Up: 20})
	b.checkLimits("by hand", engine.Limits{Down: 9, Up: 20})
	if got := b.readSnapshot().Status.Schedule; !got.Down || got.Up || got.Usual != (engine.Limits{Down: 100, Up: 20}) {
		t.Errorf("by hand: %+v", got)
	}
	b.SetRules(Rules{Schedules: engine.Schedules{both}}) // as when the settings are read again
	b.checkLimits("with the same rules", engine.Limits{Down: 9, Up: 20})
	b.clock.Advance(3 * time.Hour)
	b.checkLimits("afterwards", engine.Limits{Down: 100, Up: 20})
	b.clock.Advance(21 * time.Hour)
	b.checkLimits("on the next day", engine.Limits{Down: 9, Up: 7})
}

// Rules change at once: the usual limits, and which schedule applies.
func TestScheduleRulesChangeAtOnce(t *testing.T) {
	b := startFixture(t)
	b.setLimits(engine.Limits{Down: 1, Up: 2})
	now := engine.Schedule{Name: "now", Down: 0, Up: 30}
	b.SetRules(Rules{Schedules: engine.Schedules{now}, Limits: &engine.Limits{Down: 3, Up: 4}})
	b.checkLimits("with a schedule", engine.Limits{Up: 30})
	want := engine.Scheduled{Name: "now", Down: true, Up: true, Usual: engine.Limits{Down: 3, Up: 4}}
	if got := b.readSnapshot().Status.Schedule; got != want {
		t.Errorf("with a schedule: %+v", got)
	}
	b.SetRules(Rules{})
	b.checkLimits("without", engine.Limits{Down: 3, Up: 4})
	var told []string
	for _, ev := range b.readSnapshot().Events {
		told = append(told, ev.Text)
	}
	b.check("told", strings.Join(told, "; "),
		"schedule now: down without a limit, up at most 30 B/s; schedule now has ended: the usual limits hold")
	b.restart()
	b.checkLimits("after a restart", engine.Limits{Down: 3, Up: 4})
}

// A schedule may pause everything. What a person has paused stays paused, and no site reports missing peers meanwhile.
func TestScheduleCanPauseEverything(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.Schedules = engine.Schedules{evening} })
	b.swarm.seed(hashA, 3)
	b.addSite(hashA)
	b.addSite(hashB) // of which there is nothing
	b.addSite(hashC)
	b.waitFor(hashA, "seeding", isSeeding)
	for _, host := range []string{hashA, hashB, hashC} {
		b.doVerb(engine.Pin, host)
	}
	b.doVerb(engine.Pause, hashC)
	paused := func(what string, want ...bool) {
		t.Helper()
		b.clock.Advance(0)
		for i, host := range []string{hashA, hashB, hashC} {
			if got := b.isPaused(host); got != want[i] {
				t.Errorf("%s: %s is paused: %v", what, host[:1], got)
			}
		}
	}
	paused("before", false, false, true)
	b.clock.Advance(3 * time.Hour)
	paused("in the evening", true, true, true)
	b.clock.Advance(2 * noPeerTimeout)
	if s := b.findSite(hashB); s.State == engine.Failed || !strings.Contains(s.Awaiting, "schedule") {
		t.Errorf("in the evening: %s, awaiting %q: %s", s.State, s.Awaiting, s.Error)
	}
	if s := b.findSite(hashC); s.State != engine.Paused || strings.Contains(s.Awaiting, "schedule") {
		t.Errorf("what a person has paused: %s, awaiting %q", s.State, s.Awaiting)
	}
	b.restart()
	paused("after a restart", true, true, true)
	if !b.readSnapshot().Status.Schedule.Paused {
		t.Error("the pause is not shown")
	}
	b.clock.Advance(3 * time.Hour)
	paused("at night", false, false, true)
}

// A clock that is set back changes which schedule applies, too.
func TestScheduleFollowsAClockThatIsSetBack(t *testing.T) {
	b := startFixture(t, func(c *Config) { c.Schedules = engine.Schedules{afternoon} })
	b.clock.Advance(time.Hour)
	b.checkLimits("in the afternoon", engine.Limits{Up: 7})
	b.clock.Advance(-time.Hour)
	b.checkLimits("set back", engine.Limits{})
	b.clock.Advance(time.Hour)
	b.checkLimits("again", engine.Limits{Up: 7})
}

// A site that was seeded for long enough rests while at least one other peer seeds it. The last seed never rests.
func TestSiteWithItsSeedTimeRests(t *testing.T) {
	b := startWithRestingSite(t, func(c *Config) {
		c.Goals = []engine.Goals{{Time: 86400}, {Label: "long", Time: 3 * 86400}}
	})
	begun := b.findSite(hashA).CompleteAt
	if begun.IsZero() {
		t.Fatal("nobody knows since when the site is complete")
	}
	b.setSeeders(5, 1)
	b.clock.Advance(2 * restAfter)
	b.checkResting("before the goal", false)
	b.restart()
	if at := b.findSite(hashA).CompleteAt; !at.Std().Equal(begun.Std()) {
		t.Errorf("complete since %s, and after a restart since %s", begun, at)
	}
	b.setSeeders(0, 0)
	b.clock.Advance(24 * time.Hour)
	b.checkResting("the last copy", false)
	b.setSeeders(5, 1)
	b.checkResting("as soon as another one is there", false)
	b.clock.Advance(restAfter)
	b.checkResting("after a while", true)
	if told := b.eventsOf(hashA, engine.Noticed); !strings.HasSuffix(told,
		"rests: 1 peer proved in the last day to have all of it, and it has reached 1d of seeding") {
		t.Errorf("told %q", told)
	}
	if err := b.Assign(t.Context(), engine.Assignment{Label: []string{"long"}}, hashA); err != nil {
		t.Fatal(err)
	}
	b.checkResting("with a label of other goals", false)
	b.clock.Advance(48 * time.Hour)
	b.findSite(hashA)
	b.clock.Advance(restAfter)
	b.checkResting("when that is reached", true)
	b.SetRules(Rules{})
	b.checkResting("without goals", false)
	b.setEnough(hashA, -1)
	b.SetRules(Rules{Goals: []engine.Goals{{Time: 1}}})
	b.clock.Advance(2 * restAfter)
	b.checkResting("where a person has set never", false)
}

// setUploaded sets how much was uploaded of every torrent.
func (b *fixture) setUploaded(bytes int64) {
	b.swarm.mu.Lock()
	b.swarm.others.Uploaded = bytes
	b.swarm.mu.Unlock()
}

func TestSiteWithItsSeedRatioRests(t *testing.T) {
	b := startWithRestingSite(t, func(c *Config) { c.Goals = []engine.Goals{{Ratio: 2}} })
	size := b.findSite(hashA).Size
	b.setSeeders(5, 1)
	b.setUploaded(2*size - 1)
	b.findSite(hashA)
	b.clock.Advance(2 * restAfter)
	b.checkResting("before the goal", false)
	b.setUploaded(2 * size)
	b.findSite(hashA)
	b.clock.Advance(2 * restAfter)
	b.checkResting("with the goal", true)
}

// While all sites are paused no peers are connected, so a resting site keeps its count of seeds.
func TestRestSurvivesAPauseOfAllSites(t *testing.T) {
	b := startWithRestingSite(t, func(c *Config) { c.Enough = 1 })
	b.setSeeders(-1, 1)
	b.findSite(hashA)
	b.clock.Advance(restAfter)
	b.checkResting("before", true)
	always := engine.Schedule{Name: "always", Down: engine.LimitUnchanged, Up: engine.LimitUnchanged, Paused: true}
	b.SetRules(Rules{Schedules: engine.Schedules{always}})
	b.setSeeders(-1, 0)
	b.clock.Advance(48 * time.Hour)
	b.checkResting("in the pause", true)
	b.SetRules(Rules{})
	b.checkResting("afterwards", false)
}
