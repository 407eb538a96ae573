package swarm

import (
	"fmt"
	"testing"
)

// What Status.Trackers costs with a thousand sites and eight trackers, every few seconds.
func BenchmarkTrackersOfAThousand(b *testing.B) {
	c := start(b, config(b))
	var trackers []string
	for i := range 8 {
		// refused without a packet: it is foreign
		trackers = append(trackers, fmt.Sprintf("udp://127.0.0.1:%d/announce", i+1))
	}
	for i := range 1000 {
		add(b, c, Spec{Infohash: fmt.Sprintf("%040x", i+1), Trackers: trackers})
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(c.Trackers()); n != len(trackers) {
			b.Fatalf("%d trackers", n)
		}
	}
}
