package sites

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// testdata/schema2 is a data folder of the last version before state files, as that program left it at a clean end; its
// lock files and the database's backup are left out. That program fetched Pinned, Cached, No clearnet, Paused, Allowed
// (over its limit) and Evicted, which it had let go of a moment before the end, from another one; three versions of
// site.wtp.test, whose title stays that of the first; published /srv/blog three times as own.example and /srv/photos
// in place, where there is nothing now; and added nothing.wtp.test, which there is not. Its cache period was a hundred
// years, and so is the time for which own.example's former versions are kept.
const schema2Dir = "testdata/schema2"

// upgradeTime is a second after the end of that program.
var upgradeTime = time.Date(2026, 11, 27, 5, 56, 23, 0, time.UTC)

// upgradedProtections is what protects the sites of testdata/schema2.
const upgradedProtections = `Pinned: pinned
Cached
No clearnet: no clearnet
Paused: paused
photos: pinned mine in place
Evicted: evicted
Allowed: allowed
nothing.wtp.test: pinned
own.example: pinned mine published kept 2 versions 3
site.wtp.test: pinned kept 2 versions 3`

const upgradedEvictedHash = "d2cadaedc8f18efab9c80bd6c83de41f5833ded1"

// folderFixture is an engine on a real data folder.
type folderFixture struct {
	*fixture
	dir    string
	client *swarm.Client
	log    *strings.Builder
}

// openFolderFixture starts the engine on a data folder, at a time.
func openFolderFixture(t *testing.T, dir string, now time.Time) *folderFixture {
	t.Helper()
	f := &folderFixture{dir: dir, log: &strings.Builder{}, fixture: &fixture{
		t: t, clock: newTestClock(), swarm: newFakeSwarm(), path: filepath.Join(dir, "wtptui.db"), names: &fakeResolver{},
	}}
	f.clock.now = now
	f.cfg = Config{
		Resolver: f.names, Clock: f.clock, LocalRoot: "http://localhost:7780/", CacheTTL: time.Hour,
		Logger: slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	f.fixture.openEngine(func(db *store.DB) (err error) {
		f.client, err = swarm.New(swarm.Config{
			Dir: filepath.Join(dir, "sites"), Completion: db, PeerHost: "127.0.0.1", Logger: f.cfg.Logger,
		})
		f.cfg.Swarm = f.client
		return err
	})
	t.Cleanup(f.close)
	return f
}

// close ends the engine in the orderly way. A second call does nothing.
func (f *folderFixture) close() {
	f.t.Helper()
	if f.db == nil {
		return
	}
	if err := f.Engine.Close(); err != nil {
		f.t.Error(err)
	}
	if err := f.client.Close(); err != nil {
		f.t.Error(err)
	}
	if err := f.db.Close(); err != nil {
		f.t.Error(err)
	}
	f.db = nil
}

// protections returns what protects each site, by its title or domain, sorted by host.
func (f *folderFixture) protections() string {
	f.t.Helper()
	rows, err := f.db.Sites()
	if err != nil {
		f.t.Fatal(err)
	}
	all, err := f.db.Publications()
	if err != nil {
		f.t.Fatal(err)
	}
	published := map[string]store.Publication{}
	for _, p := range all {
		published[p.Host] = p
	}
	var out []string
	for _, row := range rows {
		name, err := f.db.Name(row.Host)
		if err != nil {
			f.t.Fatal(err)
		}
		out = append(out, protectionOf(row, published[row.Host], len(name.Versions)))
	}
	return strings.Join(out, "\n")
}

func protectionOf(row store.Site, p store.Publication, versions int) string {
	title := row.Host
	if engine.IsInfohash(title) {
		title = row.Title
	}
	var flags []string
	for _, flag := range []struct {
		is   bool
		text string
	}{
		{row.Pinned, "pinned"},
		{row.Mine, "mine"},
		{row.Paused, "paused"},
		{row.Allowed, "allowed"},
		{row.NoClearnet, "no clearnet"},
		{!row.EvictedAt.IsZero(), "evicted"},
		{row.Found, "found"},
		{p.InPlace, "in place"},
		{len(p.Former) > 0, "published"},
		{len(row.Kept) > 0, fmt.Sprint("kept ", len(row.Kept))},
		{versions > 1, fmt.Sprint("versions ", versions)},
	} {
		if flag.is {
			flags = append(flags, flag.text)
		}
	}
	if len(flags) == 0 {
		return title
	}
	return title + ": " + strings.Join(flags, " ")
}

// readDataFiles returns the contents of all numbered files below a data folder, by path.
func readDataFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "sites", "*", "[0-9]*"))
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]string{}
	for _, path := range paths {
		if info, err := os.Lstat(path); err == nil && info.IsDir() {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[strings.TrimPrefix(path, dir)] = string(content)
	}
	return data
}

