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

// savedSites are those that a backup is made of and goes back into: a running engine, or a database.
type savedSites interface {
	Backup(ctx context.Context, each func(sites.Saved) error) (sites.SavedSettings, error)
	Restore(ctx context.Context, saved []sites.Saved, dryRun bool) ([]sites.Restored, error)
	RestoreSettings(ctx context.Context, saved sites.SavedSettings, dryRun bool) (changes bool, err error)
}

// storedSites are those of a database that no engine works with.
type storedSites struct {
	db  *store.DB
	now func() time.Time
	ttl time.Duration // of sites that are not pinned
}

func (s storedSites) Backup(ctx context.Context, each func(sites.Saved) error) (sites.SavedSettings, error) {
	return sites.BackupStored(ctx, s.db, each)
}

func (s storedSites) Restore(_ context.Context, saved []sites.Saved, dryRun bool) ([]sites.Restored, error) {
	return sites.RestoreStored(s.db, saved, s.now(), s.ttl, dryRun)
}

func (s storedSites) RestoreSettings(
	_ context.Context, saved sites.SavedSettings, dryRun bool,
) (changes bool, err error) {
	return sites.RestoreStoredSettings(s.db, saved, dryRun)
}

// archive is what a backup has of a data folder.
type archive struct {
	sites savedSites
	dir   string // the data folder
	// spool is where a backup lies while it is restored; empty for dir.
	spool string
	// config is where config.toml is.
	config string
	now    func() time.Time
}

func (a archive) ring() *keyring.Ring { return keyring.New(filepath.Join(a.dir, keysName)) }

