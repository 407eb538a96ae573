package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/store"
)

// dataFolder is the data folder while this process is the only one that keeps sites in it.
type dataFolder struct {
	path string
	lock *flock.Flock
}

// errInUse says that another process has the data folder.
var errInUse = errors.New("in use")

// lockDataFolder makes the folder if it is missing and locks it. The system releases the lock with the process, however
// that ends. Kind Conflict, and errInUse in the chain, if another process has it; Kind Invalid for a path that has no
// room for the control socket.
func lockDataFolder(path string) (*dataFolder, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		if err := control.CheckPath(filepath.Join(path, socketName)); err != nil {
			return nil, err
		}
		err = os.MkdirAll(path, 0o700)
	}
	if err != nil {
		return nil, dataFolderError(path, err)
	}
	if err := makePrivate(path); err != nil {
		return nil, dataFolderError(path, err)
	}
	lock := flock.New(filepath.Join(path, lockName), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	ok, err := lockExclusive(lock)
	if err != nil {
		return nil, dataFolderError(path, err)
	}
	if !ok {
		return nil, inUseError(path)
	}
	// The number is for people who wonder who it is; where it cannot be written, they have to find out otherwise.
	_ = os.WriteFile(lock.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	return &dataFolder{path: path, lock: lock}, nil
}

func (d *dataFolder) databasePath() string { return filepath.Join(d.path, databaseName) }

// hasSiteFolders reports whether there are folders of sites, which no run leaves behind without a database.
func (d *dataFolder) hasSiteFolders() bool {
	_, err := os.Lstat(filepath.Join(d.path, sitesName))
	return err == nil
}

// checkDatabase returns an error of Kind Damaged for a database that is lost: damaged, or missing where there are
// folders of sites. Only a start rebuilds it from them, and says so. Nothing is changed, and no other process may have
// the folder.
func (d *dataFolder) checkDatabase() error {
	_, err := os.Lstat(d.databasePath())
	state := "missing"
	switch {
	case err == nil:
		if err = store.Check(d.databasePath()); engine.KindOf(err) != engine.Damaged {
			return err
		}
		state = "damaged"
	case !errors.Is(err, fs.ErrNotExist) || !d.hasSiteFolders():
		return nil
	}
	return &engine.Error{
		Op: "start", Kind: engine.Damaged, Err: err,
		Msg: "the database in " + d.path + " is " + state +
			": start wtptui once, which rebuilds it from the sites' folders, then repeat this",
	}
}

// lockName is the file in the data folder that is locked. Who keeps sites there has an exclusive lock for as long as it
// runs. Who only looks whether there is such a process (see isInUse) has a shared one for a moment.
const lockName = "lock"

const (
	// lockRetryDelay is the time between two attempts to take the lock from those who only look.
	lockRetryDelay = 2 * time.Millisecond
	// lockAttempts bounds them. Each look takes some microseconds, but a busy machine may stop a process in the middle of
	// it.
	lockAttempts = 1000
)

// lockExclusive takes the exclusive lock, and reports false if another process has that. It does not give up for shared
// locks: those are gone in a moment.
func lockExclusive(lock *flock.Flock) (bool, error) {
	for range lockAttempts {
		if ok, err := lock.TryLock(); ok || err != nil {
			return ok, err
		}
		// Only an exclusive lock keeps others from having a shared one.
		shared, err := lock.TryRLock()
		if err != nil || !shared {
			return false, err
		}
		if err := lock.Unlock(); err != nil {
			return false, err
		}
		time.Sleep(lockRetryDelay)
	}
	return false, nil
}

// isInUse reports whether a process keeps sites in the data folder, also one that does not answer yet. It makes neither
// the folder nor the file.
func isInUse(path string) bool {
	lock := flock.New(filepath.Join(path, lockName), flock.SetFlag(os.O_RDONLY))
	shared, err := lock.TryRLock()
	if shared {
		_ = lock.Unlock() // The system would do it otherwise, when the file is closed.
	}
	return err == nil && !shared
}

// holder names the process that has taken the data folder, as " (process 17)", or as nothing where that is not known.
func describeHolder(path string) string {
	if pid := holderPID(path); pid > 0 {
		return fmt.Sprintf(" (process %d)", pid)
	}
	return ""
}

// holderPID returns the process that has taken the data folder, or did last; 0 where that is not known.
func holderPID(path string) int {
	text, err := os.ReadFile(filepath.Join(path, lockName))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// makePrivate closes the folder to other users if it is ours: new, or with our database in it. The control socket lies
// in it, and what a person reads is nobody else's business.
func makePrivate(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	ours := len(entries) == 0
	for _, e := range entries {
		ours = ours || e.Name() == databaseName || e.Name() == "config.toml"
	}
	if !ours {
		return nil
	}
	return os.Chmod(path, info.Mode().Perm()&^0o077)
}

func inUseError(path string) error {
	return &engine.Error{
		Op: "start", Kind: engine.Conflict, Err: errInUse,
		Msg: fmt.Sprintf("a wtptui%s already runs for %s: `wtptui` attaches to it, or choose another folder with --data-dir",
			describeHolder(path), path),
	}
}

func dataFolderError(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return &engine.Error{
		Op: "start", Kind: engine.Unavailable, Err: err,
		Msg: fmt.Sprintf("cannot use the data folder %s: %s: make it writable or choose another with --data-dir", path, err),
	}
}

// release lets the next process have the folder.
func (d *dataFolder) release() { _ = d.lock.Close() }

// maxLogSize is the size in bytes from which a log is put aside when the next one starts.
const maxLogSize = 4 << 20

// openLog opens the log of a dashboard, which owns the screen. The one before it is kept as wtptui.log.1 when it has
// become large.
func openLog(dir string) (*os.File, error) {
	name := filepath.Join(dir, "wtptui.log")
	if info, err := os.Stat(name); err == nil && info.Size() > maxLogSize {
		if err := os.Rename(name, name+".1"); err != nil {
			return nil, dataFolderError(dir, err)
		}
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, dataFolderError(dir, err)
	}
	return f, nil
}

// logger writes text or JSON; in both, everything that could move a terminal's cursor is escaped. The level can be
// changed while it is in use. The journal of systemd gets the priority of each line, and has the time itself.
func (s *settings) newLogger(to *os.File, getenv func(string) string) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	s.applyLevel(level)
	opts := &slog.HandlerOptions{Level: level}
	journal := isJournal(to, getenv)
	if journal && s.LogFormat != logJSON {
		opts.ReplaceAttr = func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
	}
	format := func(w io.Writer) slog.Handler {
		if s.LogFormat == logJSON {
			return slog.NewJSONHandler(w, opts)
		}
		return slog.NewTextHandler(w, opts)
	}
	if journal {
		return slog.New(newJournalHandler(to, format)), level
	}
	return slog.New(format(to)), level
}

func (s *settings) applyLevel(level *slog.LevelVar) {
	_ = level.UnmarshalText([]byte(s.LogLevel)) // It was checked when it was set.
}
