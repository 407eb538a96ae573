package limits

import (
	"strconv"
	"testing"
)

// TestSiteLimiterShares promises that each of several sites gets slots, however many the others request.
func TestSiteLimiterShares(t *testing.T) {
	p := NewSiteLimiter(512)
	want := []int{256, 128, 64, 1, 1}
	for i := range 40 {
		label, got := strconv.Itoa(i), 0
		for p.Acquire(label) {
			got++
		}
		if got == 0 || i < len(want) && got != want[i] {
			t.Errorf("site %d got %d places", i, got)
		}
	}
	for i, n := range want {
		for range n {
			p.Release(strconv.Itoa(i))
		}
	}
	if got := p.InUse(); got != 35 {
		t.Errorf("%d places are in use, want 35", got)
	}
}
