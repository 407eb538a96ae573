package sites

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// A torrent's folder says itself what it is: its state file has the rows of all sites that have the torrent. The
// database is written first, and state files follow; at start the newer one of the two counts, so that a database
// that is lost, damaged or old is rebuilt from the folders. A site whose row has gone leaves a grave in the database
// until no state file speaks of it any more.

// stateWriteInterval is how often state files are written; they are never further behind the database than twice that.
const stateWriteInterval = 2 * time.Second

// maxRetryPause is how long state files that could not be written wait at most before they are tried again.
const maxRetryPause = time.Minute

// stateFormat is the version of state files that this program writes and reads.
const stateFormat = 1

// note is what a state file says.
type stateFile struct {
	// Format comes first, so that a person who looks at the file sees whose it is.
	Format int `json:"wtptui_state"`
	// DataFolder is the identity of the data folder that it was written in: a folder that was copied in from
	// elsewhere has another one.
	DataFolder string      `json:"data_folder"`
	Sites      []siteEntry `json:"sites"`
}

// noted is one site in a state file.
type siteEntry struct {
	Site store.Site `json:"site"`
	// Publication is that of the folder's torrent.
	Publication *store.Publication `json:"publication,omitempty"`
	// Versions are the infohashes that the host has had, newest first.
	Versions []versionEntry `json:"versions,omitempty"`
	// Records are the newest ones of the keys that say where the site is.
	Records []recordEntry `json:"records,omitempty"`
}

type versionEntry struct {
	Infohash  string      `json:"infohash"`
	FirstSeen engine.Time `json:"first_seen"`
	LastSeen  engine.Time `json:"last_seen"`
	Source    string      `json:"source,omitempty"`
}

// unresolved begins the name of the folder of a site that has no infohash yet.
const unresolvedPrefix = "host-"

// folderNames are the folders that are to speak of a site.
func folderNames(row store.Site) []string {
	if row.Host == "" { // there was no site
		return nil
	}
	if row.Infohash == "" {
		return []string{unresolvedPrefix + engine.Label(row.Host)}
	}
	names := []string{row.Infohash}
	if row.Next != "" {
		names = append(names, row.Next)
	}
	for _, k := range row.Kept {
		names = append(names, k.Infohash)
	}
	return names
}

// folders keeps the state files up to date.
type folders struct {
	cfg     *Config
	owner   *owner
	journal *journal
	roster  *roster
	own     *publications

	// stale are the names of folders whose state files are out of date, and writing those that are being written.
	stale, writing map[string]bool
	// described are those that have a .torrent.
	described map[string]bool
	// foreign are those whose state files are of a newer program: they are left alone.
	foreign   map[string]bool
	graves    graves
	lastWrite time.Time
	// failed are those that could not be written: they are stale again at retry, and pause is how long that was put
	// off.
	failed  map[string]bool
	retry   time.Time
	pause   time.Duration
	failure *failure
	// isBeingDeleted says that a torrent's data is being deleted, or about to be.
	isBeingDeleted func(infohash string) bool
}

func newFolders(cfg *Config, o *owner, j *journal, r *roster, own *publications) *folders {
	return &folders{
		cfg: cfg, owner: o, journal: j, roster: r, own: own,
		stale: map[string]bool{}, described: map[string]bool{}, foreign: map[string]bool{}, failed: map[string]bool{},
		graves: graves{byHost: map[string]grave{}, staleFolders: map[string]int{}},
	}
}

// written is told of a row that is on the disk, and of the one that was there before.
func (f *folders) rowWritten(row, before store.Site) {
	if sameEssentials(row, before) {
		return
	}
	f.mark(append(folderNames(before), folderNames(row)...)...)
}

// changed says that a folder has more to say than what is in the rows.
func (f *folders) markChanged(infohash string) { f.mark(infohash) }

// mark says that state files are out of date.
func (f *folders) mark(names ...string) {
	for _, name := range names {
		f.stale[name] = true
		f.graves.addStale(name)
	}
}

