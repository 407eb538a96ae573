package sites

import "testing"

// BenchmarkThousandSites measures a tick with a thousand idle sites, and a snapshot of them.
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
