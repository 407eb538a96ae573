package companion

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestSiteOfAPage(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	var v siteView
	if why := b.call(request{Op: "site", Page: docsOrigin + "/a/b.html?x=1"}, &v); why != "" {
		t.Fatal(why)
	}
	if v.Host != "docs.example" || v.Title != "Example Docs" || v.Address != "wtp://docs.example/a/b.html?x=1" ||
		v.Pinned || v.State != "◷ CACHE" || v.Tone != good || !strings.HasPrefix(v.Retention, "expires in ") {
		t.Errorf("%+v", v)
	}
	var d siteDetails
	why := b.call(request{Op: "details", Host: "docs.example"}, &d)
	if why != "" || !strings.Contains(d.Ways, "TCP") && !strings.Contains(d.Ways, "uTP") {
		t.Errorf("%q, %+v", why, d)
	}
	for _, page := range []string{
		"", "https://docs.example/", "http://docs-example.localhost:1/", "http://localhost:7780/",
		docsOrigin + ".evil.example/",
	} {
		v := &siteView{}
		if why := b.call(request{Op: "site", Page: page}, &v); why != "" || v != nil {
			t.Errorf("of %s it says %q, %+v", page, why, v)
		}
	}
}

func TestAllowedVerbs(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	for _, step := range []struct {
		op   string
		what func(engine.Site) bool
	}{
		{"pin", func(s engine.Site) bool { return s.Pinned }},
		{"unpin", func(s engine.Site) bool { return !s.Pinned }},
		{"touch", func(s engine.Site) bool { return s.ExpiresAt.Std().Equal(b.engine.Now().Add(cacheTTL)) }},
	} {
		if why := b.call(request{Op: step.op, Host: "docs.example"}, nil); why != "" {
			t.Errorf("%s: %s", step.op, why)
		}
		b.awaitSite("docs.example", step.op, step.what)
	}
	if why := b.call(request{Op: "pin", Host: "nobody.example"}, nil); why == "" {
		t.Error("a site that is not here was pinned")
	}
}

// Whoever takes over the extension can do only what the extension may request.
func TestOtherOperationsAreRefused(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	for _, op := range []string{
		"", "add", "remove", "remove-now", "evict", "pause", "publish", "export", "stop", "undo", "accept-key", "Pin", "pin ",
	} {
		why := b.call(request{Op: op, Host: "docs.example", Text: "wtp://docs.example/"}, nil)
		if why != "there is no such question" {
			t.Errorf("%s: %q", op, why)
		}
	}
}

func TestFindSearchesTitlesHostsAndHashes(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	for text, want := range map[string][]string{
		"":        {"docs.example", "tides.example", strings.Repeat("a1", 20), strings.Repeat("b2", 20)},
		"TIDES\t": {"tides.example"},
		"example": {"docs.example", "tides.example", strings.Repeat("a1", 20)},
		"a1a1":    {strings.Repeat("a1", 20)},
		"nothing": nil,
	} {
		var l searchResult
		if why := b.call(request{Op: "find", Text: text}, &l); why != "" {
			t.Fatal(why)
		}
		var hosts []string
		for _, r := range l.Sites {
			hosts = append(hosts, r.Host)
		}
		slices.Sort(hosts)
		slices.Sort(want)
		if !slices.Equal(hosts, want) || l.Total != len(want) {
			t.Errorf("%q finds %v of %d, want %v", text, hosts, l.Total, want)
		}
	}
	var l searchResult
	if why := b.call(request{Op: "find", Limit: 1}, &l); why != "" || len(l.Sites) != 1 || l.Total != 4 {
		t.Errorf("%q, %+v", why, l)
	}
}

// open returns the address for what was typed. It opens and adds nothing itself.
func TestOpenAddsNoSite(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	unknown := strings.Repeat("c3", 20)
	const ask = "http://localhost:7780/?uri="
	askUnknown := ask + "wtp%3A%2F%2F" + unknown + "%2F"
	for text, want := range map[string]string{
		"docs.example":                   docsOrigin + "/",
		"wtp://docs.example/a?b#c":       docsOrigin + "/a?b#c",
		"example docs":                   docsOrigin + "/",
		"bank.example":                   ask + "wtp%3A%2F%2Fbank.example%2F", // whatever titles others have
		"docs.exam":                      ask + "wtp%3A%2F%2Fdocs.exam%2F",
		"tid":                            "http://tides-example.localhost:7780/",
		"wtp://new.example/x y":          ask + "wtp%3A%2F%2Fnew.example%2Fx%2520y",
		unknown:                          askUnknown,
		"magnet:?xt=urn:btih:" + unknown: askUnknown,
	} {
		var got string
		if why := b.call(request{Op: "open", Text: text}, &got); why != "" || got != want {
			t.Errorf("%s leads to %s %s, want %s", text, got, why, want)
		}
	}
	for _, text := range []string{"", "no such title", "https://docs.example/", "/etc/passwd.torrent", "wtp://"} {
		if why := b.call(request{Op: "open", Text: text}, nil); why == "" {
			t.Errorf("%q leads somewhere", text)
		}
	}
	b.awaitSite("docs.example", "left as it was", func(s engine.Site) bool { return true })
	if got := b.engineSites(); len(got) != 4 {
		t.Errorf("opening has added one: %v", got)
	}
}

