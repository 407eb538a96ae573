package mirror

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"wtptui/engine/swarm/wire"
)

// BenchmarkDownload fetches a large file over loopback, with as many outstanding requests as a peer accepts that
// announces no limit.
func BenchmarkDownload(b *testing.B) {
	const size, window = 64 << 20, 250
	s := newSite().add("a", size)
	server := httptest.NewServer(s)
	defer server.Close()
	tr := &http.Transport{MaxIdleConnsPerHost: maxFetches}
	defer tr.CloseIdleConnections()
	all := s.all()
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		c := New(Config{URL: server.URL, Name: "site", Dir: true, Files: s.files, Transport: tr})
		c.Start(wire.Options{})
		c.SetLayout(s.layout())
		asked, got := 0, 0
		for got < len(all) {
			if asked-got <= window/2 {
				var more []wire.Message
				for ; asked < len(all) && asked-got < window; asked++ {
					more = append(more, wire.Message{Type: wire.Request, Block: all[asked]})
				}
				c.Send(more...)
			}
			m, err := c.Read()
			if err != nil || m.Type == wire.Reject {
				b.Fatal(m, err)
			}
			if m.Type == wire.Piece {
				got++
				wire.Free(m.Data)
			}
		}
		c.Close()
		c.Wait()
	}
}
