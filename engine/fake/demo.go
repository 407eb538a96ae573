package fake

import (
	"fmt"
	"math/rand/v2"
	"time"

	"wtptui/engine"
)

// Demo returns the sites of the screenshots: a dozen, at least one in every state, one of them resting.
func Demo() []Script {
	return append(activeDemoSites(), otherDemoSites()...)
}

// activeDemoSites returns those of Demo that have many events and requests.
func activeDemoSites() []Script {
	return []Script{
		{
			Host: "docs.example", Title: "Example Docs", Size: 13_002_342, Files: 86, ExpiresIn: 4*time.Minute + 12*time.Second,
			Peers: 8, KnownPeers: 23, Uploaded: 5_330_960, Requests: 6, PastEvents: successfulPast(26*time.Minute, 86),
		},
		{
			Host: "wiki.pub", Labels: []string{"archive", "mirror"}, Title: "Wiki mirror", Size: 220_200_960, Files: 958,
			Pinned: true, Peers: 31, KnownPeers: 90, Uploaded: 836_763_648, Versions: 4, NextPending: true, Requests: 3,
			PastEvents: []PastEvent{
				{3 * time.Hour, engine.Info, engine.Pinned, "pinned: kept and seeded for good"},
				{14 * time.Minute, engine.Warning, engine.Noticed, "tracker udp://explodie.org:6969: no answer in 15s"},
				{
					90 * time.Second, engine.Info, engine.Resolved,
					"the domain names a new version: fetching it, the old one is served meanwhile",
				},
			},
		},
		{
			Host: "9f3c41d0a8e7b25566c1d3e0f4a79b8812340fa1", State: engine.Metadata, Title: "field-notes", Peers: 1,
			KnownPeers: 4, InUse: true,
		},
		{
			Host: "blog.me", Title: "My blog", Size: 3_250_585, Files: 41, Pinned: true, Mine: true, Folder: "/home/me/blog",
			LeftOut: []string{"drafts"}, Peers: 2, KnownPeers: 2, Uploaded: 39_332_078, Versions: 3, Requests: 4,
			PastEvents: []PastEvent{
				{25 * time.Hour, engine.Info, engine.Added, "published"},
				{2 * time.Minute, engine.Info, engine.Noticed, "a browser could load it: first page after 1.3 s"},
			},
		},
		{
			Host: "old.site", Title: "The old site", Size: 46_137_344, Files: 120, State: engine.Downloading, Done: 0.12,
			Unseeded: true, ExpiresIn: 11*time.Minute + 40*time.Second, Requests: 3, MissingParts: 2, PastEvents: []PastEvent{
				{19 * time.Minute, engine.Info, engine.Described, "120 files, 44.0 MB"},
				{3 * time.Minute, engine.Warning, engine.Noticed, "the last peer has left: 88% are missing"},
			},
		},
		{
			Host: "tomjwatson.com", Title: "Tom J Watson", Size: 2_411_724, Files: 34, Pinned: true, LastCopy: true,
			Peers: 12, KnownPeers: 31, Uploaded: 9_646_896, Versions: 2, Flags: engine.Flags{NoClearnet: true},
			Requests: 5, PastEvents: successfulPast(50*time.Hour, 34),
			DomainKey: demoKey("tom").Host, NextKey: demoKey("tom again").Host, SignedAgo: 20 * 24 * time.Hour,
			PutAgo: 31 * time.Minute,
		},
		{
			Host: "radio.example.org", Labels: []string{"mirror"}, Title: "Night Radio: the archive of every show since 2011",
			Size: 1_288_490_188, Files: 412, State: engine.Downloading, Done: 0.37, Peers: 19, KnownPeers: 54,
			ExpiresIn: 28 * time.Minute, Requests: 12, PastEvents: []PastEvent{
				{9 * time.Minute, engine.Info, engine.Added, "added"},
				{9*time.Minute - 2*time.Second, engine.Info, engine.Resolved, "resolved to " + inventInfohash("radio.example.org")},
				{9*time.Minute - 5*time.Second, engine.Info, engine.Described, "412 files, 1.2 GB"},
				{
					4 * time.Minute, engine.Warning, engine.Noticed,
					"203.0.113.66:6881 sent a piece that does not match its hash: banned for an hour",
				},
			},
		},
	}
}