func (b *browser) engineSites() []engine.Site {
	b.t.Helper()
	ch, err := b.engine.Watch(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return enginetest.Receive(b.t, ch, "the engine's sites").Sites
}

// A site that a tab shows is kept, however long. When the tab or the browser closes, its cache period starts.
func TestSitesInTabsAreKeptOpen(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	shown := func(origins ...string) { b.call(request{Op: "shown", TabOrigins: origins}, nil) }
	found := strings.Repeat("b2", 20)
	shown(docsOrigin, docsOrigin, "http://localhost:7780", "http://"+found+".localhost:7780", "http://else.localhost:9")
	m := b.awaitMessage("the toolbar's news", func(m message) bool { return len(m.Tabs) == 2 })
	if tab := m.Tabs[1]; tab.Origin != docsOrigin || tab.Title != "Example Docs" || m.Root != "http://localhost:7780/" {
		t.Errorf("%+v", m.news)
	}
	inUse := func(s engine.Site) bool { return s.InUse }
	b.awaitSite("docs.example", "kept open", inUse)
	b.engine.Step(3 * cacheTTL)
	b.awaitSite("docs.example", "still there", inUse)
	if got := b.engineSites(); len(got) != 3 { // The one by hash is pinned, the last one found.
		t.Errorf("%d sites are left, want 3", len(got))
	}
	b.awaitSite(found, "left alone", func(s engine.Site) bool { return s.State == engine.Found && !s.InUse })
	shown()
	b.awaitSite("docs.example", "let go", func(s engine.Site) bool { return !s.InUse })
	shown(docsOrigin)
	b.awaitSite("docs.example", "kept again", inUse)
	b.requests.Close() // as a browser does when it exits
	if err := enginetest.Receive(t, b.ended, "the host to end"); err != nil {
		t.Errorf("it ended with %v", err)
	}
	b.awaitSite("docs.example", "let go with the browser", func(s engine.Site) bool {
		return !s.InUse && s.ExpiresAt.Std().Equal(b.engine.Now().Add(cacheTTL))
	})
}

func TestTraceHasTheRatesOfTheLastMinute(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	b.call(request{Op: "shown", TabOrigins: []string{docsOrigin}}, nil)
	var v siteView
	for len(v.Trace.Down) < traceLength {
		b.call(request{Op: "site", Page: docsOrigin + "/"}, &v)
	}
	if len(v.Trace.Down) != traceLength || len(v.Trace.Up) != traceLength {
		t.Errorf("%d and %d values", len(v.Trace.Down), len(v.Trace.Up))
	}
}

func TestHostWithoutAnEngine(t *testing.T) {
	b := startHost(t, false)
	m := b.awaitMessage("that none runs", func(m message) bool { return m.Event == "news" })
	if m.Running || m.Reason != "none runs" || !m.CanStart {
		t.Errorf("%+v", m.news)
	}
	b.call(request{Op: "shown", TabOrigins: []string{docsOrigin}}, nil)
	for _, op := range []string{"site", "details", "find", "open", "pin", "touch"} {
		if why := b.call(request{Op: op, Host: "docs.example"}, nil); why != "none runs" {
			t.Errorf("%s: %q", op, why)
		}
	}
	b.sendRequest(request{Op: "start"})
	b.awaitEngine()
	// The sites in tabs are kept open by the new engine.
	b.awaitSite("docs.example", "kept open", func(s engine.Site) bool { return s.InUse })
	b.connection.set(nil)
	b.engine.Close()
	m = b.awaitMessage("that it has gone", func(m message) bool { return m.Event == "news" && !m.Running })
	if m.Root != "http://localhost:7780/" {
		t.Errorf("without an engine, pages are at %q", m.Root)
	}
}

func TestFailedStartIsReported(t *testing.T) {
	b := newBrowser(t)
	full := func(context.Context) error { return errors.New("the disk is full") }
	b.serve(Host{Dial: b.connection.dial, Interval: interval, Start: full})
	if why := b.call(request{Op: "start"}, nil); why != "the disk is full" {
		t.Errorf("it said %q", why)
	}
}

func TestBadMessagesAreAnswered(t *testing.T) {
	b := startHost(t, true)
	b.awaitEngine()
	for _, text := range []string{"", "x", "[]", `{"id":"x"}`, `"pin"`, `{"op":7}`} {
		frame := append([]byte{byte(len(text)), 0, 0, 0}, text...)
		if _, err := b.requests.Write(frame); err != nil {
			t.Fatal(err)
		}
		b.awaitMessage("an error", func(m message) bool { return m.Error != "" })
	}
	long := append(binary.NativeEndian.AppendUint32(nil, maxRequestBytes+1), make([]byte, maxRequestBytes+1)...)
	if _, err := b.requests.Write(long); err != nil {
		t.Fatal(err)
	}
	b.awaitMessage("an error", func(m message) bool { return m.Error != "" })
	var l searchResult
	if why := b.call(request{Op: "find"}, &l); why != "" || l.Total != 4 {
		t.Errorf("after all that: %q, %+v", why, l)
	}
	b.requests.Close()
	if err := enginetest.Receive(t, b.ended, "the host to end"); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// Browsers accept no longer messages, and would end the host.
func TestResponseThatIsTooLong(t *testing.T) {
	var out bytes.Buffer
	s := session{out: &out}
	if err := s.writeResponse(response{ID: 7, Result: strings.Repeat("x", maxResponseBytes)}); err != nil {
		t.Fatal(err)
	}
	frame, err := readFrame(&out)
	if want := `{"id":7,"error":"the message is over 1 MiB"}`; err != nil || string(frame) != want {
		t.Errorf("it is %s, %v", frame, err)
	}
}
