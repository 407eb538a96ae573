package sites

import "testing"

// What a tick costs with a thousand sites at rest, and what a snapshot of them costs.
func BenchmarkThousandSites(b *testing.B) {
	e, _ := newEngineWithSites(b, 1000)
	b.Run("Tick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e.owner.do(func() { e.state.onTick(e.cfg.Clock.Now()) })
		}
	})
	b.Run("Snapshot", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			e.owner.do(e.state.snapshots.publish)
		}
	})
}
