package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// screenFilePrefix begins the names of the files in the data folder that hold the state of dashboards and what they can
// undo.
const screenFilePrefix = "screen"

// maxScreenFiles is the number of dashboards of one engine that can save their state at the same time. Further ones
// save nothing.
const maxScreenFiles = 8

// screenFile is the state file of a dashboard, locked by it: what a dashboard has done can be undone only from that
// dashboard, and two that write the same file would overwrite each other's state. The system releases the lock when the
// process ends, and the next dashboard continues with the file.
type screenFile struct {
	path string
	lock *flock.Flock
}

// lockScreenFile locks the first state file of the folder that no other dashboard has locked. Dashboards of another
// machine's engine have files of their own: what was done there cannot be undone here. The path is empty if there are
// too many dashboards.
func lockScreenFile(dir, machine string) screenFile {
	name := screenFilePrefix
	if machine != "" {
		name += "@" + strings.Map(fileNameRune, machine)
	}
	for i := range maxScreenFiles {
		path := filepath.Join(dir, name+".json")
		if i > 0 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.json", name, i+1))
		}
		lock := flock.New(path+".lock", flock.SetPermissions(0o600))
		switch ok, err := lock.TryLock(); {
		case ok:
			return screenFile{path, lock}
		case err != nil: // If the folder does not permit locks, it does not permit files either, and the person is told then.
			return screenFile{path: path}
		}
	}
	return screenFile{}
}

// fileNameRune returns the character if every system allows it in the name of a file, and an underscore otherwise.
func fileNameRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
		return r
	}
	return '_'
}

// release unlocks the file for other dashboards.
func (f screenFile) release() {
	if f.lock != nil {
		_ = f.lock.Unlock() // Otherwise the system does it.
	}
}
