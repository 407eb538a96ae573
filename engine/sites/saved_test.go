package sites

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/resolve"
	"wtptui/store"
)

// backUp returns a backup of an engine.
func backUp(t *testing.T, b *fixture) ([]Saved, SavedSettings) {
	t.Helper()
	var saved []Saved
	settings, err := ArchiveOf(b.Engine).Backup(t.Context(), func(s Saved) error {
		saved = append(saved, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return saved, settings
}

// rowsOf returns the rows of these sites, except for what depends on the time.
func rowsOf(t *testing.T, db *store.DB, saved []Saved) string {
	t.Helper()
	rows, err := db.Sites()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, row := range rows {
		if !slices.ContainsFunc(saved, func(s Saved) bool { return s.Host == row.Host }) {
			continue
		}
		versions, err := db.Versions(row.Host)
		if err != nil {
			t.Fatal(err)
		}
		row = withoutVolatile(row)
		row.Kept, row.Next, row.NameTTL = nil, "", 0
		row.Complete = store.Completion{} // Its data has to come again.
		line := fmt.Sprintf("%+v", row)
		for _, v := range versions {
			line += " " + v.Infohash + v.FirstSeen.String()
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// describeOutcomes describes the outcomes of restored sites.
func describeOutcomes(all []Restored) string {
	var out []string
	for _, r := range all {
		what := "added"
		switch {
		case r.Err != nil:
			what = "refused"
		case r.Here:
			what = "here"
		}
		out = append(out, what+" "+r.Host)
	}
	return strings.Join(out, "\n")
}

// startWithAllKinds starts an engine with a site of each kind, of which a backup contains three.
func startWithAllKinds(t *testing.T) (b *fixture, own engine.Publication, wanted []string) {
	t.Helper()
	b = startFixture(t, func(c *Config) { c.Bin = time.Hour })
	for _, h := range []string{hashA, hashB, hashC} {
		b.swarm.seed(h, 2)
	}
	b.names.setAnswer("docs.example", resolve.Answer{Infohash: hashB})
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	for _, verb := range []engine.Verb{engine.NoClearnet, engine.Pause, engine.Allow} {
		b.doVerb(verb, hashA)
	}
	labelled := engine.Assignment{Label: []string{"docs", "a"}, SetEnough: true, Enough: 3}
	if err := b.Assign(t.Context(), labelled, hashA); err != nil {
		t.Fatal(err)
	}
	b.addSite("docs.example")
	b.waitFor("docs.example", "seeding", isSeeding)
	b.doVerb(engine.Pin, "docs.example")
	b.addSite(hashC)
	b.waitFor(hashC, "seeding", isSeeding)
	own = b.publish(engine.PublishRequest{Dir: newFolder(t, map[string]string{"index.html": "one"}).dir})
	binned := strings.Repeat("e", 40)
	b.addSite(binned)
	b.doVerb(engine.Pin, binned)
	b.doVerb(engine.Remove, binned)
	for _, l := range []engine.Limits{{Down: 1000}, {Label: "docs", Up: 7}} {
		if err := b.SetLimits(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	wanted = []string{hashA, "docs.example", own.Host}
	slices.Sort(wanted)
	return b, own, wanted
}

// A backup of one engine is restored in another one, while that runs, and into a database before it starts. Doing it
// again changes nothing.
func TestBackupIsRestoredInAnotherEngine(t *testing.T) {
	from, own, wanted := startWithAllKinds(t)
	saved, settings := backUp(t, from)
	var hosts []string
	for _, s := range saved {
		hosts = append(hosts, s.Host)
		if (s.Host == own.Host) != (s.Torrent != nil) { // Only what was published here has real metainfo.
			t.Errorf("the .torrent of %s: %d bytes", s.Host, len(s.Torrent))
		}
	}
	from.check("what is worth a backup", strings.Join(hosts, " "), strings.Join(wanted, " "))
	rows := rowsOf(t, from.db, saved)
	from.stop()
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprint("running ", running), func(t *testing.T) {
			b := startFixture(t)
			for _, h := range []string{hashA, hashB} {
				b.swarm.seed(h, 2)
			}
			b.names.setAnswer("docs.example", resolve.Answer{Infohash: hashB})
			restore := func(dryRun bool) string {
				t.Helper()
				all, changes := restoreInto(t, b, running, saved, settings, dryRun)
				return fmt.Sprintf("%s\nsettings %v", describeOutcomes(all), changes)
			}
			added := "added " + strings.Join(wanted, "\nadded ") + "\nsettings true"
			b.check("a dry run", restore(true), added)
			b.check("after a dry run", rowsOf(t, b.db, saved), "")
			b.check("a restore", restore(false), added)
			b.check("the rows", rowsOf(t, b.db, saved), rows)
			again := strings.NewReplacer("added", "here", "true", "false").Replace(added)
			b.check("a second one", restore(false), again)
			b.waitFor("docs.example", "seeding", isSeeding)
			s := b.readSnapshot()
			if l := s.Status; l.Limits.Down != 1000 || len(l.LabelLimits) != 1 || l.LabelLimits[0].Up != 7 {
				t.Errorf("the limits are %+v, %+v", l.Limits, l.LabelLimits)
			}
			if d, err := b.Detail(t.Context(), own.Host); err != nil || !d.Site.Own || d.Published.Dir == "" {
				t.Errorf("what was published is %+v, %v", d.Site, err)
			}
			if info, err := b.db.Info(own.Infohash); err != nil || info == nil {
				t.Errorf("the list of files of what was published: %q, %v", info, err)
			}
			b.writeStateFiles()
			b.loseDatabase()
			b.check("rebuilt from the folders", rowsOf(t, b.db, saved), rows)
		})
	}
}

// restoreInto restores into an engine that runs, or while it does not.
func restoreInto(
	t *testing.T, b *fixture, running bool, saved []Saved, settings SavedSettings, dryRun bool,
) (all []Restored, changes bool) {
	t.Helper()
	var err error
	if running {
		if all, err = ArchiveOf(b.Engine).Restore(t.Context(), saved, dryRun); err == nil {
			changes, err = ArchiveOf(b.Engine).RestoreSettings(t.Context(), settings, dryRun)
		}
		b.waitIdle()
	} else {
		b.stop()
		b.openEngine(func(db *store.DB) error {
			if all, err = RestoreStored(db, saved, b.clock.Now(), b.cfg.CacheTTL, dryRun); err == nil {
				changes, err = RestoreStoredSettings(db, settings, dryRun)
			}
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return all, changes
}

// A backup of a database that is not in use is the same as one of its engine.
func TestBackupOfAStoppedEngineIsTheSame(t *testing.T) {
	b, _, _ := startWithAllKinds(t)
	want, settings := backUp(t, b)
	b.stop()
	db, _, err := store.Open(b.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var got []Saved
	stored, err := BackupStored(t.Context(), db, func(s Saved) error {
		got = append(got, s)
		return nil
	})
	if err != nil || fmt.Sprint(stored.Limits, stored.LabelLimits) != fmt.Sprint(settings.Limits, settings.LabelLimits) {
		t.Errorf("%+v, %v, want %+v", stored, err, settings)
	}
	if len(got) != len(want) {
		t.Fatalf("%d sites, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Host != want[i].Host || string(got[i].Torrent) != string(want[i].Torrent) {
			t.Errorf("it has %s, want %s", got[i].Host, want[i].Host)
		}
	}
}

// An interrupted restore is repeated. Until then nothing is restored in part.
func TestInterruptedRestoreIsRepeated(t *testing.T) {
	b := startFixture(t)
	var saved []Saved
	for i := range 3*restoreChunk + 1 {
		host := fmt.Sprintf("%040x", i+1)
		const state = `{"site":{"host":%[1]q,"infohash":%[1]q,"pinned":true,"labels":["x"]}}`
		saved = append(saved, Saved{Host: host, State: fmt.Appendf(nil, state, host)})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ArchiveOf(b.Engine).Restore(ctx, saved, false); err == nil {
		t.Error("it goes on although nobody waits")
	}
	b.waitIdle()
	some := b.readSnapshot().Sites
	if len(some) == 0 || len(some) == len(saved) {
		t.Errorf("%d of %d sites are there", len(some), len(saved))
	}
	all, err := ArchiveOf(b.Engine).Restore(t.Context(), saved, false)
	if err != nil || strings.Count(describeOutcomes(all), "here") != len(some) {
		t.Errorf("%d sites were there: %v\n%s", len(some), err, describeOutcomes(all))
	}
	for _, s := range b.readSnapshot().Sites {
		if !s.Pinned || len(s.Labels) != 1 {
			t.Errorf("%s is %v, %v", s.Host, s.Pinned, s.Labels)
		}
	}
	if n := len(b.readSnapshot().Sites); n != len(saved) {
		t.Errorf("%d of %d sites are there", n, len(saved))
	}
}

// A backup that is made while sites are added, removed and changed has each site as it was at one time, and can be
// restored.
func TestBackupIsConsistentWhileSitesChange(t *testing.T) {
	b := startFixture(t)
	var changes sync.WaitGroup
	for i := range 4 {
		host := fmt.Sprintf("%040x", i+1)
		b.swarm.seed(host, 1)
		changes.Go(func() {
			for range 20 {
				if _, err := b.Add(t.Context(), engine.AddRequest{Address: host, Pin: true}); err != nil {
					t.Error(err)
				}
				if err := b.Do(t.Context(), engine.RemoveNow, host); err != nil {
					t.Error(err)
				}
			}
		})
	}
	stop := make(chan struct{})
	go func() { changes.Wait(); close(stop) }()
	for done := false; !done; {
		saved, settings := backUp(t, b)
		for _, s := range saved {
			if _, err := parseSavedSite(s); err != nil {
				t.Error(err)
			}
		}
		if settings.Limits != (engine.Limits{}) {
			t.Errorf("the limits are %+v", settings.Limits)
		}
		select {
		case <-stop:
			done = true
		default:
		}
	}
}

// A backup that is restored before the folders of its sites have been read does not undo what they know.
func TestFoldersOverrideAnOlderBackup(t *testing.T) {
	b, _ := withZone(t)
	b.swarm.seed(hashA, 2)
	b.addSite(hashA)
	b.waitFor(hashA, "seeding", isSeeding)
	b.doVerb(engine.Pin, hashA)
	f := newFolder(t, map[string]string{"index.html": "one"})
	b.publish(engine.PublishRequest{Dir: f.dir, Name: domain})
	var saved []Saved
	for i := range 99 {
		host := fmt.Sprintf("%040x", i+1)
		saved = append(saved, Saved{Host: host, State: fmt.Appendf(nil, `{"site":{"host":%[1]q,"infohash":%[1]q}}`, host)})
	}
	here, _ := backUp(t, b)
	saved = append(saved, here...)
	b.doVerb(engine.NoClearnet, hashA)
	f.write("index.html", "two!")
	second := b.publish(engine.PublishRequest{Dir: f.dir})
	b.writeStateFiles()
	b.stop()
	if err := os.Remove(b.path); err != nil {
		t.Fatal(err)
	}
	restore := func(saved []Saved) func(*store.DB) error {
		return func(db *store.DB) error {
			_, err := RestoreStored(db, saved, b.clock.Now(), b.cfg.CacheTTL, false)
			return err
		}
	}
	b.openEngine(restore(saved[:1]), restore(saved)) // The second goes on where the first was cut short.
	if s := b.findSite(hashA); !s.NoClearnet || !s.Pinned {
		t.Errorf("without clearnet %v, pinned %v", s.NoClearnet, s.Pinned)
	}
	b.check("the version", b.findSite(domain).Infohash, second.Infohash)
	b.check("page", b.getFile(domain, "index.html"), "two!")
	b.restart()
	b.check("the version after another start", b.findSite(domain).Infohash, second.Infohash)
}

// If the data of a restored site is not written, that is reported and retried.
func TestFailedWriteOfARestoreIsReported(t *testing.T) {
	b := startFixture(t)
	p := &store.Publication{Host: hashA, Infohash: hashA} // Without a folder it cannot be written.
	r := restorable{siteEntry: siteEntry{Site: store.Site{Host: hashA, Infohash: hashA, Mine: true}, Publication: p}}
	if err := ArchiveOf(b.Engine).addSites(t.Context(), []restorable{r}); err == nil {
		t.Error("it says that all is written")
	}
	mend := func(*store.Tx) error { p.Dir = "/site"; return nil }
	if err := b.db.Update(mend); err != nil { // Here no other change is being made.
		t.Fatal(err)
	}
	b.clock.Advance(2 * saveInterval)
	b.waitIdle()
	if all, err := b.db.Publications(); err != nil || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}
