package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// scripted is an engine that always has the same three sites, and records the requests that it gets.
type scripted struct {
	engine.Engine // nil: methods that are not implemented below are not called
	hub           watch.Hub
	stop          func()
	mu            sync.Mutex
	requests      []string
	titles        map[string]string
	keyed         bool // it has sites under keys
}

const (
	hexHost  = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	longHost = "xn--bcher-kva.example"
)

// now is the scripted engine's clock, which does not advance.
var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func siteList() []engine.Site {
	return []engine.Site{
		{
			Host: hexHost, Infohash: hexHost, URL: "wtp://" + hexHost + "/", LocalURL: "http://" + hexHost + ".localhost:7780/",
			Title: "日本語 <b>", State: engine.Downloading, Awaiting: "pieces",
			ExpiresAt: engine.At(now.Add(29*time.Minute + 30*time.Second)),
			Size:      13_002_342, Completed: 5_200_000, Files: 7, Peers: 8, Seeds: 2, KnownPeers: 23, DownRate: 1_250_000,
			UpRate:     12,
			Downloaded: 5_300_000, AddedAt: engine.At(now.Add(-time.Minute)), LastOpen: engine.At(now.Add(-30 * time.Second)),
		},
		{
			Labels: []string{"a", "docs"}, Host: "docs.example", Infohash: strings.Repeat("ab", 20), URL: "wtp://docs.example/",
			LocalURL: "http://docs-example.localhost:7780/",
			Title:    "Example Docs", State: engine.Seeding, Pinned: true, Size: 2048, Completed: 2048, Files: 3, Uploaded: 4096,
			AddedAt: engine.At(now.Add(-24 * time.Hour)), LastOpen: engine.At(now),
		},
		{
			Host: longHost, URL: "wtp://" + longHost + "/",
			LocalURL: "http://" + engine.OriginLabel(longHost) + ".localhost:7780/",
			State:    engine.Failed, Size: -1, ExpiresAt: engine.At(now.Add(3 * time.Hour)), AddedAt: engine.At(now),
			Error: "no such domain: check the spelling", ErrorKind: engine.NotFound,
		},
	}
}

func homeList() []engine.Home {
	return []engine.Home{
		{Name: "docs.example", URL: "https://docs.example/", Host: "docs.example", Requests: 12_345, Bytes: 1_288_490_188},
		{Name: "tips.example", URL: "https://tips.example/", Host: hexHost, Off: true},
	}
}

func (e *scripted) publish() {
	e.hub.Publish(engine.Snapshot{At: engine.At(now), Sites: e.sites(), Status: engine.Status{
		ServeURL: "http://localhost:7780/", Limits: engine.Limits{Down: 1 << 20}, LabelLimits: []engine.Limits{
			{Label: "docs", Up: 100 << 10},
		},
		Homes: homeList(), HomeTracker: engine.HomeTracker{
			URLs: []string{"wss://docs.example/announce", "udp://docs.example:6969/announce"}, Swarms: 3, Peers: 16, WebPeers: 1,
			Announces: 8211, Refused: 37,
		},
	}})
}

func (e *scripted) sites() []engine.Site {
	e.mu.Lock()
	defer e.mu.Unlock()
	sites := siteList()
	if e.keyed {
		sites = append(sites, keySites()...)
	}
	for i := range sites {
		if title, ok := e.titles[sites[i].Host]; ok {
			sites[i].Title = title
		}
	}
	return sites
}

func (e *scripted) addKeySites() {
	e.mu.Lock()
	e.keyed = true
	e.mu.Unlock()
	e.publish()
}

func (e *scripted) retitle(host, title string) {
	e.mu.Lock()
	if e.titles == nil {
		e.titles = map[string]string{}
	}
	e.titles[host] = title
	e.mu.Unlock()
	e.publish()
}

func (e *scripted) record(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests = append(e.requests, fmt.Sprintf(format, args...))
}

func (e *scripted) takeRequests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	requests := e.requests
	e.requests = nil
	return requests
}

func (e *scripted) site(host string) (engine.Site, error) {
	site, ok := findSite(engine.Snapshot{Sites: e.sites()}, host)
	if !ok {
		return site, &engine.Error{
			Op: "scripted", Host: host, Kind: engine.NotFound, Msg: "there is no such site: `wtptui ls` lists them",
		}
	}
	return site, nil
}