// The data folder of the version before is taken over, and from then on its facts are in the sites' folders too.
func TestUpgradeTakesOverTheDataFolder(t *testing.T) {
	dir := copyFolder(t, schema2Dir)
	data := readDataFiles(t, dir)
	f := openFolderFixture(t, dir, upgradeTime)
	f.checkUpgraded("at the first start", data)
	f.close()
	removeFile(t, dir, "wtptui.db")
	f = openFolderFixture(t, dir, upgradeTime)
	f.checkUpgraded("rebuilt from the folders", data)
	f.doVerb(engine.Undo, upgradedEvictedHash)
	f.waitFor(upgradedEvictedHash, "brought back", isSeeding)
	f.clock.Advance(engine.UndoPeriod)
	f.doVerb(engine.Evict, upgradedEvictedHash)
	f.clock.Advance(engine.UndoPeriod)
	f.writeStateFiles()
	delete(data, "/sites/"+upgradedEvictedHash+"/0")
	if after := readDataFiles(t, dir); !maps.Equal(after, data) {
		t.Errorf("left when Evicted is gone: %q", slices.Sorted(maps.Keys(after)))
	}
}

// A person goes back to the version before, with the copy of the database that was made for that, and upgrades again.
// It is unknown which was changed last, so all that protects a site in either database protects it.
func TestDowngradeAndUpgradeLosesNoProtection(t *testing.T) {
	dir := copyFolder(t, schema2Dir)
	data := readDataFiles(t, dir)
	f := openFolderFixture(t, dir, upgradeTime)
	f.writeStateFiles()
	hosts := f.hostsByTitle()
	for title, verb := range map[string]engine.Verb{
		"Pinned": engine.Unpin, "Cached": engine.Pin, "No clearnet": engine.Clearnet, "Paused": engine.Resume,
		"Allowed": engine.Evict,
	} {
		f.doVerb(verb, hosts[title])
	}
	f.writeStateFiles()
	delete(data, "/sites/"+upgradedEvictedHash+"/0") // Its time is over.
	f.close()
	if err := os.Rename(f.path+".schema2", f.path); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"after a downgrade", "at the next start"} {
		f = openFolderFixture(t, dir, upgradeTime)
		f.writeStateFiles()
		f.check("what protects the sites "+when, f.protections(),
			strings.Replace(upgradedProtections, "Cached", "Cached: pinned", 1))
		if after := readDataFiles(t, dir); !maps.Equal(after, data) {
			t.Errorf("%s there are %q", when, slices.Sorted(maps.Keys(after)))
		}
		f.close()
	}
}

func (f *folderFixture) hostsByTitle() map[string]string {
	f.t.Helper()
	rows, err := f.db.Sites()
	if err != nil {
		f.t.Fatal(err)
	}
	hosts := map[string]string{}
	for _, row := range rows {
		hosts[row.Title] = row.Host
	}
	return hosts
}

// Starting from each state that a kill of the first start can leave, everything is taken over. If the database is lost
// in that state, nothing is deleted, and all that is in a state file is protected as before.
func TestKillDuringTheUpgradeLosesNothing(t *testing.T) {
	done := copyFolder(t, schema2Dir)
	data := readDataFiles(t, done)
	f := openFolderFixture(t, done, upgradeTime)
	f.writeStateFiles()
	killed := copyFolder(t, done) // at rest
	f.close()
	for _, state := range killedUpgrades(t, killed) {
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			dir := copyFolder(t, schema2Dir)
			state.apply(t, dir)
			lost := copyFolder(t, dir)
			f := openFolderFixture(t, dir, upgradeTime)
			f.checkUpgraded("after the kill", data)
			f.close()
			removeFile(t, lost, "wtptui.db")
			f = openFolderFixture(t, lost, upgradeTime)
			f.writeStateFiles()
			if after := readDataFiles(t, lost); !maps.Equal(after, data) {
				t.Errorf("with the database lost as well there are %d files, were %d", len(after), len(data))
			}
			if state.complete {
				f.check("protection with the database lost as well", f.protections(), upgradedProtections)
			}
		})
	}
}

