package publish

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// user acts as a person who publishes. Commands run at once.
type user struct {
	t         *testing.T
	p         *Pane
	e         *fake.Engine
	reqs      []engine.PublishRequest
	copied    string
	opened    string
	published string // the site that was published last
	// forward is the command of an SSH session, if this is one.
	forward string
	held    []tea.Cmd // what is not run yet, while hold is set
	hold    bool
	open    bool
}

func start(t *testing.T, dir, domain string) *user {
	t.Helper()
	th := theme.None()
	a := &user{t: t, e: fake.New(fake.Options{Scripts: fake.Demo()}), open: true}
	t.Cleanup(func() { _ = a.e.Close() })
	a.p = New(&th, dir, domain, Commands{
		Publish: func(job int, req engine.PublishRequest) tea.Cmd {
			a.reqs = append(a.reqs, req)
			return func() tea.Msg {
				p, err := a.e.Publish(t.Context(), req, nil)
				return Done{job, p, err}
			}
		},
		Stop: func() {},
		LoadLast: func(host string) tea.Cmd {
			return func() tea.Msg {
				d, err := a.e.Detail(t.Context(), host)
				return LastLoaded{host, d.Published, err}
			}
		},
		Published: func(host string) { a.published = host },
		Forward:   func(string) string { return a.forward },
		Resolve: func(job int, host string) tea.Cmd {
			return func() tea.Msg {
				n, err := a.e.Resolve(t.Context(), host)
				return Resolved{job, n, err}
			}
		},
		Probe: func(job int, host string) tea.Cmd {
			return func() tea.Msg {
				r, err := a.e.Probe(t.Context(), host)
				return Probed{job, r, err}
			}
		},
		Copy: func(s string) tea.Cmd { a.copied = s; return nil },
		Open: func(s string) tea.Cmd { a.opened = s; return nil },
	})
	return a
}

func (a *user) run(cmd tea.Cmd) {
	switch {
	case cmd == nil:
		return
	case a.hold:
		a.held = append(a.held, cmd)
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			a.run(c)
		}
	default:
		a.run(a.p.Update(msg))
	}
}

func (a *user) press(actions ...keys.Action) {
	for _, act := range actions {
		cmd, open := a.p.Act(act)
		a.open = open
		a.run(cmd)
	}
}

func (a *user) updateSnapshot() {
	ch, err := a.e.Watch(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	a.run(a.p.Watch(enginetest.Receive(a.t, ch, "the newest snapshot")))
}

func (a *user) screen() string { return ansi.Strip(a.p.View(100, 32)) }

func (a *user) expectText(texts ...string) {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.screen(), text) {
			a.t.Fatalf("no %q in\n%s", text, a.screen())
		}
	}
}

func TestFromFolderToLive(t *testing.T) {
	a := start(t, "/home/me/secret-site", "new.example")
	a.expectText("[Folder]", "/home/me/secret-site", "new.example", "you see what would be published before it is")
	a.press(keys.Accept)
	a.expectText("[Check]", "✗ 2 to be decided", "✗ decide", "deploy/id_ed25519", "○ left out", ".git",
		"● published")
	a.press(keys.Accept)
	a.expectText("2 findings have to be decided")
	// The first space leaves out, the second one publishes.
	a.press(keys.Toggle, keys.Down, keys.Toggle, keys.Toggle)
	a.expectText("● 2 published")
	a.press(keys.Accept)
	if r := a.reqs[len(a.reqs)-1]; !r.DryRun || len(r.Keep) != 1 || len(r.LeaveOut) != 1 ||
		slices.Contains(r.Keep, "deploy/id_ed25519") == slices.Contains(r.LeaveOut, "deploy/id_ed25519") {
		t.Fatalf("asked %+v", r)
	}
	a.expectText("[Review]", "wtp://new.example/", "48 files, 6.1 MB", "cannot be unpublished", "▸ Not yet",
		"first version")
	// The safe answer is the marked one.
	a.press(keys.Accept)
	a.expectText("[Check]", "deploy/id_ed25519")
	a.press(keys.Accept)
	a.expectText("[Review]")
	a.press(keys.Switch)
	a.expectText("▸ Publish")
	a.press(keys.Accept)
	if r := a.reqs[len(a.reqs)-1]; r.DryRun || len(r.Keep) != 1 || len(r.LeaveOut) != 1 {
		t.Fatalf("asked %+v", r)
	}
	a.updateSnapshot()
	a.expectText("Published", "wtp://new.example/", "new.example. TXT \"wtpkey=", "www.new.example. TXT",
		"✓ DNS has it already", "Browsers", "✓ yes", "browsers and torrent clients can load it")
	a.press(keys.CopyURL)
	if a.copied != "wtp://new.example/" {
		t.Errorf("copied %q", a.copied)
	}
	a.press(keys.CopyMenu)
	if strings.Count(a.copied, "wtpkey=") != 2 {
		t.Errorf("copied %q", a.copied)
	}
	a.press(keys.Open)
	if a.opened != "http://new-example.localhost:7780/" {
		t.Errorf("opened %q", a.opened)
	}
	if a.press(keys.Cancel); a.open {
		t.Error("it does not close")
	}
}

