package overview

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/theme"
)

// The page shows when the site rests, whether it does, and why, and which key changes that.
func TestEnoughText(t *testing.T) {
	th := theme.None()
	whole := engine.Site{Host: "a.example", State: engine.Seeding, Size: 10, Completed: 10, Copies: 1}
	with := func(change func(*engine.Site)) engine.Site { s := whole; change(&s); return s }
	for _, tc := range []struct {
		site     engine.Site
		standard int
		want     string
	}{
		{whole, 0, "never rests, as for all sites. K changes it"},
		{whole, 5, "seeds while fewer than 5 others do, as for all sites. K changes it"},
		{with(func(s *engine.Site) { s.Enough = -1 }), 5, "never rests, as set for this site. K changes it"},
		{with(func(s *engine.Site) { s.Enough = 3 }), 0, "seeds while fewer than 3 others do. K changes it"},
		{
			with(func(s *engine.Site) { s.Enough = 1 }), 0, "rests once 1 other has been seeding it for a while. K changes it",
		},
		{with(func(s *engine.Site) { s.Enough, s.Completed = 1, 5 }), 0, "seeds while fewer than 1 other does. K changes it"},
		{
			with(func(s *engine.Site) { s.Enough, s.Copies, s.Resting = 3, 4, true }), 0,
			"rests: 4 others seed it, and 3 are enough. K changes it",
		},
		{
			with(func(s *engine.Site) { s.Copies, s.Resting = -1, true }), 2,
			"rests: 2 others seed it, and 2 are enough, as for all sites. K changes it",
		},
		{with(func(s *engine.Site) { s.Mine, s.Enough = true, 3 }), 5, "never rests: it was published here"},
	} {
		p := New(&th, nil)
		p.SetEnough(tc.standard)
		p.Set(engine.Detail{Site: tc.site}, time.Unix(1e9, 0))
		if line := findRow(p, "Enough"); line != tc.want {
			t.Errorf("%+v: %q, want %q", tc.site, line, tc.want)
		}
	}
}

// For a site with a goal the page shows the goal and how far it is reached.
func TestGoalText(t *testing.T) {
	th := theme.None()
	now := time.Unix(1e9, 0)
	whole := engine.Site{
		Host: "a.example", State: engine.Seeding, Size: 1000, Completed: 1000, Uploaded: 1500, Copies: 1,
		CompleteAt: engine.At(now.Add(-72 * time.Hour)),
	}
	with := func(change func(*engine.Site)) engine.Site { s := whole; change(&s); return s }
	all := []engine.Goals{{Ratio: 2, Time: 7 * 86400}, {Label: "short", Time: 86400}}
	for _, tc := range []struct {
		site  engine.Site
		goals []engine.Goals
		want  string
	}{
		{whole, nil, ""},
		{whole, all, "ratio 2 or 7d. So far 1.50 and 3d"},
		{
			with(func(s *engine.Site) { s.Uploaded = 2000 }), all,
			"the ratio of 2 is reached: it rests while another one seeds it",
		},
		{
			with(func(s *engine.Site) { s.Labels = []string{"short"} }), all,
			"1d of seeding is reached: it rests while another one seeds it",
		},
		{with(func(s *engine.Site) { s.CompleteAt = engine.Time{} }), all, "ratio 2 or 7d, once all of it is here"},
		{with(func(s *engine.Site) { s.Mine = true }), all, ""},
		{with(func(s *engine.Site) { s.Enough = -1 }), all, ""},
	} {
		p := New(&th, nil)
		p.SetGoals(tc.goals)
		p.Set(engine.Detail{Site: tc.site}, now)
		if line := findRow(p, "Goal"); line != tc.want {
			t.Errorf("%+v: %q, want %q", tc.site, line, tc.want)
		}
	}
}

// findRow returns the text in the row of a name; empty if there is none.
func findRow(p *Pane, name string) string {
	for l := range strings.SplitSeq(ansi.Strip(p.View(110, 60)), "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(l), name); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}
