package metrics

import (
	"testing"
	"time"
)

func TestLiveness(t *testing.T) {
	var beats uint64
	p := liveness{beats: func() uint64 { return beats }}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		after time.Duration
		beats uint64
		want  bool
	}{
		{0, 0, true}, // It may have just started.
		{stuckAfter - 1, 0, true},
		{1, 0, false},
		{time.Second, 7, true},
		{time.Hour, 8, true}, // However rarely it is checked.
		{time.Hour, 8, false},
		{time.Second, 8, false},
		{time.Second, 9, true},
	} {
		now, beats = now.Add(step.after), step.beats
		if got := p.check(now); got != step.want {
			t.Errorf("step %d: %t, want %t", i, got, step.want)
		}
	}
}
