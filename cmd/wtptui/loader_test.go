package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/localserve/home/loader"
)

// oneSiteEngine is an engine with one site, whose loader is written.
type oneSiteEngine struct {
	engine.Engine

	detail  engine.Detail
	status  engine.Status
	torrent []byte
}

func (l *oneSiteEngine) Metainfo(context.Context, string) ([]byte, error) { return l.torrent, nil }

func (l *oneSiteEngine) Detail(context.Context, string) (engine.Detail, error) { return l.detail, nil }

func (l *oneSiteEngine) Watch(context.Context) (ch <-chan engine.Snapshot, err error) {
	return l.snapshots(), nil
}

func (l *oneSiteEngine) snapshots() <-chan engine.Snapshot {
	ch := make(chan engine.Snapshot, 1)
	ch <- engine.Snapshot{Sites: []engine.Site{l.detail.Site}, Status: l.status}
	return ch
}

// Publish reports that the folder is the site, unchanged.
func (l *oneSiteEngine) Publish(
	context.Context, engine.PublishRequest, func(engine.PublishProgress),
) (engine.Publication, error) {
	return engine.Publication{Host: l.detail.Site.Host, Infohash: l.detail.Site.Infohash, Unchanged: true}, nil
}

const pagesInfo = "d6:lengthi1e4:name1:a12:piece lengthi16384e6:pieces20:aaaaaaaaaaaaaaaaaaaae"

// newOneSiteEngine returns the engine of a torrent with the given trackers and web seeds.
func newOneSiteEngine(t *testing.T, info string, trackers, webSeeds []string) *oneSiteEngine {
	t.Helper()
	torrent, err := swarm.MakeMetainfo([]byte(info), trackers, webSeeds, nil)
	if err != nil {
		t.Fatal(err)
	}
	meta, _ := swarm.ParseMetainfo(torrent)
	return &oneSiteEngine{torrent: torrent, detail: engine.Detail{Site: engine.Site{
		Host: "a.example", Infohash: meta.Infohash, URL: "wtp://a.example/", Title: "A", Own: true, State: engine.Seeding,
	}}}
}

func newLoader(t *testing.T, p *publishRun) *loaderFolder {
	t.Helper()
	return &loaderFolder{client: p.client, dir: filepath.Join(t.TempDir(), "pages")}
}

// readPage reads the site's data from the loader.
func readPage(t *testing.T, l *loaderFolder) (s loader.Site) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, loader.SitePath))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Pages get only servers that they may connect to, with TLS or on the reader's own machine, and no passwords.
func TestLoaderHasOnlyWhatBrowsersCanUse(t *testing.T) {
	p, _, _ := newPublishing("/some/where")
	p.settings.STUN = []string{"stun:a.example:3478", "turn:me:secret@b.example:3478"}
	p.settings.Home.Contact, p.settings.Home.Ask = "me@example.org", true
	eng := newOneSiteEngine(t, pagesInfo, []string{
		"wss://home.example/announce", "udp://c.example:1/announce", "wss://d.example", "ws://e.example/",
		"https://f.example/announce", "ws://127.0.0.1:8000/", "wss://me:secret@g.example/", "wss://", "wss://d.example",
	}, []string{
		"https://h.example/files", "http://i.example/", "http://localhost:8000/x/", "ftp://j.example/",
		"https://h.example/files/",
	})
	eng.status.Homes = []engine.Home{{Name: "home.example", URL: "https://home.example/", Host: "a.example"}}
	eng.detail.Site.NoClearnet = true
	l := newLoader(t, p)
	r, err := l.write(t.Context(), eng, "a.example")
	if err != nil {
		t.Fatal(err)
	}
	got := readPage(t, l)
	hash := eng.detail.Site.Infohash
	wantTrackers := []string{"wss://home.example/announce", "wss://d.example", "ws://127.0.0.1:8000/"}
	wantSeeds := []string{
		"https://home.example/wtptui-loader/files/" + hash + "/", "https://h.example/files/", "http://localhost:8000/x/",
	}
	if !slices.Equal(got.Trackers, wantTrackers) || !slices.Equal(got.WebSeeds, wantSeeds) {
		t.Errorf("trackers %q, web seeds %q", got.Trackers, got.WebSeeds)
	}
	if !slices.Equal(r.Trackers, wantTrackers) || !slices.Equal(r.WebSeeds, wantSeeds) || len(r.Warnings) > 0 {
		t.Errorf("it reports %+v", r)
	}
	if !slices.Equal(got.STUN, p.settings.STUN[:1]) || got.Contact != "me@example.org" || !got.AskBeforeSending ||
		got.Home || got.CSP == "" {
		t.Errorf("pages are told %+v", got)
	}
	torrent, err := os.ReadFile(filepath.Join(l.dir, loader.TorrentPath(hash)))
	if err != nil || !slices.Equal(torrent, eng.torrent) {
		t.Errorf("its .torrent is not the site's: %v", err)
	}

	// A home that is off serves nothing, and a URL that ends in the name is that of the only file.
	eng.status.Homes[0].Off = true
	eng.detail.Name, eng.detail.Files = "a", []engine.File{{Path: "a"}}
	if _, err := l.write(t.Context(), eng, "a.example"); err != nil {
		t.Fatal(err)
	}
	want := []string{"http://localhost:8000/x/", "https://h.example/files/"}
	if got := readPage(t, l).WebSeeds; !slices.Equal(got, want) {
		t.Errorf("web seeds of a site of one file: %q", got)
	}
}

