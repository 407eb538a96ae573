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

// Saved is a site as a backup has it: what cannot be had again from the swarm.
type Saved struct {
	Host string
	// State says what the site is, in the form that its folder's state file has.
	State []byte
	// Infohash is its version, and Torrent the .torrent of that; empty while its list of files is not known.
	Infohash string
	Torrent  []byte
}

// SavedSettings are the settings that the database has and no file.
type SavedSettings struct {
	// Limits are those over all sites and LabelLimits those of labels.
	Limits      engine.Limits   `json:"limits"`
	LabelLimits []engine.Limits `json:"label_limits"`
	// HomesOff are the names of homes that a person took the site off.
	HomesOff []string `json:"homes_off"`
}

// Archive is what an engine is backed up by, and restored into.
type Archive struct {
	*stateAccess

	cfg *Config
}

// ArchiveOf returns that of an engine.
func ArchiveOf(e *Engine) *Archive { return &Archive{stateAccess: e.stateAccess, cfg: &e.cfg} }

// Backup calls each with one site after the other, sorted by host, as they all were at one moment: those of which a
// person wants something. Sites that are only cached, what lies in the bin and what wtptui brought along are left out.
func (a *Archive) Backup(ctx context.Context, each func(Saved) error) (SavedSettings, error) {
	const op = "sites: backup"
	var entries []siteEntry
	var settings SavedSettings
	err := a.withState(op, "", func(st *state) error {
		for _, s := range st.roster.here {
			entries = appendSaved(entries, s.row.AsRead(), st.own.byHost)
		}
		settings = SavedSettings{st.rates.usual, st.rates.byLabel, st.homes.off}
		return nil
	})
	if err != nil {
		return settings, err
	}
	return settings, completeEach(ctx, a.cfg.Store, a.cfg.Records, entries, each)
}

// BackupStored is Backup of a database that no engine works with.
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

// stored are the settings by their keys in the database.
func (s *SavedSettings) byKey() map[string]any {
	return map[string]any{limitsKey: &s.Limits, labelLimitsKey: &s.LabelLimits, homesOffKey: &s.HomesOff}
}

// appendSaved adds a site that is worth a backup.
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

// completeEach completes the sites with what only the database knows. What is learnt meanwhile does no harm.
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

// torrent returns the .torrent of a site's version; nil while its list of files is not known.
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
		return nil, nil //nolint:nilerr // Whoever restores the site does without, rather than with another one.
	}
	return torrent, nil
}

// complete adds the versions that the site has had, and the records of its keys.
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

// versions are those of a site in the form of the contract.
func (n *siteEntry) engineVersions() []engine.Version {
	versions := make([]engine.Version, len(n.Versions))
	for i, v := range n.Versions {
		versions[i] = engine.Version{Infohash: v.Infohash, FirstSeen: v.FirstSeen, LastSeen: v.LastSeen, Source: v.Source}
	}
	return versions
}

// missingSettings returns what of saved settings the present ones do not say: limits where there are none, and every
// home that was taken off.
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
