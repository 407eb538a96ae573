package sites

import "sync/atomic"

// beats counts how often the loop has come round. Its zero value is ready.
type tickCounter struct{ n atomic.Uint64 }

func (b *tickCounter) add() { b.n.Add(1) }

// Beats is a number that grows by about four a second for as long as the engine lives. A watcher cannot tell: it is
// given the last snapshot also by an engine that is stuck, on a lock or on a disk that does not answer.
func (e *Engine) Beats() uint64 { return e.ticks.n.Load() }
