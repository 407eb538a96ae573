package sites

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// A page lacks the parts that did not come in time, until it is sent again.
func TestMissingPartsAreKeptUntilThePageIsSentAgain(t *testing.T) {
	get := func(path, page string, status int) engine.Request {
		return engine.Request{Method: "GET", Path: path, Page: page, Status: status}
	}
	cut := get("/film.webm", "/", 206)
	cut.Cut = true
	for name, test := range map[string]struct {
		requests []engine.Request
		page     string
		parts    int
	}{
		"all came":            {[]engine.Request{get("/", "", 200), get("/a.css", "/", 200)}, "", 0},
		"two did not":         {[]engine.Request{get("/", "", 200), get("/a.css", "/", 504), get("/b.js", "/", 504)}, "/", 2},
		"one twice":           {[]engine.Request{get("/a.css", "/", 504), get("/a.css", "/", 504)}, "/", 1},
		"one was cut":         {[]engine.Request{cut}, "/", 1},
		"not there at all":    {[]engine.Request{get("/a.css", "/", 404)}, "", 0},
		"the page itself":     {[]engine.Request{get("/", "", 504), get("/", "/", 504)}, "", 0},
		"it came in the end":  {[]engine.Request{get("/a.css", "/", 504), get("/a.css", "/", 200)}, "", 0},
		"loaded again":        {[]engine.Request{get("/a.css", "/x?y", 504), get("/x?y", "", 200)}, "", 0},
		"reloaded":            {[]engine.Request{get("/a.css", "/", 504), get("/", "/", 304)}, "", 0},
		"reloaded in vain":    {[]engine.Request{get("/a.css", "/", 504), get("/", "", 504)}, "/", 1},
		"another page":        {[]engine.Request{get("/a.css", "/", 504), get("/b/", "", 200)}, "", 0},
		"another lacks some":  {[]engine.Request{get("/a.css", "/", 504), get("/c.css", "/b", 504)}, "/b", 1},
		"something unrelated": {[]engine.Request{get("/a.css", "/", 504), get("/favicon.ico", "", 200)}, "/", 1},
	} {
		var m missing
		for _, r := range test.requests {
			m.update(r)
		}
		if m.page != test.page || len(m.parts) != test.parts {
			t.Errorf("%s: %q lacks %d, want %q and %d", name, m.page, len(m.parts), test.page, test.parts)
		}
	}
}

func TestMissingPartsAreBounded(t *testing.T) {
	var m missing
	for i := range 2 * maxMissing {
		m.update(engine.Request{Path: strings.Repeat("x", i+2), Page: "/", Status: 504})
	}
	if len(m.parts) != maxMissing {
		t.Errorf("%d parts are remembered", len(m.parts))
	}
}

// What a page lacks is reported at once, until the page is sent again or the site gets another version.
func TestMissingPartsAreReportedUntilTheyArrive(t *testing.T) {
	b := startFixture(t)
	b.swarm.seed(hashA, 1)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	lacks := func(n int, page string) {
		t.Helper()
		b.waitFor(hashA, "told what is missing", func(s engine.Site) bool {
			return s.MissingParts == n && s.MissingPage == page
		})
	}
	c, err := b.Open(t.Context(), hashA)
	if err != nil {
		t.Fatal(err)
	}
	c.Close(engine.Request{Path: "/a.css", Page: "/\x1b", Status: 504})
	lacks(1, engine.Clean("/\x1b"))
	b.Unserved(hashA, engine.Request{Path: "/b.css", Page: "/\x1b", Status: 504})
	lacks(2, engine.Clean("/\x1b"))
	b.Unserved(hashA, engine.Request{Path: engine.Clean("/\x1b"), Status: 200})
	lacks(0, "")
}

// A request that waits for a site is told what it waits for, and what was tried.
func TestWaitingRequestIsToldWhatIsTried(t *testing.T) {
	b := startFixture(t)
	expect := func(host, text, tried string) {
		t.Helper()
		a := b.WaitStatus(host)
		b.check(host, a.Text+" | "+strings.Join(a.Tried, "; "), text+" | "+tried)
	}
	expect(hashA, "", "")
	b.addSite(hashA)
	s := b.waitFor(hashA, "in the swarm", func(s engine.Site) bool {
		return s.State == engine.Metadata && s.Awaiting == "peers"
	})
	b.waitIdle() // until it has joined its swarm
	expect(hashA, s.Awaiting, "1 tracker asked, no answer yet")
	b.swarm.seed(hashB, 1)
	b.addSite(hashB)
	b.waitFor(hashB, "seeding", isSeeding)
	expect(hashB, "", "")
	b.addSite("unknown.example")
	b.waitFor("unknown.example", "failed", func(s engine.Site) bool { return s.State == engine.Failed })
	expect("unknown.example", "its torrent", "DNS: no such name: its owner must add a TXT record")
}
