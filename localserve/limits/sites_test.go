package limits

import (
	"strconv"
	"testing"
)

// However many places a few sites want, one after the other, each one gets some, and the next one too.
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
