package sites

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

var errNewerStateFile = errors.New("its state file was written by a newer wtptui")

// rebuild compares the database with the data folders at start, and restores what either has lost.
type rebuild struct {
	cfg *Config
	now time.Time

	rows       map[string]store.Site // sites by host, as they will be
	tombstones map[string]store.Tombstone
	stateFiles map[string]*stateFile // trusted state files by folder name
	restored   map[string]siteEntry  // entries that are newer than the database, by host
	foundData  []string              // infohashes of data of no known site
	adopted    []string              // infohashes of found data that a site uses now
	// needed are the folders that a site uses.
	needed map[string]bool
	// infos are lists of files that the database lacks, by infohash.
	infos map[string][]byte
	// rev is the largest revision seen.
	rev     int64
	folders *folders
}

// storedState is what an engine starts with.
type storedState struct {
	rows []store.Site
	// leftovers are infohashes with records or data that may be deleted.
	leftovers []string
}

// loadStored loads what the store and the data folders remember, and merges the two.
func (st *state) loadStored() (storedState, error) {
	if err := st.rates.restore(); err != nil {
		return storedState{}, err
	}
	if err := st.removals.load(st.cfg.Store); err != nil {
		return storedState{}, err
	}
	if err := st.homes.load(st.cfg.Store); err != nil {
		return storedState{}, err
	}
	rows, err := st.cfg.Store.Sites()
	if err != nil {
		return storedState{}, fmt.Errorf("sites: load: %w", err)
	}
	tombstones, err := st.cfg.Store.Tombstones()
	if err != nil {
		return storedState{}, fmt.Errorf("sites: load: %w", err)
	}
	r := &rebuild{
		cfg: st.cfg, now: st.clock.Now(), folders: st.folders,
		rows: map[string]store.Site{}, tombstones: map[string]store.Tombstone{}, stateFiles: map[string]*stateFile{},
		restored: map[string]siteEntry{}, needed: map[string]bool{}, infos: map[string][]byte{},
	}
	for _, row := range rows {
		r.rows[row.Host], r.rev = row, max(r.rev, row.Rev)
	}
	for _, g := range tombstones {
		r.tombstones[g.Host], r.rev = g, max(r.rev, g.Rev)
	}
	if err := r.run(); err != nil {
		return storedState{}, err
	}
	st.journal.rev = r.rev
	if err := st.own.load(); err != nil {
		return storedState{}, err
	}
	known, err := st.cfg.Store.Torrents()
	if err != nil {
		return storedState{}, fmt.Errorf("sites: load: %w", err)
	}
	return storedState{slices.Collect(maps.Values(r.rows)), r.leftovers(known)}, nil
}

func (r *rebuild) run() error {
	all, err := r.cfg.Swarm.ReadFolders()
	if err != nil {
		return err
	}
	for _, f := range all {
		r.readFolder(f)
	}
	r.chooseEntries()
	for _, f := range all {
		r.examine(f)
	}
	if err := r.save(); err != nil {
		return err
	}
	r.markStale()
	r.report()
	return nil
}

// readFolder reads a folder's state file.
func (r *rebuild) readFolder(f swarm.Folder) {
	if f.Err != nil {
		r.cfg.Logger.Warn("sites: a data folder cannot be read", "folder", f.Name, "err", f.Err)
	}
	r.folders.described[f.Name] = f.Torrent != nil
	if f.State == nil {
		return
	}
	n, err := parseStateFile(f.State, r.cfg.Swarm.Identity())
	if err != nil {
		r.folders.foreign[f.Name] = errors.Is(err, errNewerStateFile)
		r.cfg.Logger.Warn("sites: what a data folder says of itself is not believed", "folder", f.Name, "err", err)
		return
	}
	r.stateFiles[f.Name] = n
}

