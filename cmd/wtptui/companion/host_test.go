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

func TestSite(t *testing.T) {
	b := startHost(t, true)
	b.running()
	var v view
	if why := b.ask(question{Op: "site", Page: docs + "/a/b.html?x=1"}, &v); why != "" {
		t.Fatal(why)
	}
	if v.Host != "docs.example" || v.Title != "Example Docs" || v.Address != "wtp://docs.example/a/b.html?x=1" ||
		v.Pinned || v.State != "◷ CACHE" || v.Tone != good || !strings.HasPrefix(v.Kept, "expires in ") {
		t.Errorf("%+v", v)
	}
	var d details
	why := b.ask(question{Op: "details", Host: "docs.example"}, &d)
	if why != "" || !strings.Contains(d.Ways, "TCP") && !strings.Contains(d.Ways, "uTP") {
		t.Errorf("%q, %+v", why, d)
	}
	for _, page := range []string{
		"", "https://docs.example/", "http://docs-example.localhost:1/", "http://localhost:7780/", docs + ".evil.example/",
	} {
		v := &view{}
		if why := b.ask(question{Op: "site", Page: page}, &v); why != "" || v != nil {
			t.Errorf("of %s it says %q, %+v", page, why, v)
		}
	}
}

func TestVerbs(t *testing.T) {
	b := startHost(t, true)
	b.running()
	for _, step := range []struct {
		op   string
		what func(engine.Site) bool
	}{
		{"pin", func(s engine.Site) bool { return s.Pinned }},
		{"unpin", func(s engine.Site) bool { return !s.Pinned }},
		{"touch", func(s engine.Site) bool { return s.ExpiresAt.Std().Equal(b.engine.Now().Add(cacheTTL)) }},
	} {
		if why := b.ask(question{Op: step.op, Host: "docs.example"}, nil); why != "" {
			t.Errorf("%s: %s", step.op, why)
		}
		b.site("docs.example", step.op, step.what)
	}
	if why := b.ask(question{Op: "pin", Host: "nobody.example"}, nil); why == "" {
		t.Error("a site that is not here was pinned")
	}
}

// What the extension cannot ask for, nobody who has taken it over can have.
func TestNothingElse(t *testing.T) {
	b := startHost(t, true)
	b.running()
	for _, op := range []string{
		"", "add", "remove", "remove-now", "evict", "pause", "publish", "export", "stop", "undo", "accept-key", "Pin", "pin ",
	} {
		why := b.ask(question{Op: op, Host: "docs.example", Text: "wtp://docs.example/"}, nil)
		if why != "there is no such question" {
			t.Errorf("%s: %q", op, why)
		}
	}
}

func TestFind(t *testing.T) {
	b := startHost(t, true)
	b.running()
	for text, want := range map[string][]string{
		"":        {"docs.example", "tides.example", strings.Repeat("a1", 20), strings.Repeat("b2", 20)},
		"TIDES\t": {"tides.example"},
		"example": {"docs.example", "tides.example", strings.Repeat("a1", 20)},
		"a1a1":    {strings.Repeat("a1", 20)},
		"nothing": nil,
	} {
		var l list
		if why := b.ask(question{Op: "find", Text: text}, &l); why != "" {
			t.Fatal(why)
		}
		var hosts []string
		for _, r := range l.Sites {
			hosts = append(hosts, r.Host)
		}
		slices.Sort(hosts)
		slices.Sort(want)
		if !slices.Equal(hosts, want) || l.All != len(want) {
			t.Errorf("%q finds %v of %d, want %v", text, hosts, l.All, want)
		}
	}
	var l list
	if why := b.ask(question{Op: "find", Most: 1}, &l); why != "" || len(l.Sites) != 1 || l.All != 4 {
		t.Errorf("%q, %+v", why, l)
	}
}

// What was typed leads to a page; it opens nothing by itself.
func TestOpen(t *testing.T) {
	b := startHost(t, true)
	b.running()
	unknown := strings.Repeat("c3", 20)
	asks := "http://localhost:7780/?uri=wtp%3A%2F%2F" + unknown + "%2F"
	for text, want := range map[string]string{
		"docs.example":                   docs + "/",
		"wtp://docs.example/a?b#c":       docs + "/a?b#c",
		"example docs":                   docs + "/",
		"bank.example":                   "http://localhost:7780/?uri=wtp%3A%2F%2Fbank.example%2F", // whatever others call themselves
		"docs.exam":                      "http://localhost:7780/?uri=wtp%3A%2F%2Fdocs.exam%2F",
		"tid":                            "http://tides-example.localhost:7780/",
		"wtp://new.example/x y":          "http://localhost:7780/?uri=wtp%3A%2F%2Fnew.example%2Fx%2520y",
		unknown:                          asks,
		"magnet:?xt=urn:btih:" + unknown: asks,
	} {
		var got string
		if why := b.ask(question{Op: "open", Text: text}, &got); why != "" || got != want {
			t.Errorf("%s leads to %s %s, want %s", text, got, why, want)
		}
	}
	for _, text := range []string{"", "no such title", "https://docs.example/", "/etc/passwd.torrent", "wtp://"} {
		if why := b.ask(question{Op: "open", Text: text}, nil); why == "" {
			t.Errorf("%q leads somewhere", text)
		}
	}
	b.site("docs.example", "left as it was", func(s engine.Site) bool { return true })
	if got := b.engineSites(); len(got) != 4 {
		t.Errorf("opening has added one: %v", got)
	}
}

