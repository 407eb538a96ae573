package announce

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"wtptui/engine/swarm/bencode"
)

// How many torrents one request asks about: BEP 15 has room for 74, of which 60 fit into 1,280 bytes with the headers
// of IPv6 and UDP, the least that any path takes undivided; and a URL has room for about as many.
const (
	udpScrapes  = 60
	httpScrapes = 50
)

// Scraped is what a tracker says of a torrent that need not be announced there: how many have all of it, and how many
// are fetching it. This client is one of them if it has announced the torrent.
type Scraped struct {
	Seeds, Leechers int
}

// errNoScrape is the error of a tracker that cannot be asked.
var errNoScrape = errors.New("announce: this tracker cannot be scraped: its URL does not end in /announce")

// Scrape asks a tracker about torrents (BEP 48, BEP 15), in as few requests as it can. It returns what the tracker has
// said, beside the error that ended that; what a tracker does not mention, it does not know.
func (a *asker) Scrape(ctx context.Context, t Tracker, hashes [][20]byte) (map[[20]byte]Scraped, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(a.ctx, cancel)()
	u, err := url.Parse(t.URL)
	if err != nil {
		return nil, fmt.Errorf("announce: %w", err)
	}
	size, scrape := httpScrapes, func(ctx context.Context, hashes [][20]byte) (map[[20]byte]Scraped, error) {
		return a.http.scrape(ctx, a.cfg, u, t, hashes)
	}
	if u.Scheme == "udp" {
		host := &udpHost{} // One connection id is enough for all of it.
		size, scrape = udpScrapes, func(ctx context.Context, hashes [][20]byte) (map[[20]byte]Scraped, error) {
			return host.scrape(ctx, u, t.Trusted, hashes)
		}
	}
	said := make(map[[20]byte]Scraped, len(hashes))
	for some := range slices.Chunk(hashes, size) {
		more, err := a.scrapeSome(ctx, some, scrape)
		if err != nil {
			return said, err
		}
		maps.Copy(said, more)
	}
	return said, nil
}

// scrapeSome is one request, which takes as long as an announce at most.
func (a *asker) scrapeSome(
	ctx context.Context, some [][20]byte, scrape func(context.Context, [][20]byte) (map[[20]byte]Scraped, error),
) (map[[20]byte]Scraped, error) {
	limited, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	said, err := scrape(limited, some)
	if limited.Err() != nil && ctx.Err() == nil {
		err = errSilent
	}
	return said, err
}

// scrape asks in the way of BEP 48, which is at the place of announce in the last part of the path.
func (c *httpClients) scrape(
	ctx context.Context, cfg Config, u *url.URL, t Tracker, hashes [][20]byte,
) (map[[20]byte]Scraped, error) {
	slash := strings.LastIndexByte(u.Path, '/') + 1
	rest, found := strings.CutPrefix(u.Path[slash:], "announce")
	if !found {
		return nil, errNoScrape
	}
	at := *u
	at.Path, at.RawPath = u.Path[:slash]+"scrape"+rest, ""
	query := u.RawQuery
	for _, h := range hashes {
		if query != "" {
			query += "&"
		}
		// Some trackers do not read + as a blank.
		query += "info_hash=" + strings.ReplaceAll(url.QueryEscape(string(h[:])), "+", "%20")
	}
	body, status, _, err := c.get(ctx, cfg, &at, t, query)
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, fmt.Errorf("announce: HTTP %d", status)
	}
	return parseScrape(body, hashes)
}

// parseScrape reads a tracker's bencoded answer. What nobody asked about is passed over.
func parseScrape(body []byte, hashes [][20]byte) (map[[20]byte]Scraped, error) {
	d, _, ok := bencode.ParseDict(body)
	if !ok {
		return nil, errGarbled
	}
	if failure := textOf(d.Get("failure reason")); failure != "" {
		return nil, &refusal{failure, retryInOf(d.Get("retry in"))}
	}
	files, _, ok := bencode.ParseDict(d.Get("files"))
	if !ok {
		return nil, errGarbled
	}
	asked := make(map[[20]byte]bool, len(hashes))
	for _, h := range hashes {
		asked[h] = true
	}
	said := make(map[[20]byte]Scraped, len(hashes))
	for key, value := range files.All() {
		f, _, isDict := bencode.ParseDict(value)
		hash, isHash := hashOf(key)
		if !isDict || !isHash || !asked[hash] {
			continue
		}
		s := Scraped{numberOf(f.Get("complete")).count(), numberOf(f.Get("incomplete")).count()}
		if s.Seeds >= 0 {
			s.Leechers = max(0, s.Leechers)
			said[hash] = s
		}
	}
	return said, nil
}

// hashOf reads an infohash that is a key. A widespread tracker writes its bytes as UTF-8.
func hashOf(key []byte) (hash [20]byte, ok bool) {
	if len(key) == len(hash) {
		return [20]byte(key), true
	}
	n := 0
	for _, r := range string(key) {
		if r > math.MaxUint8 || n == len(hash) {
			return hash, false
		}
		hash[n] = byte(r)
		n++
	}
	return hash, n == len(hash)
}

// scrape asks the tracker at its IPv4 and its IPv6 address, each of which only knows peers of its own kind.
func (h *udpHost) scrape(
	ctx context.Context, u *url.URL, trusted bool, hashes [][20]byte,
) (map[[20]byte]Scraped, error) {
	addrs, err := resolve(ctx, u)
	if err != nil {
		return nil, err
	}
	type answer struct {
		said map[[20]byte]Scraped
		err  error
	}
	answers := make(chan answer, len(addrs))
	for _, addr := range addrs {
		go func() {
			said, err := h.scrapeAt(ctx, addr, trusted, hashes)
			answers <- answer{said, err}
		}()
	}
	var said map[[20]byte]Scraped
	for range addrs {
		one := <-answers
		switch {
		case one.err != nil:
			err = errors.Join(err, one.err)
		case said == nil:
			said = one.said
		default:
			for hash, s := range one.said {
				said[hash] = Scraped{max(s.Seeds, said[hash].Seeds), max(s.Leechers, said[hash].Leechers)}
			}
		}
	}
	if said != nil {
		return said, nil
	}
	return nil, err
}

func (h *udpHost) scrapeAt(
	ctx context.Context, addr netip.AddrPort, trusted bool, hashes [][20]byte,
) (map[[20]byte]Scraped, error) {
	body, err := h.request(ctx, addr, trusted, udpScrape, func(id uint64) []byte {
		b := binary.BigEndian.AppendUint64(nil, id)
		b = binary.BigEndian.AppendUint32(b, udpScrape)
		for _, hash := range hashes {
			b = append(b, hash[:]...)
		}
		return b
	})
	if err != nil {
		return nil, err
	}
	said := make(map[[20]byte]Scraped, len(hashes))
	for i, hash := range hashes { // Each has seeds, downloads so far and leechers.
		if len(body) < 12*(i+1) {
			break
		}
		field := func(at int) int {
			return max(0, number{int64(binary.BigEndian.Uint32(body[12*i+at:])), true}.count())
		}
		said[hash] = Scraped{field(0), field(8)}
	}
	return said, nil
}