// chooseEntries chooses the newest entries of state files that are newer than the database.
func (r *rebuild) chooseEntries() {
	for _, name := range slices.Sorted(maps.Keys(r.stateFiles)) { // sorted, so that ties are stable
		for _, entry := range r.stateFiles[name].Sites {
			host, rev := entry.Site.Host, entry.Site.Rev
			r.rev = max(r.rev, rev)
			row, known := r.rows[host]
			best, chosen := r.restored[host]
			switch g, removed := r.tombstones[host]; {
			case removed && rev <= g.Rev:
			case known && rev <= row.Rev && (entry.Site.Found || !row.Found):
			case chosen && rev < best.Site.Rev:
			case chosen && rev == best.Site.Rev && entry.Publication == nil: // the same state in another version's folder
			default:
				r.restored[host] = entry
			}
		}
	}
	for host, entry := range r.restored {
		row := entry.Site
		if was, known := r.rows[host]; known && was.Rev == 0 {
			row = mergeProtection(row, was)
		}
		if row.EvictedAt.IsZero() && !row.Pinned && !row.Found {
			row.ExpiresAt = r.now.Add(r.cfg.CacheTTL) // when it was opened last is unknown
		}
		r.rows[host] = row
		entry.Site = row
		r.restored[host] = entry
	}
	for _, row := range r.rows {
		for _, name := range folderNames(row) {
			r.needed[name] = r.needed[name] || !row.Found
		}
	}
	for host, row := range r.rows {
		if row.Found && r.needed[row.Infohash] {
			r.adopted = append(r.adopted, host)
			delete(r.rows, host)
		}
		r.needed[row.Infohash] = true
	}
}

// mergeProtection returns a state file's row, with the protection of a database row that has no Rev added. An old
// program without state files wrote that row, perhaps after a downgrade, so it is unknown which of the two is newer.
func mergeProtection(row, was store.Site) store.Site {
	row.Pinned, row.Mine = row.Pinned || was.Pinned, row.Mine || was.Mine
	row.Allowed, row.Paused, row.Held = row.Allowed || was.Allowed, row.Paused || was.Paused, row.Held || was.Held
	row.Flags = store.Flags(engine.Flags(row.Flags).Or(engine.Flags(was.Flags)))
	row.Found = row.Found && was.Found
	row.Labels = union(slices.Clone(row.Labels), was.Labels)
	slices.Sort(row.Labels)
	if was.EvictedAt.IsZero() {
		row.EvictedAt, row.Removed, row.BinBytes, row.BinUntil = time.Time{}, false, 0, time.Time{}
	}
	return row
}

// examine finds data that belongs to no site, and lists of files that the database lacks.
func (r *rebuild) examine(f swarm.Folder) {
	if !engine.IsInfohash(f.Name) {
		return
	}
	if f.Torrent != nil {
		if m, err := swarm.ParseMetainfo(f.Torrent); err == nil && m.Infohash == f.Name {
			r.infos[f.Name] = m.Info
		} else {
			r.folders.described[f.Name] = false
			r.cfg.Logger.Warn("sites: the .torrent in a data folder is not its own", "folder", f.Name, "err", err)
		}
	}
	if r.needed[f.Name] || r.isDeletable(f) {
		return
	}
	r.needed[f.Name] = true
	if !f.Data && r.hasInvalidState(f) { // such as the folder of a site that is seeded in place
		return
	}
	r.foundData = append(r.foundData, f.Name)
	r.rev++
	r.rows[f.Name] = store.Site{
		Host: f.Name, Infohash: f.Name, Found: true, Paused: true, AddedAt: r.now, LastOpen: r.now, Rev: r.rev,
	}
}

// isDeletable reports whether a folder may be deleted: its site was deleted, or it is empty.
func (r *rebuild) isDeletable(f swarm.Folder) bool {
	for _, g := range r.tombstones {
		if slices.Contains(g.Infohashes, f.Name) {
			return true
		}
	}
	return !f.Data && f.Err == nil && !r.hasInvalidState(f)
}

// hasInvalidState reports whether a folder has a state file that cannot be trusted. Its content may be of use to a
// person.
func (r *rebuild) hasInvalidState(f swarm.Folder) bool {
	return f.State != nil && r.stateFiles[f.Name] == nil
}

