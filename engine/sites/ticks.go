package sites

import "sync/atomic"

// tickCounter counts ticks. Its zero value is ready.
type tickCounter struct{ n atomic.Uint64 }

func (b *tickCounter) add() { b.n.Add(1) }

// Beats returns a number that grows by about four a second for as long as the engine is alive. A watcher cannot tell,
// since it gets the last snapshot even if the engine is stuck on a disk that does not answer.
func (e *Engine) Beats() uint64 { return e.ticks.n.Load() }
