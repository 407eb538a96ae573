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

// Each torrent's folder describes itself: its state file has the rows of all sites that use the torrent. The database
// is written first, and state files follow. At start the newer one of the two counts, so that a lost, damaged or old
// database is rebuilt from the folders. The tombstone of a deleted site stays in the database until no state file
// contains the site any more.

// stateWriteInterval is how often state files are written. They are never further behind the database than twice that.
const stateWriteInterval = 2 * time.Second

// maxRetryPause is the longest time until state files that could not be written are retried.
const maxRetryPause = time.Minute

// stateFormat is the version of state files that this program writes and reads.
const stateFormat = 1

// stateFile is the content of a state file.
type stateFile struct {
	// Format comes first, so that a person who views the file recognizes the program.
	Format int `json:"wtptui_state"`
	// DataFolder is the identity of the data folder in which it was written. A folder that was copied from elsewhere
	// has another one.
	DataFolder string      `json:"data_folder"`
	Sites      []siteEntry `json:"sites"`
}

// siteEntry is one site in a state file.
type siteEntry struct {
	Site store.Site `json:"site"`
	// Publication is that of the folder's torrent.
	Publication *store.Publication `json:"publication,omitempty"`
	// Versions are the infohashes that the host has had, newest first.
	Versions []versionEntry `json:"versions,omitempty"`
	// Records are the newest records of the keys that decide where the site points.
	Records []recordEntry `json:"records,omitempty"`
}

type versionEntry struct {
	Infohash  string      `json:"infohash"`
	FirstSeen engine.Time `json:"first_seen"`
	LastSeen  engine.Time `json:"last_seen"`
	Source    string      `json:"source,omitempty"`
}

// unresolvedPrefix begins the name of the folder of a site without an infohash.
const unresolvedPrefix = "host-"

// folderNames returns the folders whose state files contain a site.
func folderNames(row store.Site) []string {
	if row.Host == "" { // there was no site
		return nil
	}
	if row.Infohash == "" {
		return []string{unresolvedPrefix + engine.OriginLabel(row.Host)}
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
	// described are the folders that have a .torrent file.
	described map[string]bool
	// foreign are those whose state files were written by a newer version of the program: they are not touched.
	foreign    map[string]bool
	tombstones tombstones
	lastWrite  time.Time
	// failed are those that could not be written. They become stale again at retry; pause is the current delay.
	failed  map[string]bool
	retry   time.Time
	pause   time.Duration
	failure *failure
	// isBeingDeleted reports whether a torrent's data is being deleted or about to be.
	isBeingDeleted func(infohash string) bool
}

func newFolders(cfg *Config, o *owner, j *journal, r *roster, own *publications) *folders {
	return &folders{
		cfg: cfg, owner: o, journal: j, roster: r, own: own,
		stale: map[string]bool{}, described: map[string]bool{}, foreign: map[string]bool{}, failed: map[string]bool{},
		tombstones: tombstones{byHost: map[string]tombstone{}, staleFolders: map[string]int{}},
	}
}

// rowWritten handles a row that has been written to the disk; before is the one that was there.
func (f *folders) rowWritten(row, before store.Site) {
	if sameEssentials(row, before) {
		return
	}
	f.mark(append(folderNames(before), folderNames(row)...)...)
}

// markChanged records that a folder's state file has to change although no row has.
func (f *folders) markChanged(infohash string) { f.mark(infohash) }

// mark records that state files are out of date.
func (f *folders) mark(names ...string) {
	for _, name := range names {
		f.stale[name] = true
		f.tombstones.addStale(name)
	}
}

// sameEssentials reports whether two rows of a site are equal except for numbers and times that change all the time and
// that a rebuilt site gets anew.
func sameEssentials(a, b store.Site) bool {
	return a.Host == b.Host && reflect.DeepEqual(withoutVolatile(a), withoutVolatile(b))
}

func withoutVolatile(row store.Site) store.Site {
	row.Rev, row.Downloaded, row.Uploaded = 0, 0, 0
	row.Shared, row.Copies = false, store.Copies{}
	row.LastOpen, row.ExpiresAt = time.Time{}, time.Time{}
	return row
}

// isBeingWritten reports whether a folder is being written. It must not be deleted meanwhile.
func (f *folders) isBeingWritten(name string) bool { return f.writing[name] }

// onTick writes state files that are out of date.
func (f *folders) onTick(now time.Time) {
	f.forgetTombstones()
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

// retryFailed makes the folders that could not be written stale again.
func (f *folders) retryFailed() {
	maps.Copy(f.stale, f.failed)
	clear(f.failed)
}

// finish writes what is out of date after the owner's goroutine has ended. If that fails the next start writes it.
func (f *folders) finish() {
	f.retryFailed()
	notes := f.buildStateFiles()
	_, err := f.writeFiles(notes, f.unneeded(notes), maps.Clone(f.described))
	f.failure.note(err)
}

// unneeded returns the folders for hosts that no site needs any more. Other folders without sites are up to date, or
// will be once they are deleted.
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

// buildStateFiles returns the state files of the folders that are out of date.
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

// startWriting writes state files in the background, and deletes the folders in gone.
func (f *folders) startWriting(notes map[string]*stateFile, gone []string) {
	names := f.stale
	f.stale, f.writing = map[string]bool{}, names
	described := make(map[string]bool, len(notes))
	for name := range notes {
		described[name] = f.described[name]
	}
	var failed map[string]bool
	var err error
	tombstones := f.tombstones.added
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
			if again || notes[name] != nil && f.tombstones.added > tombstones {
				// What was written may contain a site that has been deleted since.
				f.stale[name] = true
				f.tombstones.staleFolders[name] = tombstones
			}
		}
		f.noteOutcome(err)
	})
}

// noteOutcome records the outcome of a write, and when failed folders are retried.
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

// writeFiles is the part of startWriting that runs outside of the owner. described has which folders have a .torrent,
// before and after. It returns the names of the folders that must be retried, and the error of the first of them.
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

// encodeFolder returns what has to be written into one folder.
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

// makeTorrentFile returns the torrent's .torrent file; nil if its list of files is unknown.
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

// parseStateFile parses a state file. The error says why it cannot be trusted.
func parseStateFile(state []byte, identity string) (*stateFile, error) {
	var n stateFile
	if err := json.Unmarshal(state, &n); err != nil {
		return nil, fmt.Errorf("its state file is damaged: %w", err)
	}
	switch {
	case n.Format > stateFormat:
		return nil, errNewerStateFile
	case n.Format < 1:
		return nil, errors.New("its state file is not one of wtptui")
	case n.DataFolder != identity:
		return nil, errors.New("it was copied in from another data folder")
	}
	for _, entry := range n.Sites {
		host, err := engine.ParseKnownHost(entry.Site.Host)
		if err != nil || host != entry.Site.Host {
			return nil, errors.New("its state file names an invalid site")
		}
	}
	return &n, nil
}