func (e *scripted) Detail(_ context.Context, host string) (engine.Detail, error) {
	site, err := e.site(host)
	if err != nil {
		return engine.Detail{}, err
	}
	name, _ := keyedName(host)
	return engine.Detail{
		Site: site, Domain: name, Name: "docs",
		Files: []engine.File{{Path: "index.html", URL: site.LocalURL + "index.html", Size: 2048, Completed: 2048}},
		Peers: []engine.Peer{
			{
				Address: "203.0.113.9:51413", Client: "qBittorrent 5.1", Via: engine.TCP, Done: 1, UpRate: 9300, Uploaded: 1 << 20,
				Source: "tracker", Since: engine.At(now),
			},
			{Address: "198.51.100.7:1", Via: engine.UTP, Done: 0.4, Source: "dht", Since: engine.At(now)},
		},
		Trackers: []engine.Tracker{
			{
				URL: "udp://tracker.example:1337/announce", Peers: 4, Next: engine.At(now.Add(time.Minute)),
				Warning: "we move in May",
			},
		},
		Pieces:   engine.Pieces{Length: 1 << 18, Count: 1, Runs: []engine.PieceRun{{State: engine.PieceComplete, Count: 1}}},
		Versions: versionsOf(host),
	}, nil
}

// versionsOf returns the versions of docs.example. Other sites have only the current one.
func versionsOf(host string) []engine.Version {
	if host != "docs.example" {
		return nil
	}
	before := engine.At(now.Add(-48 * time.Hour))
	return []engine.Version{
		{
			Infohash: strings.Repeat("ab", 20), State: engine.VersionCurrent, Size: 2048,
			FirstSeen: engine.At(now), LastSeen: engine.At(now), Source: "https://doh.example/",
		},
		{
			Infohash: "abac" + strings.Repeat("00", 18), State: engine.VersionKept,
			KeptUntil: engine.At(now.Add(24 * time.Hour)), Size: 1024,
			FirstSeen: before, LastSeen: before, Source: "https://doh.example/",
		},
		{
			Infohash: strings.Repeat("cd", 20), State: engine.VersionGone, Size: -1, FirstSeen: before, LastSeen: before,
			Source: "https://doh.example/",
		},
	}
}

func (e *scripted) Switch(_ context.Context, host, infohash string) error {
	e.record("switch %s to %q", host, infohash)
	return nil
}

func (e *scripted) Add(_ context.Context, req engine.AddRequest) (engine.Site, error) {
	e.record("add %s%d pin=%t", req.Address, len(req.Metainfo), req.Pin)
	if req.Metainfo != nil {
		return e.site("docs.example")
	}
	addr, err := engine.ParseAddress(req.Address)
	if err != nil {
		return engine.Site{}, err
	}
	if addr.OriginLabel != "" {
		return e.site(longHost)
	}
	return e.site(addr.Host)
}

func (e *scripted) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	e.record("%s %s", verb, strings.Join(hosts, " "))
	return engine.ForEachHost(hosts, func(host string) error {
		_, err := e.site(host)
		return err
	})
}

func (e *scripted) Bin(context.Context) ([]engine.Binned, error) {
	at := func(ago, left time.Duration) (since, until engine.Time) {
		return engine.At(now.Add(-ago)), engine.At(now.Add(left))
	}
	docs := engine.Binned{
		Host: "docs.example", URL: "wtp://docs.example/", Title: "Example Docs", Pinned: true, Removed: true, Bytes: 2048,
	}
	docs.Since, docs.Until = at(time.Minute, 23*time.Hour+59*time.Minute)
	long, old := docs, docs
	long.Host, long.Removed, long.Pinned, long.Title = longHost, false, false, ""
	old.Host = "old.example"
	old.Since, old.Until = at(23*time.Hour, time.Hour)
	return []engine.Binned{docs, long, old}, nil
}

func (e *scripted) SetLimits(_ context.Context, l engine.Limits) error {
	e.record("limits %+v", l)
	_, err := l.Check()
	return err
}

func (e *scripted) SetHome(_ context.Context, name string, on bool) error {
	e.record("home %s %t", name, on)
	_, err := engine.FindHome("scripted", name, homeList())
	return err
}

func (e *scripted) Assign(_ context.Context, a engine.Assignment, hosts ...string) error {
	e.record("assign %v %v %s", a.Label, a.Unlabel, strings.Join(hosts, " "))
	return engine.ForEachHost(hosts, func(host string) error {
		_, err := e.site(host)
		return err
	})
}

func (e *scripted) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	return e.hub.Watch(ctx)
}