// No loader is written for a site that browsers cannot find, or that is private. If only some browsers can load it,
// there is a warning.
func TestLoaderThatIsRefusedOrWarnedOf(t *testing.T) {
	for name, tt := range map[string]struct {
		info               string
		trackers, webSeeds []string
		refused, warned    string
	}{
		"alone": {info: pagesInfo, trackers: []string{"udp://a.example:1"}, refused: "neither a WebTorrent tracker"},
		"private": {
			info: strings.TrimSuffix(pagesInfo, "e") + "7:privatei1ee", trackers: []string{"wss://a"}, refused: "(BEP 27)",
		},
		"version 2": {
			info: "d12:meta versioni2e4:name1:a12:piece lengthi16384ee", trackers: []string{"wss://a"}, refused: "v2",
		},
		"here":       {info: pagesInfo, trackers: []string{"ws://127.0.0.1:1"}, warned: "only browsers here get it"},
		"by HTTP":    {info: pagesInfo, webSeeds: []string{"https://a.example/"}, warned: "from its web seeds"},
		"everywhere": {info: pagesInfo, trackers: []string{"wss://a.example", "ws://127.0.0.1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, _, _ := newPublishing("/some/where")
			l := newLoader(t, p)
			r, err := l.write(t.Context(), newOneSiteEngine(t, tt.info, tt.trackers, tt.webSeeds), "a.example")
			if tt.refused != "" {
				if err == nil || !strings.Contains(engine.Message(err), tt.refused) {
					t.Errorf("%v, want %q", err, tt.refused)
				}
				if _, err := os.Stat(l.dir); err == nil {
					t.Error("something was written")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.Join(r.Warnings, ""); !strings.Contains(text, tt.warned) || (text == "") != (tt.warned == "") {
				t.Errorf("warnings %q, want %q", text, tt.warned)
			}
		})
	}
}

// The loader is reported after the publication, and an error of the loader says that the site is published.
func TestLoaderAfterPublishing(t *testing.T) {
	p, stdout, _ := newPublishing("/some/where")
	p.loader = newLoader(t, p)
	eng := newOneSiteEngine(t, pagesInfo, []string{"wss://a.example"}, []string{"https://b.example/"})
	if err := p.run(t.Context(), eng); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"has not changed", "The loader is in " + p.loader.dir,
		"This wtptui, another seed that browsers can reach, or b.example",
	} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	p.attachTo = "ssh://me@server.example"
	eng.detail.Site.Infohash, eng.detail.Site.State = strings.Repeat("a", 40), engine.Paused
	stdout.Reset()
	if err := p.run(t.Context(), eng); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"The wtptui over there", "still at its version before", "The site is paused"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	eng.torrent = newOneSiteEngine(t, pagesInfo, nil, nil).torrent
	for _, p.asJSON = range []bool{false, true} {
		err := p.run(t.Context(), eng)
		const begin = "the site is published, but its loader was not written: "
		if engine.KindOf(err) != engine.Refused || !strings.HasPrefix(engine.Message(err), begin) {
			t.Error(err)
		}
	}
}

func TestLoaderFolderInWhatIsPublished(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "site", "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("site", filepath.Join(root, "link")); err != nil {
		t.Skip(err)
	}
	p, _, _ := newPublishing("")
	for dir, want := range map[string]bool{
		"site": true, "site/pages": true, "site/sub/a/b": true, "link/pages": true, "link": true,
		"pages": false, "site2": false, "..pages": false,
	} {
		l := &loaderFolder{client: p.client, dir: filepath.Join(root, dir)}
		for _, source := range []string{"site", "link"} {
			err := l.check(filepath.Join(root, source), false)
			if (engine.KindOf(err) == engine.Invalid) != want || err != nil && !want {
				t.Errorf("%s in %s: %v", dir, source, err)
			}
		}
	}
	p.attachTo = "ssh://me@server.example" // Now the folder is one of another machine.
	l := &loaderFolder{client: p.client, dir: filepath.Join(root, "site", "pages")}
	if err := l.check(filepath.Join(root, "site"), false); err != nil {
		t.Error(err)
	}
}

func TestLoaderFolderThatCannotBeWrittenTo(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	p, _, _ := newPublishing("")
	for _, dir := range []string{dir, filepath.Join(dir, "pages")} {
		err := (&loaderFolder{client: p.client, dir: dir}).check("/some/where", true)
		if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), "check that there is room") {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
