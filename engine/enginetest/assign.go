package enginetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"wtptui/engine"
)

func assign(t *testing.T, h Harness, a engine.Assignment, hosts ...string) {
	t.Helper()
	if err := h.Engine.Assign(t.Context(), a, hosts...); err != nil {
		t.Fatalf("assign %+v to %v: %v", a, hosts, err)
	}
}

// waitForLabels waits until each of the hosts has exactly these labels.
func waitForLabels(t *testing.T, h Harness, labels []string, hosts ...string) {
	t.Helper()
	for _, host := range hosts {
		waitForSite(t, h, host, fmt.Sprintf("%v", labels), func(s engine.Site) bool {
			return s.Labels != nil && slices.Equal(s.Labels, labels)
		})
	}
}

func labelsAreAddedAndRemoved(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	waitForLabels(t, h, nil, hosts...)
	assign(t, h, engine.Assignment{Label: []string{"Mirror", " docs"}}, hosts[:2]...)
	waitForLabels(t, h, []string{"docs", "mirror"}, hosts[:2]...)
	waitForLabels(t, h, nil, hosts[2])
	assign(t, h, engine.Assignment{Label: []string{"a"}, Unlabel: []string{"docs", "MIRROR"}}, hosts[1:]...)
	waitForLabels(t, h, []string{"docs", "mirror"}, hosts[0])
	waitForLabels(t, h, []string{"a"}, hosts[1:]...)
	d, err := h.Engine.Detail(t.Context(), hosts[0])
	if err != nil || !slices.Equal(d.Site.Labels, []string{"docs", "mirror"}) {
		t.Fatalf("the detail has %v, %v", d.Site.Labels, err)
	}
	assign(t, h, engine.Assignment{Unlabel: []string{"docs", "mirror"}}, hosts[0])
	waitForLabels(t, h, nil, hosts[0])
}

func labelsSurviveTheBin(t *testing.T, h Harness) {
	add(t, h, h.Unseeded)
	assign(t, h, engine.Assignment{Label: []string{"docs"}, SetEnough: true, Enough: 7}, h.Unseeded)
	for _, verb := range []engine.Verb{engine.Evict, engine.Remove} {
		do(t, h, verb, h.Unseeded)
		waitUntilGone(t, h, h.Unseeded)
		wantKind(t, h.Engine.Assign(t.Context(), engine.Assignment{Label: []string{"x"}}, h.Unseeded), engine.NotFound)
		do(t, h, engine.Undo, h.Unseeded)
		waitForLabels(t, h, []string{"docs"}, h.Unseeded)
		waitForSite(t, h, h.Unseeded, "enough", func(s engine.Site) bool { return s.Enough == 7 })
	}
}

func assignRefuses(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	labels := make([]string, engine.MaxLabels)
	for i := range labels {
		labels[i] = fmt.Sprintf("l%02d", i)
	}
	assign(t, h, engine.Assignment{Label: labels}, hosts[0])
	one := engine.Assignment{Label: []string{"one"}}
	wantFailures(t, h.Engine.Assign(t.Context(), one, hosts[0], hosts[1]), 2, engine.Invalid, hosts[0])
	wantFailures(t, h.Engine.Assign(t.Context(), one, h.Unseeded, hosts[2]), 2, engine.NotFound, h.Unseeded)
	waitForLabels(t, h, labels, hosts[0])
	waitForLabels(t, h, []string{"one"}, hosts[1:]...)
	for _, wrong := range []engine.Assignment{
		{Label: []string{"a b"}},
		{Unlabel: []string{""}},
		{SetEnough: true, Enough: -2},
	} {
		wantKind(t, h.Engine.Assign(t.Context(), wrong, hosts...), engine.Invalid)
	}
}

func enoughIsStored(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	for _, n := range []int{3, -1, 0} {
		assign(t, h, engine.Assignment{SetEnough: true, Enough: n}, hosts[:2]...)
		for _, host := range hosts[:2] {
			waitForSite(t, h, host, "enough", func(s engine.Site) bool { return s.Enough == n })
		}
		assign(t, h, engine.Assignment{Enough: 5}, hosts...)
		waitForSite(t, h, hosts[0], "enough", func(s engine.Site) bool { return s.Enough == n })
	}
}

func limitsOfLabelsShow(t *testing.T, h Harness) {
	all := engine.Limits{Down: 1000, Up: 500}
	b, a := engine.Limits{Label: "b", Up: 7}, engine.Limits{Label: "a", Down: 5}
	for _, l := range []engine.Limits{all, b, {Label: " A ", Down: 5}} {
		if err := h.Engine.SetLimits(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	waitForSnapshot(t, h, "the limits", func(s engine.Snapshot) bool {
		return s.Status.Limits == all && slices.Equal(s.Status.LabelLimits, []engine.Limits{a, b})
	})
	if err := h.Engine.SetLimits(t.Context(), engine.Limits{Label: "a"}); err != nil {
		t.Fatal(err)
	}
	waitForSnapshot(t, h, "one label's limits", func(s engine.Snapshot) bool {
		return s.Status.Limits == all && slices.Equal(s.Status.LabelLimits, []engine.Limits{b})
	})
	wantKind(t, h.Engine.SetLimits(t.Context(), engine.Limits{Label: "b", Up: -1}), engine.Invalid)
	wantKind(t, h.Engine.SetLimits(t.Context(), engine.Limits{Label: "two words", Up: 1}), engine.Invalid)
}

func assignEndsWithItsContext(t *testing.T, h Harness) {
	hosts := addThree(t, h)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.Engine.Assign(ctx, engine.Assignment{Label: []string{"x"}}, hosts...); err == nil {
		t.Fatal("it was done for somebody who had left")
	}
	assign(t, h, engine.Assignment{Label: []string{"y"}}, hosts...)
	waitForLabels(t, h, []string{"y"}, hosts...)
	assign(t, h, engine.Assignment{Label: []string{"z"}}) // without hosts it does nothing
}