func (b *browserEnd) engineSites() []engine.Site {
	b.t.Helper()
	ch, err := b.engine.Watch(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return enginetest.Receive(b.t, ch, "the engine's sites").Sites
}

// A site that a tab shows stays, however long; with the tab, or the browser, its thirty minutes begin.
func TestShownSitesAreKept(t *testing.T) {
	b := startHost(t, true)
	b.running()
	shown := func(origins ...string) { b.ask(question{Op: "shown", Origins: origins}, nil) }
	found := strings.Repeat("b2", 20)
	shown(docs, docs, "http://localhost:7780", "http://"+found+".localhost:7780", "http://else.localhost:9")
	m := b.until("the toolbar's news", func(m message) bool { return len(m.Tabs) == 2 })
	if tab := m.Tabs[1]; tab.Origin != docs || tab.Title != "Example Docs" || m.Root != "http://localhost:7780/" {
		t.Errorf("%+v", m.news)
	}
	inUse := func(s engine.Site) bool { return s.InUse }
	b.site("docs.example", "kept open", inUse)
	b.engine.Step(3 * cacheTTL)
	b.site("docs.example", "still there", inUse)
	if got := b.engineSites(); len(got) != 3 { // The one by hash is pinned, the last one found.
		t.Errorf("%d sites are left, want 3", len(got))
	}
	b.site(found, "left alone", func(s engine.Site) bool { return s.State == engine.Found && !s.InUse })
	shown()
	b.site("docs.example", "let go", func(s engine.Site) bool { return !s.InUse })
	shown(docs)
	b.site("docs.example", "kept again", inUse)
	b.to.Close() // as a browser does that ends
	if err := enginetest.Receive(t, b.ended, "the host to end"); err != nil {
		t.Errorf("it ended with %v", err)
	}
	b.site("docs.example", "let go with the browser", func(s engine.Site) bool {
		return !s.InUse && s.ExpiresAt.Std().Equal(b.engine.Now().Add(cacheTTL))
	})
}

func TestRatesLeaveATrace(t *testing.T) {
	b := startHost(t, true)
	b.running()
	b.ask(question{Op: "shown", Origins: []string{docs}}, nil)
	var v view
	for len(v.Trace.Down) < traceLength {
		b.ask(question{Op: "site", Page: docs + "/"}, &v)
	}
	if len(v.Trace.Down) != traceLength || len(v.Trace.Up) != traceLength {
		t.Errorf("%d and %d values", len(v.Trace.Down), len(v.Trace.Up))
	}
}

func TestNoEngine(t *testing.T) {
	b := startHost(t, false)
	m := b.until("that none runs", func(m message) bool { return m.Event == "news" })
	if m.Running || m.Why != "none runs" || !m.CanStart {
		t.Errorf("%+v", m.news)
	}
	b.ask(question{Op: "shown", Origins: []string{docs}}, nil)
	for _, op := range []string{"site", "details", "find", "open", "pin", "touch"} {
		if why := b.ask(question{Op: op, Host: "docs.example"}, nil); why != "none runs" {
			t.Errorf("%s: %q", op, why)
		}
	}
	b.send(question{Op: "start"})
	b.running()
	// What tabs have shown before is kept by the new one.
	b.site("docs.example", "kept open", func(s engine.Site) bool { return s.InUse })
	b.present.set(nil)
	b.engine.Close()
	m = b.until("that it has gone", func(m message) bool { return m.Event == "news" && !m.Running })
	if m.Root != "http://localhost:7780/" {
		t.Errorf("without an engine, pages are at %q", m.Root)
	}
}

func TestStartFails(t *testing.T) {
	b := &browserEnd{t: t, heard: make(chan message, 1000), ended: make(chan error, 1), present: &presence{}}
	full := func(context.Context) error { return errors.New("the disk is full") }
	b.serve(Host{Dial: b.present.dial, Second: second, Start: full})
	if why := b.ask(question{Op: "start"}, nil); why != "the disk is full" {
		t.Errorf("it said %q", why)
	}
}

func TestBadMessages(t *testing.T) {
	b := startHost(t, true)
	b.running()
	for _, text := range []string{"", "x", "[]", `{"id":"x"}`, `"pin"`, `{"op":7}`} {
		frame := append([]byte{byte(len(text)), 0, 0, 0}, text...)
		if _, err := b.to.Write(frame); err != nil {
			t.Fatal(err)
		}
		b.until("an error", func(m message) bool { return m.Error != "" })
	}
	long := append(binary.NativeEndian.AppendUint32(nil, maxIn+1), make([]byte, maxIn+1)...)
	if _, err := b.to.Write(long); err != nil {
		t.Fatal(err)
	}
	b.until("an error", func(m message) bool { return m.Error != "" })
	var l list
	if why := b.ask(question{Op: "find"}, &l); why != "" || l.All != 4 {
		t.Errorf("after all that: %q, %+v", why, l)
	}
	b.to.Close()
	if err := enginetest.Receive(t, b.ended, "the host to end"); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// Browsers take no longer messages, and would end the host.
func TestAnswerThatIsTooLong(t *testing.T) {
	var out bytes.Buffer
	s := session{out: &out}
	if err := s.write(answer{ID: 7, Result: strings.Repeat("x", maxOut)}); err != nil {
		t.Fatal(err)
	}
	frame, err := readFrame(&out)
	if want := `{"id":7,"error":"the message is over 1 MiB"}`; err != nil || string(frame) != want {
		t.Errorf("it is %s, %v", frame, err)
	}
}