// For a site that anybody can open the address is shown and can be copied.
func TestLinkForAnyone(t *testing.T) {
	a := start(t, "/home/me/plain", "")
	a.press(keys.Accept, keys.Accept, keys.Yes)
	a.updateSnapshot()
	a.expectText("Published")
	if strings.Contains(a.screen(), "For anyone") || !a.p.HasNoEffect(keys.CopyLink) {
		t.Errorf("there is no link yet:\n%s", a.screen())
	}
	a.press(keys.CopyLink)
	a.expectText("there is no link for anyone yet", "publish --loader`")
	_, err := a.e.Publish(t.Context(),
		engine.PublishRequest{Dir: "/home/me/plain", PublicURL: "https://me.example/site"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := start(t, "/home/me/plain", "")
	b.e = a.e
	b.press(keys.Accept, keys.Accept, keys.Yes)
	b.updateSnapshot()
	b.expectText("For anyone  https://me.example/site/")
	if b.press(keys.CopyLink); b.copied != "https://me.example/site/" || b.p.HasNoEffect(keys.CopyLink) {
		t.Errorf("copied %q", b.copied)
	}
}

func TestSecondVersionShowsWhatChanges(t *testing.T) {
	a := start(t, "/home/me/plain", "")
	a.press(keys.Accept)
	a.expectText("The check found nothing")
	a.press(keys.Accept, keys.Yes)
	a.expectText("Published")
	b := start(t, "/home/me/plain", "")
	b.e = a.e
	b.press(keys.Accept, keys.Accept)
	b.expectText("1 new, 3 changed, 1 gone, 44 as before")
	b.expectText("+   17.8 KB  blog/hello-again.html", "~    6.0 KB  index.html", "-    9.2 KB  blog/draft.html")
	b.press(keys.Yes)
	b.press(keys.CopyMenu)
	b.expectText("without a domain there are no records")
}

func TestProblemsAreShown(t *testing.T) {
	for dir, want := range map[string]string{
		"":                 "type the path of a folder",
		"/home/me/missing": "there is no folder /home/me/missing",
		"/home/me/empty":   "has no files to publish",
	} {
		a := start(t, dir, "")
		a.press(keys.Accept)
		a.expectText("[Folder]", want)
	}
	for domain, want := range map[string]string{
		"no dots": "no dots", strings.Repeat("a", 40): "an infohash is not a domain",
	} {
		a := start(t, "/home/me/plain", domain)
		a.press(keys.Accept)
		if len(a.reqs) != 0 {
			t.Errorf("%q was sent to the engine", domain)
		}
		a.expectText("✗", want)
	}
}

func TestWorkShowsHowFarItIsAndStops(t *testing.T) {
	a := start(t, "/home/me/huge", "")
	a.hold = true
	a.press(keys.Accept)
	if a.p.Situation() != "working" {
		t.Fatal("nothing is under way")
	}
	a.expectText("Looking through the folder")
	a.updateSnapshot()
	a.run(a.p.Update(Progress{Job: a.p.job, Now: engine.PublishProgress{
		Stage: engine.PublishHash, Files: 600, AllFiles: 2400, Bytes: 1 << 29, AllBytes: 2 << 30,
	}}))
	a.expectText("Reading and hashing", "25%", "600 of 2,400 files, 512 MB of 2.0 GB", "esc stops it")
	a.press(keys.Down, keys.Accept)
	a.run(a.p.Update(Progress{Job: a.p.job - 1, Now: engine.PublishProgress{Stage: engine.PublishCopy}}))
	a.expectText("Reading and hashing")
	a.press(keys.Cancel)
	a.expectText("Stopping")
	a.p.Update(Done{Job: a.p.job, Err: &engine.Error{Kind: engine.Unavailable, Msg: "given up"}})
	a.expectText("[Folder]", "stopped: nothing was changed")
}

// Over SSH the browser is at the other end: the command that forwards the address is shown, and copied instead of
// opening it.
func TestOpenOverSSH(t *testing.T) {
	a := start(t, "/home/me/plain", "")
	a.forward = "ssh -L 7780:127.0.0.1:7780 me@host"
	a.press(keys.Accept, keys.Accept, keys.Yes)
	a.expectText("Published", a.forward)
	a.press(keys.Open)
	if a.opened != "" || !strings.HasPrefix(a.copied, a.forward+"\nhttp://") {
		t.Errorf("opened %q, copied %q", a.opened, a.copied)
	}
	if s, err := a.e.Detail(t.Context(), a.published); err != nil || !s.Site.Mine {
		t.Errorf("the list was told of %q", a.published)
	}
}

// A domain that does not name the site yet is resolved again after an interval.
func TestDomainIsResolvedAgain(t *testing.T) {
	a := start(t, "/home/me/plain", "later.example")
	asked := 0
	a.p.commands.Resolve = func(job int, host string) tea.Cmd {
		asked++
		return func() tea.Msg { return Resolved{job, engine.Name{Host: host}, nil} }
	}
	a.press(keys.Accept, keys.Accept, keys.Yes)
	a.updateSnapshot()
	a.expectText("DNS does not have it yet")
	if asked != 1 {
		t.Fatalf("asked %d times at once", asked)
	}
	a.e.Step(resolveInterval)
	a.updateSnapshot()
	if asked != 2 {
		t.Fatalf("asked %d times after %v", asked, resolveInterval)
	}
	a.updateSnapshot()
	if a.press(keys.Reset); asked != 3 {
		t.Errorf("r asks not: %d", asked)
	}
}

// A folder that was published under a name keeps it, whether or not the name is typed again.
func TestNameIsKept(t *testing.T) {
	a := start(t, "/home/me/plain", "mine.example")
	a.press(keys.Accept, keys.Accept, keys.Yes)
	b := start(t, "/home/me/plain", "")
	b.e = a.e
	b.press(keys.Accept, keys.Accept)
	b.expectText("wtp://mine.example/")
	b.press(keys.Yes)
	b.updateSnapshot()
	b.expectText("TXT records for mine.example", "mine.example. TXT \"wtpkey=", "DNS has it already")
}

// A present answer of the DNS, an outdated one, and no answer are shown differently.
func TestWhatDNSSaysNow(t *testing.T) {
	for name, c := range map[string]struct {
		says func(published string) engine.Name
		want string
	}{
		"the new one": {func(h string) engine.Name { return engine.Name{Infohash: h} }, "✓ DNS has it already"},
		"another one": {func(string) engine.Name {
			return engine.Name{Infohash: strings.Repeat("b", 40)}
		}, "⚠ DNS still names"},
		"no key": {func(string) engine.Name {
			return engine.Name{Error: "no wtpkey", ErrorKind: engine.NotFound}
		}, "○ DNS does not have it yet"},
		"no key any more": {func(h string) engine.Name {
			return engine.Name{Infohash: h, Stale: true, Error: "no wtpkey", ErrorKind: engine.NotFound}
		}, "○ DNS does not have it yet"},
		"nobody answers": {func(string) engine.Name {
			return engine.Name{Error: "no network", ErrorKind: engine.Unavailable}
		}, "✗ DNS could not be asked: no network"},
		"nobody answers now": {func(h string) engine.Name {
			return engine.Name{Infohash: h, Stale: true, Error: "no network", ErrorKind: engine.Unavailable}
		}, "✗ DNS could not be asked: no network"},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t, "/home/me/plain", "some.example")
			a.p.commands.Resolve = func(job int, host string) tea.Cmd {
				n := c.says(a.p.live.pub.Infohash)
				n.Host = host
				return func() tea.Msg { return Resolved{job, n, nil} }
			}
			a.press(keys.Accept, keys.Accept, keys.Yes)
			a.updateSnapshot()
			a.expectText(c.want)
		})
	}
}

// On a narrow screen sentences are broken between words.
func TestSentencesAboutAKeyAreNotBrokenWithinWords(t *testing.T) {
	a := start(t, "/home/me/plain", "key:blog")
	a.press(keys.Accept, keys.Accept, keys.Yes)
	text := strings.Join(strings.Fields(ansi.Strip(a.p.View(44, 40))), " ")
	want := "blog exists on this machine only. Back it up: wtptui keys export blog FILE"
	if !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, a.p.View(44, 40))
	}
}
