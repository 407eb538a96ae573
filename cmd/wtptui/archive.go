package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wtptui/cmd/wtptui/backup"
	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
	"wtptui/engine/keyring"
	"wtptui/engine/sites"
	"wtptui/localserve/control"
	"wtptui/store"
)

// siteStore is what a backup reads from and a restore writes to: a running engine or a database.
type siteStore interface {
	Backup(ctx context.Context, each func(sites.Saved) error) (sites.SavedSettings, error)
	Restore(ctx context.Context, saved []sites.Saved, dryRun bool) ([]sites.Restored, error)
	RestoreSettings(ctx context.Context, saved sites.SavedSettings, dryRun bool) (changes bool, err error)
}

// databaseStore is a database that no engine uses.
type databaseStore struct {
	db  *store.DB
	now func() time.Time
	ttl time.Duration // of restored sites that are not pinned
}

func (s databaseStore) Backup(ctx context.Context, each func(sites.Saved) error) (sites.SavedSettings, error) {
	return sites.BackupStored(ctx, s.db, each)
}

func (s databaseStore) Restore(_ context.Context, saved []sites.Saved, dryRun bool) ([]sites.Restored, error) {
	return sites.RestoreStored(s.db, saved, s.now(), s.ttl, dryRun)
}

func (s databaseStore) RestoreSettings(
	_ context.Context, saved sites.SavedSettings, dryRun bool,
) (changes bool, err error) {
	return sites.RestoreStoredSettings(s.db, saved, dryRun)
}

// archive reads and writes the parts of a data folder that a backup contains.
type archive struct {
	store siteStore
	dir   string // the data folder
	// spoolDir is the folder for the temporary copy of a backup that is being restored; empty means dir.
	spoolDir string
	// configPath is the path of config.toml.
	configPath string
	now        func() time.Time
}

func (a archive) keyring() *keyring.Ring { return keyring.New(filepath.Join(a.dir, keysName)) }

