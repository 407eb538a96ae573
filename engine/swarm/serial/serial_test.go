package serial

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// TestQueueRunsOneAtATimeInOrder has goroutines call Run one after the other while the first function runs.
func TestQueueRunsOneAtATimeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		var wg sync.WaitGroup
		release := make(chan struct{})
		var order []int // without a lock: functions must not run at the same time
		for i := range 10 {
			wg.Go(func() {
				q.Run(func() {
					<-release
					order = append(order, i)
				})
			})
			synctest.Wait()
		}
		close(release)
		wg.Wait()
		q.Run(func() { order = append(order, 10) })
		if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}; !slices.Equal(order, want) {
			t.Errorf("the functions were run in the order %v", order)
		}
	})
}
