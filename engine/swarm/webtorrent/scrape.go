package webtorrent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/coder/websocket"

	"wtptui/engine"
)

// Limits of a scrape.
const (
	maxScrapes      = 50        // torrents of one request
	maxScrapeAnswer = 128 << 10 // bytes of the reply
	maxScrapeOther  = 20        // messages before the reply
)

// Scraped is a tracker's count for a torrent, which need not be announced there: how many peers have all of it, and
// how many are fetching it. It includes this client if it has announced the torrent.
type Scraped struct {
	Seeds, Leechers int
}

// scrapeRequest is a scrape in the style of BEP 48, as the trackers that support it expect it.
type scrapeRequest struct {
	Action   string   `json:"action"`
	InfoHash []string `json:"info_hash"`
}

type scrapeAnswer struct {
	Action  string `json:"action"`
	Failure string `json:"failure reason"`
	Files   map[string]struct {
		Complete   *float64 `json:"complete"`
		Incomplete *float64 `json:"incomplete"`
	} `json:"files"`
}

// Scrape scrapes a tracker over a connection of its own. If it returns an error, it also returns the results received
// before. Not every tracker supports it: some never reply.
func (c *Client) Scrape(ctx context.Context, t Tracker, hashes [][20]byte) (map[[20]byte]Scraped, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.ctx, cancel)()
	url, err := normalURL(t.URL)
	if err != nil {
		return nil, err
	}
	dialing, stop := context.WithTimeout(ctx, c.times.dial)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if t.Trusted && address == hostPort(url) { // but not a redirect's target, which the user has not configured
			return c.cfg.Dial(ctx, network, address)
		}
		return c.cfg.DialForeign(ctx, network, address)
	}
	conn, err := c.connect(dialing, url, limitRedirects, dial)
	stop()
	if err != nil {
		return nil, err
	}
	defer conn.CloseNow() //nolint:errcheck // Nothing is lost.
	conn.SetReadLimit(maxScrapeAnswer)
	said := make(map[[20]byte]Scraped, len(hashes))
	for some := range slices.Chunk(hashes, maxScrapes) {
		if err := c.scrape(ctx, conn, some, said); err != nil {
			return said, err
		}
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
	return said, nil
}

// scrape sends one request and reads its reply. Results for other torrents are ignored.
func (c *Client) scrape(ctx context.Context, conn *websocket.Conn, hashes [][20]byte, said map[[20]byte]Scraped) error {
	ctx, cancel := context.WithTimeout(ctx, c.times.dial)
	defer cancel()
	req := scrapeRequest{Action: "scrape"}
	for _, h := range hashes {
		req.InfoHash = append(req.InfoHash, encodeBinary(h[:]))
	}
	data, err := json.Marshal(req)
	if err != nil {
		return fmt.Errorf("webtorrent: encode message: %w", err)
	}
	if err := conn.Write(ctx, websocket.MessageText, data); err != nil {
		return fmt.Errorf("webtorrent: send: %w", err)
	}
	for range maxScrapeOther {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("webtorrent: read the answer: %w", err)
		}
		var a scrapeAnswer
		switch err := json.Unmarshal(data, &a); {
		case err != nil:
			return fmt.Errorf("webtorrent: not a tracker's message: %w", err)
		case a.Failure != "":
			return errors.New("webtorrent: the tracker says: " + engine.Clean(a.Failure))
		case a.Action == "scrape":
			a.addTo(hashes, said)
			return nil
		}
	}
	return errors.New("webtorrent: the tracker does not reply to the scrape")
}

func (a scrapeAnswer) addTo(hashes [][20]byte, said map[[20]byte]Scraped) {
	asked := make(map[[20]byte]bool, len(hashes))
	for _, h := range hashes {
		asked[h] = true
	}
	for key, f := range a.Files {
		hash, err := parseID(key)
		if seeds := count(f.Complete); err == nil && asked[hash] && seeds >= 0 {
			said[hash] = Scraped{seeds, max(0, count(f.Incomplete))}
		}
	}
}
