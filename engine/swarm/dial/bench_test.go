package dial

import "testing"

// BenchmarkBookPEX is what 10,000 addresses from PEX cost.
func BenchmarkBookPEX(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		book := NewBook(nil, 1)
		for i := range 50 {
			book.AddFromPeer(at(1_000_000+i).Addr(), several(200*i, 200), epoch)
		}
	}
}

// BenchmarkBookFull is what a full book costs each time it is asked.
func BenchmarkBookFull(b *testing.B) {
	book := NewBook(nil, 1)
	book.Add(Tracker, several(0, 1000), epoch)
	b.ReportAllocs()
	for b.Loop() {
		book.NextTime()
	}
}

// BenchmarkBookTracker is what 200 more addresses of a tracker cost that has named too many already.
func BenchmarkBookTracker(b *testing.B) {
	book := NewBook(nil, 1)
	book.Add(Tracker, several(0, 1000), epoch)
	for i := 0; b.Loop(); i++ {
		book.Add(Tracker, several(200*i%100_000, 200), epoch)
	}
}
