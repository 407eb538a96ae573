package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// Probe fetches the first page of a site with a client of its own that knows nothing but the infohash: over WebRTC
// alone, as browsers do, or over everything else. It uses the same trackers as this client. The fetched data is
// deleted. It ends when ctx does.
func (c *Client) Probe(ctx context.Context, infohash string, web bool) engine.ReachWay {
	known := c.cfg.Trackers
	if hash, err := parseHash("probe", infohash); err == nil {
		if h := c.torrents.get(hash); h != nil {
			known = slices.Concat(h.trackerURLs().own, known)
		}
	}
	trackers := slices.DeleteFunc(slices.Clone(known), func(u string) bool { return isWebTracker(u) != web })
	if len(trackers) == 0 && (web || !c.cfg.DHT) {
		return engine.ReachWay{Why: noTrackersMessage(web)}
	}
	dir, err := os.MkdirTemp(c.cfg.Dir, probePrefix)
	if err != nil {
		return engine.ReachWay{Why: engine.Message(dataError("probe", err))}
	}
	defer os.RemoveAll(dir)
	cfg := c.cfg
	cfg.Dir, cfg.Completion, cfg.PeerPort, cfg.Trackers = dir, &noCompletion{}, 0, trackers
	cfg.OwnTracker = nil // It is reached like any other tracker.
	cfg.LSD, cfg.UPnP, cfg.DHT = false, false, c.cfg.DHT && !web
	cfg.MaxConns, cfg.Limits, cfg.MinFree, cfg.Logger = probeConns, engine.Limits{}, 0, slog.New(slog.DiscardHandler)
	stranger, err := New(cfg)
	if err != nil {
		return engine.ReachWay{Why: engine.Message(err)}
	}
	way := probeSite(ctx, stranger, infohash, web)
	if err := stranger.Close(); err != nil {
		c.log.Warn("end a probe", "err", err)
	}
	return way
}

const (
	probePrefix = "incoming-probe-" // the prefix of temporary data: the next start deletes what a crash has left
	probeConns  = 30
	// probeInterval is how often the connected peers are counted.
	probeInterval = 100 * time.Millisecond
	// probeGiveUpTime is when a probe gives up if all trackers fail.
	probeGiveUpTime = 5 * time.Second
)

func allTrackersFail(trackers []engine.Tracker) bool {
	return !slices.ContainsFunc(trackers, func(t engine.Tracker) bool { return t.Error == "" })
}

// probeSite fetches the first page with client c.
func probeSite(ctx context.Context, c *Client, infohash string, web bool) engine.ReachWay {
	start := time.Now()
	tor, err := c.Add(Spec{Infohash: infohash})
	if err != nil {
		return engine.ReachWay{Why: engine.Message(err)}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	met := map[string]bool{}
	var status []engine.Tracker
	watching.Go(func() {
		tick := time.NewTicker(probeInterval)
		defer tick.Stop()
		for {
			for _, p := range tor.Peers() {
				met[p.Address] = true
			}
			status = tor.Trackers()
			if time.Since(start) > probeGiveUpTime && len(met) == 0 && !c.cfg.DHT && allTrackersFail(status) {
				cancel() // It cannot succeed.
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	})
	err = readFirstPage(ctx, tor)
	took, last := time.Since(start), tor.Peers()
	cancel()
	watching.Wait()
	for _, p := range last {
		met[p.Address] = true
	}
	if err == nil {
		return engine.ReachWay{OK: true, Took: int64(took), Peers: max(1, len(met))}
	}
	return engine.ReachWay{Took: int64(took), Peers: len(met), Why: probeFailure(tor, status, len(met), web, took)}
}

// readFirstPage reads index.html, or else the first file, to its end.
func readFirstPage(ctx context.Context, tor Torrent) error {
	select {
	case <-tor.Ready():
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := tor.Err(); err != nil {
		return err
	}
	files := tor.Info().Files
	if len(files) == 0 {
		return errors.New("the site has no files")
	}
	page := files[0]
	for _, f := range files {
		if len(f.Path) == 1 && f.Path[0] == "index.html" {
			page = f
		}
	}
	r, err := tor.Open(ctx, page.Index, engine.UrgencyDocument)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

func noTrackersMessage(web bool) string {
	if web {
		return "no WebTorrent tracker is configured, and browsers are met through nothing else: add a --tracker wss://…"
	}
	return "neither a tracker for torrent clients nor the DHT is configured: add a --tracker, or do without --no-dht"
}

// probeFailure returns why a probe failed, and what to do about it.
func probeFailure(tor Torrent, trackers []engine.Tracker, met int, web bool, took time.Duration) string {
	who, list := "torrent clients", "tracker"
	if web {
		who, list = "browsers", "WebTorrent tracker"
	}
	var failures []string
	answered, named := 0, 0
	for _, t := range trackers {
		switch {
		case t.Error != "":
			failures = append(failures, t.URL+" ("+t.Error+")")
		case !t.Last.IsZero() || t.Status == "working":
			answered++
			named += max(t.Peers, t.Seeds, 0)
		}
	}
	within := " within " + took.Round(time.Second).String()
	switch {
	case met > 0 && tor.Info() == nil:
		return fmt.Sprintf("%d peers were met, but none of them gave the site's list of files%s: try again", met, within)
	case met > 0:
		return fmt.Sprintf("%d peers were met, but the first page did not come%s: the upload may be too slow or limited",
			met, within)
	case answered == 0 && len(failures) > 0:
		return engine.Clean("no " + list + " answers: " + strings.Join(failures, ", ") +
			": check the network, or add another --tracker")
	case answered == 0 && len(trackers) > 0:
		return "no " + list + " has answered" + within + ": check the network, or add another --tracker"
	case web && named > 0:
		return "a " + list + " knows of the site, but no connection came about" + within + ": the router may not let " +
			who + " through: add a TURN server (--stun turn:…), or try from another network"
	case named > 0:
		return "a " + list + " knows of the site, but nobody answers at the address that it gives" + within +
			": forward the peer port in the router. Some routers only hide you from yourself: try from another network, too"
	}
	return "no " + list + " knows of the site yet: it was announced a moment ago at best, try again in a minute"
}

// noCompletion is a Completion that records nothing.
type noCompletion struct{}

func (*noCompletion) Get([20]byte, int) (complete, known bool) { return false, false }

func (*noCompletion) Set([20]byte, []int, bool) error { return nil }
