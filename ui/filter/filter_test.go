package filter

import (
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

var now = time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)

func sampleSite() *engine.Site {
	return &engine.Site{
		Host: "docs.example", Infohash: "951ead31d09e4049fc1f21f137e233dd0589fcbd", Title: "Example Docs",
		State: engine.Downloading,
		Size:  10 << 20, Completed: 5 << 20, Peers: 4, Seeds: 2, WebPeers: 1, KnownPeers: 9, Files: 30, DownRate: 2048,
		Uploaded:  20 << 20,
		ExpiresAt: engine.At(now.Add(4 * time.Minute)), Error: "disk is full",
		Copies: 1, WebCopies: -1, Pinned: false, Labels: []string{"archive", "docs"}, Resting: true,
	}
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "   ": true, "DOCS": true, "docs wiki": false, "docs exam": true, `"example docs"`: true,
		`"docs example"`: false, `"docs`: true,
		"951ead": true, "!wiki": true, "!docs": false, "!": true, "wtp://docs.example/page?x": true, "wtp://wiki.pub": false,
		"host:docs": true, "title:docs": true, "title:wiki": false, "!title:wiki": true, "error:FULL": true,
		"hash:ff0": false, "hash:9f": true, "host:": true,
		"state:load": true, "state:d": true, "state:downloading": true, "state:cache": false, "state:found": false,
		"state:disk": false, "!state:error": true, "state:": true,
		"is:cached": true, "is:pinned": false, "!is:pinned": true, "is:moving": true, "is:mine": false, "is:": true,
		"is:pin":  true,
		"peers>3": true, "peers>4": false, "peers>=4": true, "peers<4": false, "peers<=4": true, "peers=4": true,
		"!peers=4": false,
		"size>1MB": true, "size<10MiB": false, "size=10m": true, "down>1k": true, "up>0": false, "down<=2KB/s": true,
		"done<100%": true, "done=50": true,
		"ratio>1.9": true, "left<5": true, "left<3m": false, "left>1h30m": false, "seeds=2": true, "web=1": true,
		"known>8": true, "files>=30": true,
		"PEERS>3 State:Load !wiki": true,
		"copies<2":                 true, "copies=0": false, "copies:unknown": false, "!copies:unknown": true,
		"copies:un": true, "webcopies>=0": false, "webcopies<9": false,
		"label:arch": true, "label:ARCHIVE": true, "label:pub": false, "label=archive": true, "label=arch": false,
		"!label:docs": false, "label:": true, "label=": true,
		"is:resting": true, "is:endangered": false, "is:last": false,
		// What is wrong or half typed does not hide anything.
		"peers>": true, "peers>many": true, "colour:red": true, "colour>3": true, "state:zzz": true, "is:blue": true,
		"peers> wiki": false,
	} {
		if got := Parse(text).Match(sampleSite(), now); got != want {
			t.Errorf("%q matches: %v", text, got)
		}
	}
}

// A found site is neither pinned nor in the cache, and has a state of its own under both of its words.
func TestFoundSites(t *testing.T) {
	found := &engine.Site{Host: "x.example", State: engine.Found}
	for text, want := range map[string]bool{
		"state:found": true, "state:disk": true, "state:fo": true,
		"state:find": false, "is:cached": false, "is:pinned": false,
	} {
		f := Parse(text)
		if got := f.Match(found, now); got != want || f.Problem != "" {
			t.Errorf("%q matches: %v, wrong %q", text, got, f.Problem)
		}
	}
}

// A site that rests is found by the table's word and by the whole one; to `ls --json` it is one that seeds.
func TestRestingSites(t *testing.T) {
	for text, want := range map[string][2]bool{ // for one that rests, and for one that does not
		"state:rest": {true, false}, "state:RESTING": {true, false}, "state:re": {true, false},
		"state:seeding": {true, true}, "state:pin": {false, true},
	} {
		for i, rests := range []bool{true, false} {
			f := Parse(text)
			s := &engine.Site{Host: "x.example", State: engine.Seeding, Pinned: true, Resting: rests}
			if got := f.Match(s, now); got != want[i] || f.Problem != "" {
				t.Errorf("%q matches one that rests (%v): %v, wrong %q", text, rests, got, f.Problem)
			}
		}
	}
}

func TestNumbersThatAreNotThere(t *testing.T) {
	s := &engine.Site{Host: "x.example", Size: -1, Pinned: true}
	for _, text := range []string{"size<1", "size>0", "ratio<1", "ratio>=0", "left>0", "left<10", "files<5"} {
		if Parse(text).Match(s, now) {
			t.Errorf("%q picks a site that has no such number", text)
		}
	}
}

func TestWrongIsToldWithAnExample(t *testing.T) {
	for text, want := range map[string]string{
		"peers>": "peers>3", "size>": "size>10MB", "left<soon": "left<5m", "colour:red": "host:", "colour>3": "peers",
		"copies:some": "copies<2", "copies<": "copies<2", "copies:u": "", "label:": "", "label:x": "", "state:zzz": "load",
		"is:blue": "pinned",
		"docs":    "", "peers>3": "", "!": "", "is:pi": "", "host:": "", `"`: "",
	} {
		got := Parse(text).Problem
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"docs", `!"a b" peers>3`, "state:load is:", "size>1..2MB", "a:b:c", "<>=", "!!x", "\x00\"",
		"wtp://é",
	} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, text string) { Parse(text).Match(sampleSite(), now) })
}
