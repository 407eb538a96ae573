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

// Bounds of a scrape.
const (
	maxScrapes      = 50        // torrents of one request
	maxScrapeAnswer = 128 << 10 // bytes of the answer
	maxScrapeOther  = 20        // messages before the answer
)

// Scraped is what a tracker says of a torrent that need not be announced there: how many have all of it, and how many
// are fetching it. This client is one of them if it has announced the torrent.
type Scraped struct {
	Seeds, Leechers int
}

// scrapeRequest asks about torrents, which the trackers that can be asked know from BEP 48.
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

// Scrape asks a tracker about torrents, over a connection of its own. It returns what the tracker has said, beside the
// error that ended that. Not every tracker can be asked: some say nothing.
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
		if t.Trusted && address == hostPort(url) { // and not where it redirects to, which nobody has configured
			return c.cfg.Dial(ctx, network, address)
		}
		return c.cfg.DialForeign(ctx, network, address)
	}
	conn, err := c.connect(dialing, url, fewRedirects, dial)
	stop()
	if err != nil {
		return nil, err
	}
	defer conn.CloseNow() //nolint:errcheck // There is nothing to be lost.
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

// scrape is one request. What nobody asked about is passed over.
func (c *Client) scrape(ctx context.Context, conn *websocket.Conn, hashes [][20]byte, said map[[20]byte]Scraped) error {
	ctx, cancel := context.WithTimeout(ctx, c.times.dial)
	defer cancel()
	req := scrapeRequest{Action: "scrape"}
	for _, h := range hashes {
		req.InfoHash = append(req.InfoHash, binary(h[:]))
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
			a.take(hashes, said)
			return nil
		}
	}
	return errors.New("webtorrent: the tracker talks of something else")
}

func (a scrapeAnswer) take(hashes [][20]byte, said map[[20]byte]Scraped) {
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
