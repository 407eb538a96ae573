package sites

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"wtptui/engine"
)

// A browser gets what it needs of a home's site, with its trackers, and nothing of other sites.
func TestHomeTellsBrowsersItsSwarm(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA, "b.example="+hashB), withTracker(newHomeTracker()))
	b.swarm.trackers = []engine.Tracker{
		{URL: "https://private.example/key/announce"}, {URL: "wss://other.example/"}, {URL: "wss://a.example/announce"},
	}
	if s, ok := b.Homes().Swarm("b.example"); s != nil || !ok {
		t.Errorf("before the list of files is here: %v %v", s, ok)
	}
	b.swarm.seed(hashA, 2)
	b.waitFor(hashA, "whole", isSeeding)
	first, ok := b.Homes().Swarm("a.example")
	if !ok || first == nil {
		t.Fatalf("a site that is here: %v %v", first, ok)
	}
	want := &HomeSwarm{Infohash: hashA, Title: first.Title, Trackers: []string{
		"wss://a.example/announce", "udp://a.example:6969/announce", "https://a.example/announce", "wss://other.example/",
	}}
	if diff := cmp.Diff(want, first, cmpopts.IgnoreFields(HomeSwarm{}, "Metainfo"),
		cmpopts.IgnoreUnexported(HomeSwarm{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, has := range map[string]bool{
		"24:wss://a.example/announce": true, "wss://other.example/": true,
		"private": false, "4:info": true,
	} {
		if strings.Contains(string(first.Metainfo), text) != has {
			t.Errorf("the metainfo has %q: %v; it is %q", text, !has, first.Metainfo)
		}
	}
	if again, _ := b.Homes().Swarm("a.example"); &again.Metainfo[0] != &first.Metainfo[0] {
		t.Errorf("asked again, it is made again: %+v", again)
	}
	b.doVerb(engine.NoClearnet, hashA)
	if s, ok := b.Homes().Swarm("a.example"); s != nil || ok {
		t.Errorf("of pages that may ask no other server: %v %v", s, ok)
	}
	b.doVerb(engine.Clearnet, hashA)
	b.swarm.trackers = nil
	b.clock.Advance(2 * time.Minute)
	if later, _ := b.Homes().Swarm("a.example"); len(later.Trackers) != 3 {
		t.Errorf("later: %v", later.Trackers)
	}
	b.setHome("a.example", false)
	for _, name := range []string{"a.example", "c.example"} {
		if s, ok := b.Homes().Swarm(name); s != nil || ok {
			t.Errorf("%s: %v %v", name, s, ok)
		}
	}
}

// Private torrents (BEP 27) are not published to strangers.
func TestHomeTellsNothingOfPrivateTorrents(t *testing.T) {
	b := startFixture(t, withHomes("a.example="+hashA))
	b.swarm.seed(hashA, 2)
	b.swarm.mu.Lock()
	b.swarm.sources[hashA].Private = true
	b.swarm.mu.Unlock()
	b.waitFor(hashA, "whole", isSeeding)
	if s, ok := b.Homes().Swarm("a.example"); s != nil || ok {
		t.Errorf("%v %v", s, ok)
	}
}
