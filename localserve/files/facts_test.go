package files

import (
	"fmt"
	"strings"
	"testing"

	"wtptui/localserve/files/filestest"
)

func TestFactsCacheIsLimited(t *testing.T) {
	var m factsCache
	c := &filestest.Site{}
	for i := range 2 * maxFacts {
		m.sniff(c.Entry("f", strings.Repeat("x", i)), []byte("text"))
	}
	if len(m.facts) > maxFacts {
		t.Errorf("%d files are remembered", len(m.facts))
	}
}

// TestFactsCacheLimitsEdits promises that a page with too many edits for the cache is sent correctly, and that the
// cache is limited.
func TestFactsCacheLimitsEdits(t *testing.T) {
	many := strings.Repeat("<a href=wtp://other.example>", 40000)
	files := map[string]string{"many.html": many}
	for i := range 24 {
		files[fmt.Sprint(i, ".html")] = strings.Repeat("<a href=wtp://other.example>", 10000) + fmt.Sprint(i)
	}
	s, m := newServer(files)
	for range 2 {
		if got := get(s, "/many.html"); got != strings.ReplaceAll(many, "wtp://other.example", "https://other.example") {
			t.Errorf("%d bytes", len(got))
		}
	}
	if known := s.facts.get(m.Entry("many.html", many)); known.edits != nil || known.scanned {
		t.Errorf("%d edits are remembered", len(known.edits))
	}
	for i := range 24 {
		get(s, fmt.Sprint("/", i, ".html"))
	}
	weight := 0
	for _, f := range s.facts.facts {
		weight += f.weight()
	}
	if weight != s.facts.weight || weight > maxEditsWeight || s.pageCache.size > maxPageCache {
		t.Errorf(
			"%d bytes of edits are remembered, counted as %d; %d bytes of pages", weight, s.facts.weight, s.pageCache.size,
		)
	}
}
