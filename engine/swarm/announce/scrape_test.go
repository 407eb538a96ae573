package announce

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// hashes returns so many infohashes, each a letter and its number.
func hashes(n int) [][20]byte {
	all := make([][20]byte, n)
	for i := range all {
		copy(all[i][:], fmt.Sprintf("%c%019d", 'a'+i%26, i))
	}
	return all
}

func TestScrapeOverHTTP(t *testing.T) {
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()["info_hash"]
		requests = append(requests, fmt.Sprintf("%s?%s with %d", r.URL.Path, r.URL.Query().Get("key"), len(asked)))
		fmt.Fprint(w, "d5:filesd")
		for i, hash := range asked {
			fmt.Fprintf(w, "20:%sd8:completei%de10:downloadedi9e10:incompletei2ee", hash, i)
		}
		fmt.Fprint(w, "21:nobody asked for thisd8:completei7eeee")
	}))
	defer server.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Second)
	all := hashes(httpScrapes + 3)
	said, err := a.Scrape(t.Context(), Tracker{URL: server.URL + "/x/announce.php?key=5", Trusted: true}, all)
	if err != nil || len(said) != len(all) {
		t.Fatalf("%d are told, %v", len(said), err)
	}
	for i, hash := range all {
		if want := (Scraped{i % httpScrapes, 2}); said[hash] != want {
			t.Errorf("%s: %+v, want %+v", hash, said[hash], want)
		}
	}
	if got := strings.Join(requests, ", "); got != "/x/scrape.php?5 with 50, /x/scrape.php?5 with 3" {
		t.Errorf("asked %s", got)
	}
	if _, err := a.Scrape(t.Context(), Tracker{URL: server.URL + "/x", Trusted: true}, all); err == nil ||
		len(requests) != 2 {
		t.Errorf("a tracker that cannot be asked: %v", err)
	}
}

func TestScrapeAnswers(t *testing.T) {
	latin := [20]byte{0xe9, 1: 'a', 19: 0xff}
	for i := 2; i < 19; i++ {
		latin[i] = 'b'
	}
	asked := append(hashes(2), latin)
	for name, c := range map[string]struct {
		body  string
		want  map[[20]byte]Scraped
		fails string
	}{
		"some":      {"d5:filesd20:" + string(asked[1][:]) + "d8:completei3eeee", map[[20]byte]Scraped{asked[1]: {3, 0}}, ""},
		"raw bytes": {"d5:filesd20:" + string(latin[:]) + "d8:completei3eeee", map[[20]byte]Scraped{latin: {3, 0}}, ""},
		"UTF-8": {
			"d5:filesd22:\u00e9a" + strings.Repeat("b", 17) + "\u00ffd8:completei3eeee", map[[20]byte]Scraped{latin: {3, 0}}, "",
		},
		"long":       {"d5:filesd22:" + strings.Repeat("b", 22) + "d8:completei3eeee", nil, ""},
		"no numbers": {"d5:filesd20:" + string(asked[1][:]) + "deee", nil, ""},
		"nonsense":   {"d5:filesd20:" + string(asked[1][:]) + "d8:completei-3eeee", nil, ""},
		"refusal":    {"d14:failure reason9:too oftene", nil, "the tracker says: too often"},
		"no files":   {"de", nil, "not a tracker's"},
		"a page":     {"<html>", nil, "not a tracker's"},
	} {
		t.Run(name, func(t *testing.T) {
			said, err := parseScrape([]byte(c.body), asked)
			if c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) || c.fails == "" && err != nil {
				t.Errorf("fails with %v, want %q", err, c.fails)
			}
			if len(said) != len(c.want) || len(said) > 0 && fmt.Sprint(said) != fmt.Sprint(c.want) {
				t.Errorf("says %v, want %v", said, c.want)
			}
		})
	}
}

// serveScrapes is a UDP tracker that answers scrapes: seeds are the number at the end of an infohash. It tells how many
// each request asked about, and answers only so many of them.
func serveScrapes(t *testing.T, most int, requests chan<- int) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			b := buf[:n]
			out := append([]byte(nil), b[8:16]...)
			if binary.BigEndian.Uint32(b[8:]) == udpConnect {
				out = binary.BigEndian.AppendUint64(out, 7)
			} else {
				asked := b[16:]
				requests <- len(asked) / 20
				for i := 0; i+20 <= len(asked) && i < 20*most; i += 20 {
					seeds := 0
					_, _ = fmt.Sscan(strings.TrimLeft(string(asked[i+1:i+20]), "0")+" ", &seeds)
					out = binary.BigEndian.AppendUint32(out, uint32(seeds))
					out = binary.BigEndian.AppendUint32(out, 9)
					out = binary.BigEndian.AppendUint32(out, 2)
				}
			}
			_, _ = c.WriteTo(out, from)
		}
	}()
	return c
}

func TestScrapeOverUDP(t *testing.T) {
	requests := make(chan int, 8)
	c := serveScrapes(t, 55, requests)
	defer c.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Second)
	all := hashes(udpScrapes + 2)
	said, err := a.Scrape(t.Context(), Tracker{URL: "udp://" + c.LocalAddr().String() + "/announce", Trusted: true}, all)
	if err != nil || len(said) != 57 || len(requests) != 2 {
		t.Fatalf("%d are told, %v", len(said), err)
	}
	if n := <-requests; 40+8+16+20*n > 1280 { // the headers of IPv6, of UDP and of the request
		t.Errorf("a packet that asks about %d torrents is divided on some paths", n)
	}
	if n := <-requests; n != 2 {
		t.Errorf("the second packet asks about %d torrents", n)
	}
	for hash, s := range said {
		if want := fmt.Sprintf("%019d", s.Seeds); string(hash[1:]) != want || s.Leechers != 2 {
			t.Errorf("%s: %+v", hash, s)
		}
	}
}

// TestScrapeOfSilentTracker: a tracker that does not respond delays a scrape once, and a foreign one is not on
// loopback.
func TestScrapeOfSilentTracker(t *testing.T) {
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	a := newAnnouncer(t)
	defer closeIn(a, time.Second)
	a.timeout = 50 * time.Millisecond
	url := "udp://" + c.LocalAddr().String() + "/announce"
	said, err := a.Scrape(t.Context(), Tracker{URL: url, Trusted: true}, hashes(200))
	if len(said) > 0 || err == nil || err.Error() != errNoAnswer.Error() {
		t.Errorf("%v, %v", said, err)
	}
	said, err = a.Scrape(t.Context(), Tracker{URL: url}, hashes(1))
	if len(said) > 0 || err == nil || strings.Contains(err.Error(), "no answer") {
		t.Errorf("a foreign tracker on loopback: %v, %v", said, err)
	}
}
