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

// dataFolder is the data folder, locked by this process: no other process keeps sites in it.
type dataFolder struct {
	path string
	lock *flock.Flock
}

// errInUse means that another process has locked the data folder.
var errInUse = errors.New("in use")

// lockDataFolder creates the folder if it is missing, and locks it. The system releases the lock when the process ends.
// The error has Kind Conflict and wraps errInUse if another process has locked the folder, and Kind Invalid if the path
// is too long for the control socket.
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
	// The process id is for people who wonder which process it is. Without it, they have to find out otherwise.
	_ = os.WriteFile(lock.Path(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	return &dataFolder{path: path, lock: lock}, nil
}

// databasePath returns the path of the database.
func (d *dataFolder) databasePath() string { return filepath.Join(d.path, databaseName) }

// hasSiteFolders reports whether there are folders of sites. No run leaves them behind without a database.
func (d *dataFolder) hasSiteFolders() bool {
	_, err := os.Lstat(filepath.Join(d.path, sitesName))
	return err == nil
}

// checkDatabase returns an error of Kind Damaged if the database is damaged, or missing although there are folders of
// sites. Only a start rebuilds it from them, and reports that. checkDatabase changes nothing, and no other process may
// use the folder meanwhile.
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

// lockName is the name of the lock file in the data folder. A process that keeps sites there holds an exclusive lock as
// long as it runs. A check whether there is one (see isInUse) holds a shared lock for a moment.
const lockName = "lock"

const (
	// lockRetryDelay is the time between two attempts to get the lock while others check it.
	lockRetryDelay = 2 * time.Millisecond
	// lockAttempts bounds the attempts. Each check takes some microseconds, but a busy machine may suspend a process in
	// the middle of one.
	lockAttempts = 1000
)

// lockExclusive locks the file exclusively, and returns false if another process has done so. It does not give up
// because of shared locks, which are held for a moment only.
func lockExclusive(lock *flock.Flock) (bool, error) {
	for range lockAttempts {
		if ok, err := lock.TryLock(); ok || err != nil {
			return ok, err
		}
		// Only an exclusive lock prevents a shared one.
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

// isInUse reports whether a process has locked the data folder, even if it does not answer yet. It creates neither the
// folder nor the lock file.
func isInUse(path string) bool {
	lock := flock.New(filepath.Join(path, lockName), flock.SetFlag(os.O_RDONLY))
	shared, err := lock.TryRLock()
	if shared {
		_ = lock.Unlock() // Otherwise the system does it when the file is closed.
	}
	return err == nil && !shared
}

// describeHolder returns the process that has locked the data folder, as " (process 17)"; empty if it is not known.
func describeHolder(path string) string {
	if pid := holderPID(path); pid > 0 {
		return fmt.Sprintf(" (process %d)", pid)
	}
	return ""
}

// holderPID returns the id of the process that has locked the data folder, or did so last; 0 if it is not known.
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

// makePrivate denies other users access to the folder if it is ours: if it is empty, or has our database or settings.
// It contains the control socket, and what a person reads is private.
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
	isOurs := len(entries) == 0
	for _, e := range entries {
		isOurs = isOurs || e.Name() == databaseName || e.Name() == "config.toml"
	}
	if !isOurs {
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
	err = systemReason(err)
	return &engine.Error{
		Op: "start", Kind: engine.Unavailable, Err: err,
		Msg: fmt.Sprintf("cannot use the data folder %s: %s: make it writable or choose another with --data-dir", path, err),
	}
}

// release unlocks the folder for other processes.
func (d *dataFolder) release() { _ = d.lock.Close() }

// maxLogSize is the size in bytes from which a log is renamed when the next one starts.
const maxLogSize = 4 << 20

// openLog opens the log of a dashboard, which owns the screen. A large log of before is renamed to wtptui.log.1.
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

// newLogger returns a logger for text or JSON, and its level, which can be changed while it is in use. Both forms
// escape what could move a terminal's cursor. For the journal of systemd each line begins with its priority, and text
// has no time, since the journal adds its own.
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
	_ = level.UnmarshalText([]byte(s.LogLevel)) // The level was validated when it was set.
}
