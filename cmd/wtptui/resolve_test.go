package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// Resolve returns an answer for docs.example, and that there is no key for other domains.
func (e *scripted) Resolve(_ context.Context, domain string) (engine.Name, error) {
	at := engine.At(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	if n, ok := keyedName(domain); ok {
		return n, nil
	}
	if domain != "docs.example" {
		return engine.Name{
			Host: domain, At: at, Found: []string{"v=spf1 -all"}, ErrorKind: engine.NotFound,
			Error: domain + " has no wtpkey among its TXT records: its owner has to add  @ TXT wtpkey=<infohash>",
			Asked: []engine.Asked{
				{URL: "https://a.example/", Took: int64(12 * time.Millisecond)},
				{URL: "https://b.example/", Took: int64(5 * time.Second), Error: "no answer in 5s"},
			},
		}, nil
	}
	current, former := strings.Repeat("ab", 20), strings.Repeat("cd", 20)
	return engine.Name{
		Host: domain, Infohash: current, Source: "https://a.example/", At: at, Expires: engine.At(at.Std().Add(time.Hour)),
		DNSSEC:   true,
		Trackers: []string{"udp://t.example:1/"}, WebSeeds: []string{}, Found: []string{}, Warnings: []string{"two keys"},
		Asked: []engine.Asked{{URL: "https://a.example/", Took: int64(12 * time.Millisecond), Infohash: current}},
		Versions: []engine.Version{
			{
				Infohash: current, FirstSeen: at, LastSeen: at, Source: "https://a.example/", State: engine.VersionCurrent, Size: 5,
			},
			{
				Infohash: former, FirstSeen: at, LastSeen: at, Source: "published", State: engine.VersionKept, KeptUntil: at,
				Size: -1,
			},
		},
	}, nil
}

// Whether nobody names the infohash any more is known only if somebody has answered.
func TestReasonOfAStaleAnswer(t *testing.T) {
	for kind, want := range map[engine.Kind]string{
		engine.NotFound: "nobody names it any more", engine.Unavailable: "nobody could confirm it",
	} {
		out := new(strings.Builder)
		printName(out, engine.Name{Host: "docs.example", Infohash: strings.Repeat("ab", 20), Stale: true, ErrorKind: kind})
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s: %q, want %q", kind, out, want)
		}
	}
}
