package swarm

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"

	"wtptui/engine/enginetest"
	"wtptui/engine/swarm/copies"
)

// censusTracker answers scrapes with the seeds and leechers of the known torrents only.
func censusTracker(t *testing.T, known map[string][2]int) (url string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/scrape" {
			fmt.Fprint(w, "d8:intervali1800e5:peers0:e")
			return
		}
		asked.Add(1)
		fmt.Fprint(w, "d5:filesd")
		for _, hash := range r.URL.Query()["info_hash"] {
			if n, is := known[hex.EncodeToString([]byte(hash))]; is {
				fmt.Fprintf(w, "20:%sd8:completei%de10:incompletei%dee", hash, n[0], n[1])
			}
		}
		fmt.Fprint(w, "ee")
	}))
	t.Cleanup(server.Close)
	return server.URL + "/announce", asked
}

func TestCountCopies(t *testing.T) {
	whole, part := newSite(t, 16<<10, 1000), newSite(t, 16<<10, 2000)
	elsewhere, unheardOf := strings.Repeat("3", 40), strings.Repeat("4", 40)
	few, _ := censusTracker(t, map[string][2]int{whole.hash: {2, 0}, elsewhere: {1, 4}})
	many, asked := censusTracker(t, map[string][2]int{whole.hash: {4, 1}, part.hash: {5, 3}, elsewhere: {3, 0}})
	foreign, foreignAsked := censusTracker(t, map[string][2]int{elsewhere: {1000, 0}})
	c := start(t, config(t, few, many, "http://127.0.0.1:1/announce", "udp://127.0.0.1:1"))
	seeded := publish(t, c, whole)
	eventually(t, "the site is seeded", func() bool { return complete(seeded) })
	add(t, c, Spec{Infohash: part.hash})
	for i := range 3 {
		seeded.(*handle).copies.PeerSighted(copies.Sighting{
			ID: [20]byte{byte(i)}, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), 1), Complete: i > 0,
		}, time.Now())
	}
	got := NewCensus(c).CountCopies(t.Context(), []CopiesQuery{
		{Infohash: whole.hash},
		{Infohash: part.hash},
		{Infohash: elsewhere, Trackers: []string{foreign}},
		{Infohash: unheardOf},
		{Infohash: "rubbish"},
		{Infohash: elsewhere},
	})
	want := []CopiesAnswer{
		{3, 1, 2}, {5, 2, 0}, {3, 4, 0}, {-1, 0, 0}, {-1, 0, 0}, {3, 4, 0},
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, got[i], want[i])
		}
	}
	if asked.Load() != 1 || foreignAsked.Load() != 0 {
		t.Errorf("asked %d times, and %d times what a stranger named on loopback", asked.Load(), foreignAsked.Load())
	}
	if got := NewCensus(c).CountCopies(t.Context(), nil); len(got) != 0 {
		t.Errorf("nothing was asked: %v", got)
	}
}

// TestCountCopiesInDHT: what no tracker knows is asked in the DHT, whose nodes tell seeds from others.
func TestCountCopiesInDHT(t *testing.T) {
	known, unheardOf := strings.Repeat("3", 40), strings.Repeat("4", 40)
	seeds, leechers := &krpc.ScrapeBloomFilter{}, &krpc.ScrapeBloomFilter{}
	for i := range 5 {
		seeds.AddIp(net.IPv4(192, 0, 2, byte(i)).To4())
	}
	leechers.AddIp(net.IPv4(192, 0, 2, 99).To4())
	cfg := config(t)
	withDHT(t, &cfg, nodeCounting(t, known, seeds, leechers))
	c := start(t, cfg)
	got := NewCensus(c).CountCopies(t.Context(), []CopiesQuery{{Infohash: known}, {Infohash: unheardOf}})
	if got[0] != (CopiesAnswer{5, 1, 0}) || got[1] != (CopiesAnswer{-1, 0, 0}) {
		t.Errorf("%+v", got)
	}
}

// nodeCounting is a node of the DHT that counts the peers of one torrent, if it is asked to.
func nodeCounting(t *testing.T, infohash string, seeds, leechers *krpc.ScrapeBloomFilter) string {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2000)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m krpc.Msg
			if bencode.Unmarshal(buf[:n], &m) != nil || m.Y != "q" {
				continue
			}
			r := &krpc.Return{ID: krpc.ID{1}}
			if m.A != nil && m.A.Scrape == 1 && hex.EncodeToString(m.A.InfoHash[:]) == infohash {
				r.BFsd, r.BFpe = seeds, leechers
			}
			_, _ = conn.WriteTo(bencode.MustMarshal(krpc.Msg{T: m.T, Y: "r", R: r}), from)
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		enginetest.Receive(t, done, "the node to end")
	})
	return conn.LocalAddr().String()
}