// otherDemoSites returns the rest of Demo.
func otherDemoSites() []Script {
	return []Script{
		{
			Host: "951ead31d09e4049fc1f21f137e233dd0589fcbd", Title: "vim tips", Size: 912_384, Files: 9, Pinned: true,
			ExpiresIn: -5 * time.Hour, Peers: 3, KnownPeers: 9, Enough: 3, Resting: true, Uploaded: 1_201_111,
			PastEvents: append(successfulPast(74*time.Hour, 9),
				PastEvent{71 * time.Hour, engine.Info, engine.Pinned, "pinned: kept and seeded for good"},
				PastEvent{4 * time.Hour, engine.Info, engine.Noticed, "rests: 4 peers proved in the last day to have all of it"},
			),
		},
		{
			Host: "maps.example.net", Title: "Offline maps of the Alps", Size: 6_871_947_673, Files: 2210, State: engine.Failed,
			ErrorKind: engine.TooLarge, Error: "6.4 GB is over the limit of 2.0 GB: allow it, or raise --max-site-size",
			ExpiresIn: 22 * time.Minute,
		},
		{
			Host: "nowhere.example", State: engine.Failed, ErrorKind: engine.NotFound,
			Error: "no TXT record names a site: check the spelling, or ask its owner", ExpiresIn: 9 * time.Minute,
		},
		{
			Host: "comics.example", Labels: []string{"archive"}, Title: "漫画の棚 – a shelf of comics", Size: 88_080_384, Files: 64,
			State: engine.Paused, ExpiresIn: 21 * time.Minute, Uploaded: 20_000_000,
		},
		{
			Host: demoKey("notebook").Host, Title: "A field notebook", Size: 4_812_551, Files: 57, Pinned: true, Peers: 5,
			KnownPeers: 14, Uploaded: 12_022_310, Versions: 2, Requests: 2, PastEvents: successfulPast(76*time.Hour, 57),
			SignedAgo: 3 * 24 * time.Hour, PutAgo: 8 * time.Minute,
		},
		{
			Host: demoKey("blog").Host, Title: "Letters home", Size: 1_950_117, Files: 22, Pinned: true, Mine: true,
			Folder: "/home/me/letters", Peers: 3, KnownPeers: 6, Uploaded: 7_800_468, Key: "blog", SignedAgo: 27 * time.Hour,
			PutAgo: 8 * time.Minute,
		},
		{
			Host: "news.example", Title: "The Daily Example", Size: 8_598_323, Files: 73, Peers: 6, KnownPeers: 18,
			ExpiresIn: 24*time.Minute + 31*time.Second, InUse: true, Uploaded: 950_000, Versions: 3, Requests: 20,
			PastEvents: successfulPast(6*time.Minute, 73),
		},
	}
}

// DemoHomes returns the homes of the sites of Demo: the person's own site is public on its own domain.
func DemoHomes() []engine.Home {
	return []engine.Home{{
		Name: "blog.me", URL: "https://blog.me/", Host: "blog.me", Requests: 12_345, Bytes: 1_288_490_188,
		Uploaded: 421_527_552,
	}}
}

// DemoHomeTracker returns the tracker of DemoHomes.
func DemoHomeTracker() engine.HomeTracker {
	return engine.HomeTracker{
		URLs:   []string{"wss://blog.me/announce", "udp://blog.me:6969/announce", "https://blog.me/announce"},
		Swarms: 3, Peers: 16, WebPeers: 4, Sockets: 5, Announces: 8_211, Refused: 37,
	}
}

// successfulPast returns the events of a site that was added that long ago and then fetched.
func successfulPast(ago time.Duration, files int) []PastEvent {
	return []PastEvent{
		{ago, engine.Info, engine.Added, "added"},
		{ago - 3*time.Second, engine.Info, engine.Described, fmt.Sprintf("%d files", files)},
		{ago - 9*time.Second, engine.Info, engine.Completed, "complete: seeding"},
	}
}

// ManySites returns n different sites, most of them seeding, for tests of scale.
func ManySites(n int) []Script {
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	out := make([]Script, n)
	for i := range out {
		sc := Script{
			Host: fmt.Sprintf("site-%05d.example", i), Title: fmt.Sprintf("Site number %d", i), Files: 10,
			Size: 100_000 + rng.Int64N(90_000_000), ExpiresIn: time.Duration(1+rng.IntN(1800)) * time.Second,
			KnownPeers: rng.IntN(40), Uploaded: rng.Int64N(1 << 28), LastCopy: i%41 == 0,
		}
		switch i % 10 {
		case 0, 1, 2:
			sc.Pinned = true
		case 3:
			sc.State, sc.Done = engine.Downloading, rng.Float64()
		case 4:
			sc.Pinned, sc.Mine = true, true
		case 5:
			sc.Host = inventInfohash(sc.Host)
		}
		out[i] = sc
	}
	return out
}
