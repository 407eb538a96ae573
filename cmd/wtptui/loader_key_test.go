package main

import (
	"strings"
	"testing"

	"wtptui/engine"
)

// Browsers cannot get the record of a key. So the loader uses only the version in its folder, even if a domain names
// the key and an old infohash besides, and says so.
func TestLoaderOfASiteUnderAKey(t *testing.T) {
	for name, set := range map[string]func(d *engine.Detail){
		"key":                  func(d *engine.Detail) { d.Site.Host = keyHost },
		"domain with a key":    func(d *engine.Detail) { d.Domain.Key = keyHost },
		"domain with a record": func(d *engine.Detail) { d.Site.Record.Infohash = d.Site.Infohash },
	} {
		p, _, _ := newPublishing("/some/where")
		eng := newOneSiteEngine(t, pagesInfo, []string{"wss://d.example"}, nil)
		set(&eng.detail)
		l := newLoader(t, p)
		r, err := l.write(t.Context(), eng, eng.detail.Site.Host)
		if err != nil {
			t.Fatal(err)
		}
		if page := readPage(t, l); page.Domain != "" || len(page.Resolvers) != 0 || r.Domain != "" || !r.Key {
			t.Errorf("%s: pages are told %+v, and it reports %+v", name, page, r)
		}
		var out strings.Builder
		l.printReport(&out, r, eng.detail.Site)
		if !strings.Contains(out.String(), "Browsers cannot look up what the site's key has signed") ||
			strings.Contains(out.String(), "TXT") {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

// Each version of a watched folder reports who has stored its record. Only the first one reports what is left to do for
// the key.
func TestWatchReportsRecords(t *testing.T) {
	p, stdout, stderr := newPublishing(t.TempDir())
	w := &folderWatch{publishRun: p}
	r := engine.Publication{
		Infohash: strings.Repeat("a", 40), Key: engine.Key{Name: "blog", Host: keyHost}, Record: engine.Record{Nodes: 12},
	}
	for i := range 2 {
		if err := w.printVersion(r); err != nil {
			t.Fatal(err)
		}
		w.afterVersion(t.Context(), nil, r, i == 0)
	}
	if n := strings.Count(stdout.String(), "12 nodes of the DHT stored its record."); n != 2 {
		t.Errorf("%d lines:\n%s", n, stdout)
	}
	if n := strings.Count(stderr.String(), "wtptui keys export blog"); n != 1 {
		t.Errorf("told %d times:\n%s", n, stderr)
	}
}