// save writes the result into the database.
func (r *rebuild) save() error {
	if len(r.restored)+len(r.foundData)+len(r.adopted)+len(r.infos) == 0 {
		return nil
	}
	for infohash := range r.infos {
		if info, err := r.cfg.Store.Info(infohash); err == nil && info != nil {
			delete(r.infos, infohash)
		}
	}
	if err := r.saveRecords(); err != nil { // first: no site may be followed without the known records of its key
		return err
	}
	return r.cfg.Store.Update(func(tx *store.Tx) error {
		for infohash, info := range r.infos {
			if err := tx.PutInfo(infohash, info); err != nil {
				return err
			}
		}
		for _, entry := range r.restored {
			if err := r.saveSite(tx, entry); err != nil {
				return err
			}
		}
		for _, host := range r.adopted {
			if err := tx.DeleteSite(host); err != nil {
				return err
			}
		}
		for _, infohash := range r.foundData {
			if err := tx.PutSite(r.rows[infohash]); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveRecords restores the newest records of the sites that are rebuilt, from any folder.
func (r *rebuild) saveRecords() error {
	for _, n := range r.stateFiles {
		for _, entry := range n.Sites {
			if _, rebuilt := r.restored[entry.Site.Host]; !rebuilt {
				continue
			}
			if err := restoreRecords(r.cfg.Records, entry.Records); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *rebuild) saveSite(tx *store.Tx, entry siteEntry) error {
	if err := tx.PutSite(entry.Site); err != nil {
		return err
	}
	if err := tx.PutVersions(entry.Site.Host, entry.engineVersions()); err != nil {
		return err
	}
	if entry.Publication != nil {
		return tx.PutPublication(*entry.Publication)
	}
	return nil
}

// markStale marks the folders whose state files differ from the database.
func (r *rebuild) markStale() {
	for _, row := range r.rows {
		if row.Found { // The content of its state file may be of use to a person.
			continue
		}
		for _, name := range folderNames(row) {
			n := r.stateFiles[name]
			if n == nil || !slices.ContainsFunc(n.Sites, func(e siteEntry) bool { return sameEssentials(e.Site, row) }) {
				r.folders.mark(name)
			}
		}
	}
	for name, n := range r.stateFiles {
		for _, entry := range n.Sites {
			if row, here := r.rows[entry.Site.Host]; !here || !slices.Contains(folderNames(row), name) {
				r.folders.mark(name)
			}
		}
	}
	for name := range r.needed { // A kill may have happened between the two files.
		if engine.IsInfohash(name) && !r.folders.described[name] {
			if info, err := r.cfg.Store.Info(name); err == nil && info != nil {
				r.folders.mark(name)
			}
		}
	}
	for _, g := range r.tombstones {
		r.folders.addTombstone(g)
	}
}

// leftovers returns infohashes that have records or folders and that no site needs.
func (r *rebuild) leftovers(known []string) []string {
	for _, g := range r.tombstones {
		known = append(known, g.Infohashes...)
	}
	known = append(known, slices.Collect(maps.Keys(r.stateFiles))...)
	slices.Sort(known)
	return slices.DeleteFunc(slices.Compact(known), func(name string) bool {
		return !engine.IsInfohash(name) || r.needed[name]
	})
}

// report reports what was restored.
func (r *rebuild) report() {
	if n := len(r.restored); n > 0 {
		r.cfg.Unclean = true // It is unknown which of the data is right.
		hosts := slices.Sorted(maps.Keys(r.restored))
		r.cfg.Logger.Warn("sites: rebuilt from the data folders, which knew more than the database",
			"sites", n, "first", hosts[:min(n, 10)])
		r.warn(fmt.Sprintf("%s rebuilt from the data folders: the database was lost or older", countSites(n)))
	}
	if n := len(r.foundData); n > 0 {
		r.cfg.Logger.Warn("sites: there is data that no site is known of", "infohashes", r.foundData)
	}
}

func (r *rebuild) warn(text string) {
	r.cfg.Warnings = append(slices.Clone(r.cfg.Warnings), text)
}

func countSites(n int) string {
	if n == 1 {
		return "1 site was"
	}
	return fmt.Sprintf("%d sites were", n)
}