// write writes a backup. keys decides whether the secret keys are included.
func (a archive) write(ctx context.Context, dst io.Writer, keys bool) error {
	writer, err := backup.NewWriter(dst, backup.Manifest{Program: version(), At: engine.At(a.now()), Keys: keys})
	if err != nil {
		return err
	}
	config, err := os.ReadFile(a.configPath)
	switch {
	case err == nil:
		err = writer.Add("config.toml", config)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err == nil && keys {
		err = a.writeKeys(writer)
	}
	if err == nil {
		err = a.writeSites(ctx, writer)
	}
	if err != nil {
		return err
	}
	lists, err := pinlist.FolderIn(a.dir).Saved()
	if err != nil {
		return err
	}
	for i, list := range lists {
		if err := addJSON(writer, fmt.Sprintf("lists/%d.json", i), list); err != nil {
			return err
		}
	}
	return writer.Close()
}

func (a archive) writeKeys(writer *backup.Writer) error {
	keys, err := a.keyring().List()
	if err != nil {
		return err
	}
	for _, k := range keys {
		secret, err := a.keyring().Load(k.Name)
		if err != nil {
			return &engine.Error{
				Op: "backup", Kind: engine.KindOf(err), Err: err,
				Msg: engine.Message(err) + ", or leave all keys out with --no-keys",
			}
		}
		if err := writer.Add("keys/"+k.Name+".key", keyring.FormatSeed(secret)); err != nil {
			return err
		}
	}
	return nil
}

func (a archive) writeSites(ctx context.Context, writer *backup.Writer) error {
	settings, err := a.store.Backup(ctx, func(s sites.Saved) error {
		if s.Torrent != nil {
			if err := writer.Add("sites/"+s.Host+".torrent", s.Torrent); err != nil {
				return err
			}
		}
		err := writer.Add("sites/"+s.Host+".json", s.State)
		if engine.KindOf(err) == engine.TooLarge {
			return &engine.Error{
				Op: "backup", Host: s.Host, Kind: engine.TooLarge, Err: err,
				Msg: "the record of " + s.Host + " is too large for a backup: unpin the site and take off its labels, " +
					"or remove it with `wtptui remove " + s.Host + "`, and back up again",
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return addJSON(writer, "settings.json", settings)
}

func addJSON(writer *backup.Writer, name string, value any) error {
	data, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return writer.Add(name, append(data, '\n'))
}

// restore adds what the backup contains and the data folder lacks. It reads all of the backup and verifies its
// checksums before it changes anything. When it returns an error, what has been added so far stays; it may be called
// again.
func (a archive) restore(ctx context.Context, src io.Reader, dryRun bool) ([]control.Restored, error) {
	dir := cmp.Or(a.spoolDir, a.dir)
	spool, err := os.CreateTemp(dir, ".restore-*")
	if err != nil {
		return nil, dataFolderError(dir, err)
	}
	// The backup may contain secret keys. Where the system allows it, the file has no name and is gone when the process
	// ends.
	if os.Remove(spool.Name()) != nil {
		defer os.Remove(spool.Name())
	}
	defer spool.Close()
	if _, err := io.Copy(spool, src); err != nil {
		return nil, err
	}
	r := &restoreRun{archive: a, dryRun: dryRun, unpinned: map[string]bool{}}
	for _, visit := range []func(string, []byte) error{
		nil, func(name string, data []byte) error { return r.restoreFile(ctx, name, data) },
	} {
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		if _, err := backup.Read(spool, visit); err != nil {
			return nil, err
		}
	}
	if err := r.flush(ctx); err != nil {
		return nil, err
	}
	return r.outcomes, nil
}

// restoreRun is one run of restore.
type restoreRun struct {
	archive

	dryRun   bool
	outcomes []control.Restored
	// torrent is the .torrent of the next site in the backup. batch are sites that are to be restored in one call.
	torrent    []byte
	batch      []sites.Saved
	batchBytes int // size of batch
	// unpinned holds, for each restored site, whether it is not pinned here now: it was refused, or it exists and is
	// unpinned.
	unpinned map[string]bool
}

const (
	// maxBatch and maxBatchBytes bound the sites that are restored in one call.
	maxBatch      = 50
	maxBatchBytes = 32 << 20
)

// restoreFile restores one file of the backup.
func (r *restoreRun) restoreFile(ctx context.Context, name string, data []byte) error {
	if ctx.Err() != nil {
		return interruptedError(ctx, "restore")
	}
	folder, file, _ := strings.Cut(name, "/")
	if folder != "sites" {
		if err := r.flush(ctx); err != nil { // What follows the sites may depend on them.
			return err
		}
	}
	switch {
	case name == "config.toml":
		return r.restoreConfig(data)
	case name == "settings.json":
		return r.restoreSettings(ctx, data)
	case folder == "keys":
		return r.restoreKey(strings.TrimSuffix(file, ".key"), data)
	case folder == "lists":
		return r.restoreList(data)
	}
	host, isTorrent := strings.CutSuffix(file, ".torrent")
	if isTorrent {
		r.torrent = data
		return nil
	}
	host = strings.TrimSuffix(host, ".json")
	r.batch = append(r.batch, sites.Saved{Host: host, State: data, Torrent: r.torrent})
	r.batchBytes += len(data) + len(r.torrent)
	r.torrent = nil
	if len(r.batch) < maxBatch && r.batchBytes < maxBatchBytes {
		return nil
	}
	return r.flush(ctx)
}

// flush restores the sites of the batch.
func (r *restoreRun) flush(ctx context.Context) error {
	if len(r.batch) == 0 {
		return nil
	}
	outcomes, err := r.store.Restore(ctx, r.batch, r.dryRun)
	r.batch, r.batchBytes = nil, 0
	for _, o := range outcomes {
		r.addOutcome(control.RestoredSite, o.Host, o.Here, o.Err)
		r.unpinned[o.Host] = o.Err != nil || o.Here && !o.Pinned
	}
	return err
}

// addOutcome records the outcome of one part of the backup.
func (r *restoreRun) addOutcome(kind control.RestoredKind, name string, exists bool, err error) {
	outcome := control.Restored{
		Kind: kind, Name: engine.Clean(name), Outcome: control.OutcomeAdded, Why: engine.Message(err),
	}
	switch {
	case err != nil:
		outcome.Outcome = control.OutcomeRefused
	case exists:
		outcome.Outcome = control.OutcomeExists
	}
	r.outcomes = append(r.outcomes, outcome)
}

func (r *restoreRun) restoreConfig(data []byte) error {
	_, err := os.Lstat(r.configPath)
	exists := err == nil
	if !exists && !r.dryRun {
		if err := writeNew(r.configPath, data, false); err != nil {
			return err
		}
	}
	r.addOutcome(control.RestoredConfig, "", exists, nil)
	return nil
}

func (r *restoreRun) restoreSettings(ctx context.Context, data []byte) error {
	var saved sites.SavedSettings
	if json.Unmarshal(data, &saved) != nil {
		r.addOutcome(control.RestoredSettings, "", false, unreadableError("the settings in the backup"))
		return nil //nolint:nilerr // It is reported, and does not prevent the rest from being restored.
	}
	changes, err := r.store.RestoreSettings(ctx, saved, r.dryRun)
	if err == nil {
		r.addOutcome(control.RestoredSettings, "", !changes, nil)
	}
	return err
}

func (r *restoreRun) restoreKey(name string, data []byte) error {
	secret, err := keyring.ParseSeed(data)
	if err != nil {
		r.addOutcome(control.RestoredKey, name, false, err)
		return nil
	}
	_, exists := r.keyring().FindName(keyring.PublicHost(secret))
	switch {
	case exists:
	case r.dryRun:
		if _, loadErr := r.keyring().Load(name); engine.KindOf(loadErr) != engine.NotFound {
			err = keyNameTakenError(name, loadErr)
		}
	default:
		err = r.keyring().Import(name, secret)
		switch {
		case err == nil:
			err = errors.Join(r.keyring().MarkBackedUp(name), chownLikeFolder(r.dir, r.keyring().Files(name)...))
		case engine.KindOf(err) == engine.Conflict:
			err = keyNameTakenError(name, err)
		}
	}
	r.addOutcome(control.RestoredKey, name, exists, err)
	return nil
}

func keyNameTakenError(name string, err error) error {
	return &engine.Error{
		Op: "restore", Kind: engine.Conflict, Err: err,
		Msg: "another key has that name here: export it, remove it with `wtptui keys remove " + name +
			"`, restore again, and import it under another name",
	}
}

func (r *restoreRun) restoreList(data []byte) error {
	var saved pinlist.Saved
	if json.Unmarshal(data, &saved) != nil || !saved.Order.Follow {
		r.addOutcome(control.RestoredList, "", false, unreadableError("a list in the backup"))
		return nil //nolint:nilerr // It is reported, and does not prevent the rest from being restored.
	}
	lists, source := pinlist.FolderIn(r.dir), saved.Order.Source
	if _, err := pinlist.ParseSource(source); err != nil {
		r.addOutcome(control.RestoredList, source, false, err)
		return nil
	}
	_, err := lists.Followed(source)
	exists := err == nil
	if !exists && !r.dryRun {
		if exists, err = lists.Restore(saved, r.unpinned); err != nil {
			return dataFolderError(r.dir, err)
		}
		if err := chownLikeFolder(r.dir, lists.Files(source)...); err != nil {
			return dataFolderError(r.dir, err)
		}
	}
	r.addOutcome(control.RestoredList, source, exists, nil)
	return nil
}

func unreadableError(what string) error {
	return &engine.Error{Op: "restore", Kind: engine.Damaged, Msg: what + " cannot be read"}
}