// write writes a backup, with or without the secret keys.
func (a archive) write(ctx context.Context, to io.Writer, keys bool) error {
	out, err := backup.NewWriter(to, backup.Manifest{Program: version(), At: engine.At(a.now()), Keys: keys})
	if err != nil {
		return err
	}
	config, err := os.ReadFile(a.config)
	switch {
	case err == nil:
		err = out.Add("config.toml", config)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err == nil && keys {
		err = a.writeKeys(out)
	}
	if err == nil {
		err = a.writeSites(ctx, out)
	}
	if err != nil {
		return err
	}
	lists, err := pinlist.FolderIn(a.dir).Saved()
	if err != nil {
		return err
	}
	for i, list := range lists {
		if err := addJSON(out, fmt.Sprintf("lists/%d.json", i), list); err != nil {
			return err
		}
	}
	return out.Close()
}

func (a archive) writeKeys(out *backup.Writer) error {
	keys, err := a.ring().List()
	if err != nil {
		return err
	}
	for _, k := range keys {
		secret, err := a.ring().Load(k.Name)
		if err != nil {
			return &engine.Error{
				Op: "backup", Kind: engine.KindOf(err), Err: err,
				Msg: engine.Message(err) + ", or leave all keys out with --no-keys",
			}
		}
		if err := out.Add("keys/"+k.Name+".key", keyring.FormatSeed(secret)); err != nil {
			return err
		}
	}
	return nil
}

func (a archive) writeSites(ctx context.Context, out *backup.Writer) error {
	settings, err := a.sites.Backup(ctx, func(s sites.Saved) error {
		if s.Torrent != nil {
			if err := out.Add("sites/"+s.Host+".torrent", s.Torrent); err != nil {
				return err
			}
		}
		err := out.Add("sites/"+s.Host+".json", s.State)
		if engine.KindOf(err) == engine.TooLarge {
			return &engine.Error{
				Op: "backup", Host: s.Host, Kind: engine.TooLarge, Err: err,
				Msg: "what is known of " + s.Host + " is too large for a backup: unpin it and take off its labels, " +
					"or remove it with `wtptui remove " + s.Host + "`, and back up again",
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return addJSON(out, "settings.json", settings)
}

func addJSON(out *backup.Writer, name string, value any) error {
	data, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err
	}
	return out.Add(name, append(data, '\n'))
}

// restore adds what is in a backup and not here. All of it is read and compared with its sums before anything is
// changed. An error ends it: what has been added by then stays, and it can be repeated.
func (a archive) restore(ctx context.Context, from io.Reader, dryRun bool) ([]control.Restored, error) {
	dir := cmp.Or(a.spool, a.dir)
	spool, err := os.CreateTemp(dir, ".restore-*")
	if err != nil {
		return nil, cannotUse(dir, err)
	}
	// There may be secret keys in it. Where the system lets it go without its name, it is gone with the process.
	if os.Remove(spool.Name()) != nil {
		defer os.Remove(spool.Name())
	}
	defer spool.Close()
	if _, err := io.Copy(spool, from); err != nil {
		return nil, err
	}
	r := &restoring{archive: a, dryRun: dryRun, unpinned: map[string]bool{}}
	for _, each := range []func(string, []byte) error{
		nil, func(name string, data []byte) error { return r.take(ctx, name, data) },
	} {
		if _, err := spool.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		if _, err := backup.Read(spool, each); err != nil {
			return nil, err
		}
	}
	if err := r.flush(ctx); err != nil {
		return nil, err
	}
	return r.done, nil
}

// restoring is one restore.
type restoring struct {
	archive

	dryRun bool
	done   []control.Restored
	// torrent is the .torrent of the site that comes next, and waiting are sites that are restored together.
	torrent []byte
	waiting []sites.Saved
	bytes   int // of waiting
	// unpinned are the sites that the backup has pinned perhaps, and that are not here so: refused, or unpinned here.
	unpinned map[string]bool
}

const (
	// maxWaiting and maxWaitingBytes bound what is restored in one step.
	maxWaiting      = 50
	maxWaitingBytes = 32 << 20
)

// take restores one file.
func (r *restoring) take(ctx context.Context, name string, data []byte) error {
	if ctx.Err() != nil {
		return interrupted(ctx, "restore")
	}
	folder, file, _ := strings.Cut(name, "/")
	if folder != "sites" {
		if err := r.flush(ctx); err != nil { // What comes after the sites may depend on them.
			return err
		}
	}
	switch {
	case name == "config.toml":
		return r.takeConfig(data)
	case name == "settings.json":
		return r.takeSettings(ctx, data)
	case folder == "keys":
		return r.takeKey(strings.TrimSuffix(file, ".key"), data)
	case folder == "lists":
		return r.takeList(data)
	}
	host, isTorrent := strings.CutSuffix(file, ".torrent")
	if isTorrent {
		r.torrent = data
		return nil
	}
	host = strings.TrimSuffix(host, ".json")
	r.waiting = append(r.waiting, sites.Saved{Host: host, State: data, Torrent: r.torrent})
	r.bytes += len(data) + len(r.torrent)
	r.torrent = nil
	if len(r.waiting) < maxWaiting && r.bytes < maxWaitingBytes {
		return nil
	}
	return r.flush(ctx)
}

// flush restores the sites that wait.
func (r *restoring) flush(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	outcomes, err := r.sites.Restore(ctx, r.waiting, r.dryRun)
	r.waiting, r.bytes = nil, 0
	for _, o := range outcomes {
		r.note(control.RestoredSite, o.Host, o.Here, o.Err)
		r.unpinned[o.Host] = o.Err != nil || o.Here && !o.Pinned
	}
	return err
}

// note says what became of a part.
func (r *restoring) note(kind control.RestoredKind, name string, here bool, err error) {
	one := control.Restored{Kind: kind, Name: engine.Clean(name), Outcome: control.OutcomeAdded, Why: engine.Message(err)}
	switch {
	case err != nil:
		one.Outcome = control.OutcomeRefused
	case here:
		one.Outcome = control.OutcomeHere
	}
	r.done = append(r.done, one)
}

func (r *restoring) takeConfig(data []byte) error {
	_, err := os.Lstat(r.config)
	here := err == nil
	if !here && !r.dryRun {
		if err := writeNew(r.config, data, false); err != nil {
			return err
		}
	}
	r.note(control.RestoredConfig, "", here, nil)
	return nil
}

func (r *restoring) takeSettings(ctx context.Context, data []byte) error {
	var saved sites.SavedSettings
	if json.Unmarshal(data, &saved) != nil {
		r.note(control.RestoredSettings, "", false, unreadable("its settings"))
		return nil //nolint:nilerr // It is told of, and keeps nothing else from being restored.
	}
	changes, err := r.sites.RestoreSettings(ctx, saved, r.dryRun)
	if err == nil {
		r.note(control.RestoredSettings, "", !changes, nil)
	}
	return err
}

func (r *restoring) takeKey(name string, data []byte) error {
	secret, err := keyring.ParseSeed(data)
	if err != nil {
		r.note(control.RestoredKey, name, false, err)
		return nil
	}
	_, here := r.ring().NameOf(keyring.HostOf(secret))
	switch {
	case here:
	case r.dryRun:
		if _, loadErr := r.ring().Load(name); engine.KindOf(loadErr) != engine.NotFound {
			err = keyTaken(name, loadErr)
		}
	default:
		err = r.ring().Import(name, secret)
		switch {
		case err == nil:
			err = errors.Join(r.ring().NoteBackup(name), giveToOwner(r.dir, r.ring().Files(name)...))
		case engine.KindOf(err) == engine.Conflict:
			err = keyTaken(name, err)
		}
	}
	r.note(control.RestoredKey, name, here, err)
	return nil
}

func keyTaken(name string, err error) error {
	return &engine.Error{
		Op: "restore", Kind: engine.Conflict, Err: err,
		Msg: "there is another key of that name here: export that one and remove it with `wtptui keys remove " + name +
			"`, restore again, and import it with another name",
	}
}

func (r *restoring) takeList(data []byte) error {
	var saved pinlist.Saved
	if json.Unmarshal(data, &saved) != nil || !saved.Order.Follow {
		r.note(control.RestoredList, "", false, unreadable("one of its lists"))
		return nil //nolint:nilerr // It is told of, and keeps nothing else from being restored.
	}
	lists, source := pinlist.FolderIn(r.dir), saved.Order.Source
	if _, err := pinlist.ParseSource(source); err != nil {
		r.note(control.RestoredList, source, false, err)
		return nil
	}
	_, err := lists.Followed(source)
	here := err == nil
	if !here && !r.dryRun {
		if here, err = lists.Restore(saved, r.unpinned); err != nil {
			return cannotUse(r.dir, err)
		}
		if err := giveToOwner(r.dir, lists.Files(source)...); err != nil {
			return cannotUse(r.dir, err)
		}
	}
	r.note(control.RestoredList, source, here, nil)
	return nil
}

func unreadable(what string) error {
	return &engine.Error{Op: "restore", Kind: engine.Damaged, Msg: what + " cannot be read"}
}
