package dial

import "testing"

// BenchmarkBookPEX measures adding 10,000 addresses from PEX.
func BenchmarkBookPEX(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		book := NewBook(nil, 1)
		for i := range 50 {
			book.AddFromPeer(at(1_000_000+i).Addr(), addresses(200*i, 200), epoch)
		}
	}
}

// BenchmarkBookFull measures a call of Next on a full book.
func BenchmarkBookFull(b *testing.B) {
	book := NewBook(nil, 1)
	book.Add(Tracker, addresses(0, 1000), epoch)
	b.ReportAllocs()
	for b.Loop() {
		book.NextTime()
	}
}

// BenchmarkBookTracker measures adding 200 more addresses of a tracker that has named too many already.
func BenchmarkBookTracker(b *testing.B) {
	book := NewBook(nil, 1)
	book.Add(Tracker, addresses(0, 1000), epoch)
	for i := 0; b.Loop(); i++ {
		book.Add(Tracker, addresses(200*i%100_000, 200), epoch)
	}
}
