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

// How many torrents one request contains: BEP 15 allows 74, of which 60 fit into 1,280 bytes with the headers of IPv6
// and UDP, which no path fragments; a URL may contain about as many.
const (
	udpScrapes  = 60
	httpScrapes = 50
)

// Scraped is a tracker's count for a torrent, which need not be announced there: how many peers have all of it, and
// how many are fetching it. It includes this client if it has announced the torrent.
type Scraped struct {
	Seeds, Leechers int
}

// errNoScrape is the error for a tracker that cannot be scraped.
var errNoScrape = errors.New("announce: this tracker cannot be scraped: its URL does not end in /announce")

// Scrape scrapes a tracker (BEP 48, BEP 15), in as few requests as possible. If it returns an error, it also returns
// the results received before. Torrents that the tracker does not know are omitted.
func (a *requester) Scrape(ctx context.Context, t Tracker, hashes [][20]byte) (map[[20]byte]Scraped, error) {
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
		host := &udpTracker{} // One connection id is enough for all requests.
		size, scrape = udpScrapes, func(ctx context.Context, hashes [][20]byte) (map[[20]byte]Scraped, error) {
			return host.scrape(ctx, u, t.Trusted, hashes)
		}
	}
	said := make(map[[20]byte]Scraped, len(hashes))
	for some := range slices.Chunk(hashes, size) {
		more, err := a.scrapeChunk(ctx, some, scrape)
		if err != nil {
			return said, err
		}
		maps.Copy(said, more)
	}
	return said, nil
}

// scrapeChunk sends one request, with the timeout of an announce.
func (a *requester) scrapeChunk(
	ctx context.Context, some [][20]byte, scrape func(context.Context, [][20]byte) (map[[20]byte]Scraped, error),
) (map[[20]byte]Scraped, error) {
	limited, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	said, err := scrape(limited, some)
	if limited.Err() != nil && ctx.Err() == nil {
		err = errNoAnswer
	}
	return said, err
}

// scrape sends a request of BEP 48, whose URL has "scrape" in place of "announce" in the last part of the path.
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
		// Some trackers do not decode + as a space.
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

// parseScrape parses a tracker's bencoded answer. Other torrents are ignored.
func parseScrape(body []byte, hashes [][20]byte) (map[[20]byte]Scraped, error) {
	d, _, ok := bencode.ParseDict(body)
	if !ok {
		return nil, errInvalidAnswer
	}
	if failure := parseText(d.Get("failure reason")); failure != "" {
		return nil, &refusal{failure, parseRetryIn(d.Get("retry in"))}
	}
	files, _, ok := bencode.ParseDict(d.Get("files"))
	if !ok {
		return nil, errInvalidAnswer
	}
	asked := make(map[[20]byte]bool, len(hashes))
	for _, h := range hashes {
		asked[h] = true
	}
	said := make(map[[20]byte]Scraped, len(hashes))
	for key, value := range files.All() {
		f, _, isDict := bencode.ParseDict(value)
		hash, isHash := parseHashKey(key)
		if !isDict || !isHash || !asked[hash] {
			continue
		}
		s := Scraped{parseNumber(f.Get("complete")).count(), parseNumber(f.Get("incomplete")).count()}
		if s.Seeds >= 0 {
			s.Leechers = max(0, s.Leechers)
			said[hash] = s
		}
	}
	return said, nil
}

// parseHashKey parses an infohash that is a dictionary key. A widespread tracker encodes its bytes as UTF-8.
func parseHashKey(key []byte) (hash [20]byte, ok bool) {
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

// scrape scrapes the tracker at its IPv4 and its IPv6 address, each of which only knows peers of its own family.
func (h *udpTracker) scrape(
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

func (h *udpTracker) scrapeAt(
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
	for i, hash := range hashes { // Each has seeds, downloads and leechers.
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
