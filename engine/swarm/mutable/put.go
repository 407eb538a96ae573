package mutable

import (
	"context"
	"sync"
	"sync/atomic"

	"wtptui/engine/pkarr"
)

// Put asks the nodes that Run has found nearest to keep an item, also those that have it: they would forget it after
// two hours. It returns how many have agreed. All that it has begun has ended by then.
func (l *Lookup) Put(ctx context.Context, item pkarr.Item) int {
	var asking sync.WaitGroup
	var agreed atomic.Int64
	for _, n := range l.known.nearest() {
		if wait(ctx, l.Limiter) != nil {
			break
		}
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, goneAfter)
			defer cancel()
			if l.Network.Put(ctx, n.Addr, n.token, item) == nil {
				agreed.Add(1)
			}
		})
	}
	asking.Wait()
	return int(agreed.Load())
}