// killedUpgrade is what a kill has left of a first start.
type killedUpgrade struct {
	name     string
	files    map[string]string // by path
	complete bool              // all state files are there
}

func (k killedUpgrade) apply(t *testing.T, dir string) {
	t.Helper()
	for name, content := range k.files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "/") {
			continue
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// killedUpgrades lists the states in the order of the writes. done is the folder after all of them.
func killedUpgrades(t *testing.T, done string) []killedUpgrade {
	t.Helper()
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(done, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	var states []killedUpgrade
	files := map[string]string{}
	// reach adds a state: what was there before, the files that stay, and those that were being written.
	reach := func(name string, stay, temporary map[string]string) {
		maps.Copy(files, stay)
		now := maps.Clone(files)
		maps.Copy(now, temporary)
		states = append(states, killedUpgrade{name: name, files: now})
	}
	backup := read("wtptui.db.schema2")
	reach("half a copy", nil, map[string]string{"wtptui.db.schema2.new": backup[:len(backup)/2]})
	reach("a copy", nil, map[string]string{"wtptui.db.schema2.new": backup})
	reach("a copy in place", map[string]string{"wtptui.db.schema2": backup}, nil)
	reach("migrated", map[string]string{"wtptui.db": read("wtptui.db")}, nil)
	id := read("sites/identity")
	reach("half an identity", nil, map[string]string{"sites/incoming-1": id[:len(id)/2]})
	reach("an identity", map[string]string{"sites/identity": id}, nil)
	folders, err := filepath.Glob(filepath.Join(done, "sites", "*", "site.json"))
	if err != nil || len(folders) != 14 {
		t.Fatalf("%d folders have a state file, %v", len(folders), err)
	}
	for i, path := range folders {
		dir := "sites/" + filepath.Base(filepath.Dir(path)) + "/"
		state, torrent := read(dir+"site.json"), ""
		if !strings.Contains(dir, unresolvedPrefix) {
			torrent = read(dir + "site.torrent")
		}
		// Each is written like the others: one step of each is enough.
		switch name := fmt.Sprint(i, " folders and "); i % 5 {
		case 0:
			reach(name+"an empty one", nil, map[string]string{dir: ""})
		case 1:
			reach(name+"half a state file", nil, map[string]string{dir + "site.json.writing": state[:len(state)/2]})
		case 2:
			reach(name+"new files", nil, map[string]string{
				dir + "site.json.writing": state, dir + "site.torrent.writing": torrent[1:],
			})
		case 3:
			reach(name+"a state file", map[string]string{dir + "site.json": state}, nil)
		}
		files[dir+"site.json"] = state
		if torrent != "" {
			files[dir+"site.torrent"] = torrent
		}
	}
	reach("all folders", nil, nil)
	states[len(states)-1].complete = true
	return states
}

// checkUpgraded compares everything with what was in testdata/schema2.
func (f *folderFixture) checkUpgraded(when string, data map[string]string) {
	f.t.Helper()
	f.writeStateFiles()
	for line := range strings.Lines(f.log.String()) {
		if !strings.Contains(line, "host=nothing.wtp.test") && !strings.Contains(line, "rebuilt from the data folders") {
			f.t.Errorf("%s the log says %s", when, line)
		}
	}
	f.check("what protects the sites "+when, f.protections(), upgradedProtections)
	for pattern, n := range map[string]int{
		"*.new": 0, "sites/incoming-*": 0, "sites/*/*.writing": 0, "sites/identity": 1, "sites/*/site.json": 14,
		"sites/*/site.torrent": 13,
	} {
		if found, err := filepath.Glob(filepath.Join(f.dir, pattern)); err != nil || len(found) != n {
			f.t.Errorf("%s there are %d %s: %q, %v", when, len(found), pattern, found, err)
		}
	}
	if after := readDataFiles(f.t, f.dir); !maps.Equal(after, data) || len(data) != 12 {
		f.t.Errorf("%s there are %d files, were %d: %q", when, len(after), len(data), slices.Sorted(maps.Keys(after)))
	}
	rows, err := f.db.Sites()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, row := range rows {
		if row.Infohash == "" || row.Paused || !row.EvictedAt.IsZero() || row.Title == "photos" {
			continue
		}
		f.waitFor(row.Host, row.Title+" served "+when, isSeeding)
		f.check(row.Title+" "+when, f.getFile(row.Host, "index.html"), data["/sites/"+row.Infohash+"/0"])
	}
}
