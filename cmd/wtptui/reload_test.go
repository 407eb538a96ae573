package main

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

// Only changed limits of labels are applied: a table without changed limits leaves alone those that were set by hand.
func TestOnlyChangedLabelLimitsAreSet(t *testing.T) {
	a, b := engine.Limits{Label: "a", Up: 5}, engine.Limits{Label: "b", Down: 7}
	for name, tc := range map[string]struct{ was, now, want []engine.Limits }{
		"nothing is new":    {[]engine.Limits{a, b}, []engine.Limits{b, a}, nil},
		"one is":            {[]engine.Limits{a}, []engine.Limits{a, b}, []engine.Limits{b}},
		"one is other":      {[]engine.Limits{a}, []engine.Limits{{Label: "a", Up: 6}}, []engine.Limits{{Label: "a", Up: 6}}},
		"one has gone":      {[]engine.Limits{a, b}, []engine.Limits{b}, []engine.Limits{{Label: "a"}}},
		"only goals":        {nil, []engine.Limits{{Label: "c"}}, nil},
		"goals have gone":   {[]engine.Limits{{Label: "c"}}, nil, nil},
		"limits, not goals": {[]engine.Limits{{Label: "a"}}, []engine.Limits{a}, []engine.Limits{a}},
	} {
		var got []engine.Limits
		set := func(_ context.Context, l engine.Limits) error { got = append(got, l); return nil }
		if err := setLabelLimits(t.Context(), set, tc.was, tc.now); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
