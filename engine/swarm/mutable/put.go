package mutable

import (
	"context"
	"sync"
	"sync/atomic"

	"wtptui/engine/pkarr"
)

// Put asks the nearest nodes that Run has found to store an item, also those that have it: they would drop it after
// two hours. It returns how many have agreed. All its goroutines have ended when it returns.
func (l *Lookup) Put(ctx context.Context, item pkarr.Item) int {
	var asking sync.WaitGroup
	var agreed atomic.Int64
	for _, n := range l.known.nearest() {
		if wait(ctx, l.Limiter) != nil {
			break
		}
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, queryTimeout)
			defer cancel()
			if l.Network.Put(ctx, n.Addr, n.token, item) == nil {
				agreed.Add(1)
			}
		})
	}
	asking.Wait()
	return int(agreed.Load())
}
