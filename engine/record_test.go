package engine_test

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

func TestRecordIsAvailable(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	recent, old := engine.At(now.Add(-time.Hour)), engine.At(now.Add(-2*time.Hour))
	for name, tc := range map[string]struct {
		record  engine.Record
		holders int
		kept    bool
	}{
		"unknown":           {engine.Record{}, 0, false},
		"found":             {engine.Record{ReadAt: recent, Nearest: 8, Found: 4}, 4, true},
		"found on few":      {engine.Record{ReadAt: recent, Nearest: 8, Found: 3}, 3, false},
		"found long ago":    {engine.Record{ReadAt: old, Nearest: 8, Found: 8}, 0, false},
		"put":               {engine.Record{ReadAt: recent, Nearest: 8, PutAt: recent, Nodes: 12}, 12, true},
		"put long ago":      {engine.Record{ReadAt: recent, Nearest: 8, Found: 1, PutAt: old, Nodes: 8, Relays: 1}, 1, false},
		"put at relays":     {engine.Record{PutAt: recent, Relays: 1}, 0, true},
		"in a small net":    {engine.Record{ReadAt: recent, Nearest: 3, Found: 2}, 2, true},
		"in a net of one":   {engine.Record{ReadAt: recent, Nearest: 1, Found: 1}, 1, true},
		"lost by all there": {engine.Record{ReadAt: recent, Nearest: 1}, 0, false},
	} {
		if holders, kept := tc.record.HolderCount(now), tc.record.IsAvailable(now); holders != tc.holders || kept != tc.kept {
			t.Errorf("%s: %d nodes, %t, want %d, %t", name, holders, kept, tc.holders, tc.kept)
		}
	}
}

func TestSiteRepublishesRecord(t *testing.T) {
	key := engine.PublicKey{}.Host()
	for name, tc := range map[string]struct {
		site       engine.Site
		has, keeps bool
	}{
		"key":    {engine.Site{Host: key, State: engine.Seeding}, true, true},
		"paused": {engine.Site{Host: key, State: engine.Paused}, true, false},
		"held":   {engine.Site{Host: key, State: engine.Seeding, Held: true}, true, false},
		"domain": {engine.Site{Host: "a.example", State: engine.Seeding}, false, false},
		"domain with a key": {
			engine.Site{Host: "a.example", Record: engine.Record{Infohash: strings.Repeat("a", 40)}}, true, true,
		},
	} {
		if has, keeps := tc.site.HasKey(), tc.site.RepublishesRecord(); has != tc.has || keeps != tc.keeps {
			t.Errorf("%s: %t, %t, want %t, %t", name, has, keeps, tc.has, tc.keeps)
		}
	}
}
