package sites

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// Saved is a site in a backup: what cannot be fetched from the swarm again.
type Saved struct {
	Host string
	// State is the site in the format of state files.
	State []byte
	// Infohash is the site's version and Torrent its .torrent file, empty if the list of files is unknown.
	Infohash string
	Torrent  []byte
}

// SavedSettings are the settings that are stored in the database and not in a configuration file.
type SavedSettings struct {
	// Limits are those over all sites, LabelLimits those of labels.
	Limits      engine.Limits   `json:"limits"`
	LabelLimits []engine.Limits `json:"label_limits"`
	// HomesOff are the names of homes that a person has taken the site off.
	HomesOff []string `json:"homes_off"`
}

// Archive backs up an engine and restores sites into it.
type Archive struct {
	*stateAccess

	cfg *Config
}

// ArchiveOf returns the Archive of an engine.
func ArchiveOf(e *Engine) *Archive { return &Archive{stateAccess: e.stateAccess, cfg: &e.cfg} }

// Backup calls each with one site after the other, sorted by host, as they all were at one moment. It leaves out sites
// that are only cached, those in the bin, and those that came with the program.
func (a *Archive) Backup(ctx context.Context, each func(Saved) error) (SavedSettings, error) {
	const op = "sites: backup"
	var entries []siteEntry
	var settings SavedSettings
	err := a.withState(op, "", func(st *state) error {
		for _, s := range st.roster.here {
			entries = appendSaved(entries, s.row.AsStored(), st.own.byHost)
		}
		settings = SavedSettings{st.rates.usual, st.rates.byLabel, st.homes.off}
		return nil
	})
	if err != nil {
		return settings, err
	}
	return settings, completeEach(ctx, a.cfg.Store, a.cfg.Records, entries, each)
}

// BackupStored is like Backup, for a database that no engine uses.
func BackupStored(ctx context.Context, db *store.DB, each func(Saved) error) (settings SavedSettings, err error) {
	rows, err := db.Sites()
	if err != nil {
		return settings, err
	}
	publications, err := db.Publications()
	if err != nil {
		return settings, err
	}
	own := map[string]store.Publication{}
	for _, p := range publications {
		own[p.Host] = p
	}
	var entries []siteEntry
	for _, row := range rows {
		if row.EvictedAt.IsZero() {
			entries = appendSaved(entries, row, own)
		}
	}
	for key, to := range settings.byKey() {
		data, err := db.Setting(key)
		if err == nil && data != nil {
			err = json.Unmarshal(data, to)
		}
		if err != nil {
			return settings, fmt.Errorf("sites: backup: setting %s: %w", key, err)
		}
	}
	return settings, completeEach(ctx, db, db, entries, each)
}

// byKey returns pointers to the settings by their keys in the database.
func (s *SavedSettings) byKey() map[string]any {
	return map[string]any{limitsKey: &s.Limits, labelLimitsKey: &s.LabelLimits, homesOffKey: &s.HomesOff}
}

// appendSaved appends a site if it is worth a backup.
func appendSaved(entries []siteEntry, row store.Site, own map[string]store.Publication) []siteEntry {
	wanted := row.Pinned || row.Mine || row.Held || len(row.Labels) > 0 || row.Enough != 0
	p, published := own[row.Host]
	if row.Found || !wanted || published && row.Mine && strings.HasPrefix(p.Dir, shippedPrefix) {
		return entries
	}
	entry := siteEntry{Site: row}
	if published {
		entry.Publication = &p
	}
	return append(entries, entry)
}

// completeEach adds to each site what only the database has, and calls each with it. Changes meanwhile do no harm.
func completeEach(
	ctx context.Context, db *store.DB, records Records, entries []siteEntry, each func(Saved) error,
) error {
	slices.SortFunc(entries, func(a, b siteEntry) int { return cmp.Compare(a.Site.Host, b.Site.Host) })
	for _, entry := range entries {
		if ctx.Err() != nil {
			return canceledError(ctx, "sites: backup", "")
		}
		if err := entry.loadStored(db, records); err != nil {
			return err
		}
		saved := Saved{Host: entry.Site.Host, Infohash: entry.Site.Infohash}
		var err error
		if saved.State, err = json.MarshalIndent(entry, "", " "); err != nil {
			return err
		}
		if saved.Torrent, err = entry.torrentFile(db); err == nil {
			err = each(saved)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// torrentFile returns the .torrent file of a site's version; nil if its list of files is unknown.
func (n *siteEntry) torrentFile(db *store.DB) ([]byte, error) {
	info, err := db.Info(n.Site.Infohash)
	if err != nil || info == nil {
		return nil, err
	}
	torrent, err := swarm.MakeMetainfo(info, n.Site.Trackers, n.Site.WebSeeds, nil)
	if err != nil {
		return nil, err
	}
	if m, err := swarm.ParseMetainfo(torrent); err != nil || m.Infohash != n.Site.Infohash {
		return nil, nil //nolint:nilerr // A restored site without a .torrent is better than one with a wrong one.
	}
	return torrent, nil
}

// loadStored adds the site's versions and the records of its keys from the store.
func (n *siteEntry) loadStored(db *store.DB, records Records) error {
	known, err := db.Name(n.Site.Host)
	if err != nil {
		return err
	}
	for _, v := range known.Versions {
		n.Versions = append(n.Versions, versionEntry{v.Infohash, v.FirstSeen, v.LastSeen, v.Source})
	}
	n.Records, err = readRecords(records, *n, known.Key)
	return err
}

// engineVersions returns the versions of a site as values of the contract.
func (n *siteEntry) engineVersions() []engine.Version {
	versions := make([]engine.Version, len(n.Versions))
	for i, v := range n.Versions {
		versions[i] = engine.Version{Infohash: v.Infohash, FirstSeen: v.FirstSeen, LastSeen: v.LastSeen, Source: v.Source}
	}
	return versions
}

// missingSettings returns which saved settings have to be applied: limits where there are none now, and all homes that
// are off, now or in the backup.
func missingSettings(now, saved SavedSettings) (limits []engine.Limits, off []string) {
	present := map[string]bool{"": now.Limits.Down != 0 || now.Limits.Up != 0}
	for _, l := range now.LabelLimits {
		present[l.Label] = true
	}
	for _, l := range append([]engine.Limits{saved.Limits}, saved.LabelLimits...) {
		if l, err := l.Check(); err == nil && !present[l.Label] && (l.Down != 0 || l.Up != 0) {
			limits = append(limits, l)
		}
	}
	names := map[string]bool{}
	for _, name := range slices.Concat(now.HomesOff, saved.HomesOff) {
		names[name] = true
	}
	return limits, slices.Sorted(maps.Keys(names))
}