// sameEssentials reports whether two rows of a site say the same but for numbers and times that change all the time,
// and of which a site that is rebuilt gets new ones.
func sameEssentials(a, b store.Site) bool {
	return a.Host == b.Host && reflect.DeepEqual(withoutVolatile(a), withoutVolatile(b))
}

func withoutVolatile(row store.Site) store.Site {
	row.Rev, row.Downloaded, row.Uploaded = 0, 0, 0
	row.Shared, row.Copies = false, store.Copies{}
	row.LastOpen, row.ExpiresAt = time.Time{}, time.Time{}
	return row
}

// isBusy says that a folder is being written, and may not be deleted.
func (f *folders) isBeingWritten(name string) bool { return f.writing[name] }

// pass writes what is out of date.
func (f *folders) onTick(now time.Time) {
	f.forgetGraves()
	if len(f.failed) > 0 && !now.Before(f.retry) {
		f.retryFailed()
	}
	if len(f.stale) == 0 || f.writing != nil || now.Sub(f.lastWrite) < stateWriteInterval {
		return
	}
	f.lastWrite = now
	notes := f.buildStateFiles()
	f.startWriting(notes, f.unneeded(notes))
}

// retryFailed has what could not be written be written with the rest.
func (f *folders) retryFailed() {
	maps.Copy(f.stale, f.failed)
	clear(f.failed)
}

// finish writes what is out of date when the owner's goroutine has ended. What fails is written by the next start.
func (f *folders) finish() {
	f.retryFailed()
	notes := f.buildStateFiles()
	_, err := f.writeFiles(notes, f.unneeded(notes), maps.Clone(f.described))
	f.failure.note(err)
}

// needless gives the folders for hosts that no site needs any more. Other folders of which there is nothing to say are
// silent, or will be when they are gone.
func (f *folders) unneeded(notes map[string]*stateFile) (names []string) {
	for name := range f.stale {
		switch {
		case notes[name] != nil && !f.foreign[name]:
		case !engine.IsInfohash(name):
			names = append(names, name)
		case f.foreign[name] || !f.isBeingDeleted(name):
			f.markUpToDate(name)
		}
	}
	return names
}

// collect gives what the folders that are out of date are to say.
func (f *folders) buildStateFiles() map[string]*stateFile {
	notes := map[string]*stateFile{}
	for _, group := range []map[string]*site{f.roster.here, f.roster.binned} {
		for _, s := range group {
			for _, name := range folderNames(s.saved) {
				if !f.stale[name] || f.foreign[name] || s.saved.Host == "" || s.saved.Found {
					continue
				}
				if notes[name] == nil {
					notes[name] = &stateFile{Format: stateFormat, DataFolder: f.cfg.Swarm.Identity()}
				}
				entry := siteEntry{Site: s.saved}
				if p, published := f.own.byHost[s.saved.Host]; published && p.Infohash == name {
					entry.Publication = &p
				}
				notes[name].Sites = append(notes[name].Sites, entry)
			}
		}
	}
	return notes
}

// write writes state files, and deletes the folders that no site needs any more.
func (f *folders) startWriting(notes map[string]*stateFile, gone []string) {
	names := f.stale
	f.stale, f.writing = map[string]bool{}, names
	described := make(map[string]bool, len(notes))
	for name := range notes {
		described[name] = f.described[name]
	}
	var failed map[string]bool
	var err error
	graves := f.graves.added
	f.owner.startTask(func() { failed, err = f.writeFiles(notes, gone, described) }, func() {
		f.writing = nil
		maps.Copy(f.failed, failed)
		for _, name := range slices.Concat(slices.Collect(maps.Keys(notes)), gone) {
			if failed[name] {
				continue
			}
			delete(f.failed, name)
			f.described[name] = described[name]
			again := f.stale[name]
			f.markUpToDate(name)
			if again || notes[name] != nil && f.graves.added > graves {
				// What was written may speak of a site that has gone since.
				f.stale[name] = true
				f.graves.staleFolders[name] = graves
			}
		}
		f.noteOutcome(err)
	})
}

// report says how it went, and when what failed is tried again.
func (f *folders) noteOutcome(err error) {
	switch {
	case err != nil:
		f.pause = min(2*max(f.pause, stateWriteInterval), maxRetryPause)
		f.retry = f.lastWrite.Add(f.pause)
		f.failure.note(err)
	case len(f.failed) == 0:
		f.pause = 0
		f.failure.note(nil)
	}
}

// writeFiles is what write does outside. described says which folders have a .torrent, before and after. It returns the
// names of the folders that are to be tried again, and why the first of them is.
func (f *folders) writeFiles(
	notes map[string]*stateFile, gone []string, described map[string]bool,
) (failed map[string]bool, err error) {
	failed = map[string]bool{}
	fail := func(why error, names ...string) {
		for _, name := range names {
			failed[name] = true
		}
		err = cmp.Or(err, why)
	}
	out := make([]swarm.Folder, 0, len(notes))
	for name, n := range notes {
		folder, describeErr := f.encodeFolder(name, n, described)
		if describeErr != nil {
			fail(describeErr, name)
		} else {
			out = append(out, folder)
		}
	}
	var some *swarm.FoldersError
	switch writeErr := f.cfg.Swarm.WriteFolders(out); {
	case errors.As(writeErr, &some):
		fail(writeErr, some.Names...)
	case writeErr != nil:
		fail(writeErr, slices.Collect(maps.Keys(notes))...)
	}
	for _, name := range gone {
		if deleteErr := f.cfg.Swarm.DeleteFolder(name); deleteErr != nil {
			fail(deleteErr, name)
		}
	}
	return failed, err
}

// folder makes what is to be written of one folder.
func (f *folders) encodeFolder(name string, n *stateFile, described map[string]bool) (folder swarm.Folder, err error) {
	for i := range n.Sites {
		if err := n.Sites[i].loadStored(f.cfg.Store, f.cfg.Records); err != nil {
			return folder, err
		}
	}
	slices.SortFunc(n.Sites, func(a, b siteEntry) int { return cmp.Compare(a.Site.Host, b.Site.Host) })
	state, err := json.MarshalIndent(n, "", " ")
	if err != nil {
		return folder, err
	}
	folder = swarm.Folder{Name: name, State: append(state, '\n')}
	if !described[name] && engine.IsInfohash(name) {
		folder.Torrent, err = f.makeTorrentFile(name, n)
		described[name] = folder.Torrent != nil
	}
	return folder, err
}

// describe gives the torrent's .torrent, or nil while its list of files is not known.
func (f *folders) makeTorrentFile(infohash string, n *stateFile) ([]byte, error) {
	info, err := f.cfg.Store.Info(infohash)
	if err != nil || info == nil {
		return nil, err
	}
	var trackers, webSeeds []string
	for _, entry := range n.Sites {
		trackers, webSeeds = union(trackers, entry.Site.Trackers), union(webSeeds, entry.Site.WebSeeds)
	}
	return swarm.MakeMetainfo(info, trackers, webSeeds, nil)
}

// parseStateFile reads a state file. An error says why it cannot be believed.
func parseStateFile(state []byte, identity string) (*stateFile, error) {
	var n stateFile
	if err := json.Unmarshal(state, &n); err != nil {
		return nil, fmt.Errorf("its state file is damaged: %w", err)
	}
	switch {
	case n.Format > stateFormat:
		return nil, errNewerStateFile
	case n.Format < 1:
		return nil, errors.New("its state file is no state file")
	case n.DataFolder != identity:
		return nil, errors.New("it was copied in from another data folder")
	}
	for _, entry := range n.Sites {
		host, err := engine.ParseKnownHost(entry.Site.Host)
		if err != nil || host != entry.Site.Host {
			return nil, errors.New("its state file names a site that cannot be")
		}
	}
	return &n, nil
}
