package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// screenFilePrefix begins the names of the files in which the data folder keeps how dashboards are set up, and what was done
// from them.
const screenFilePrefix = "screen"

// maxScreenFiles bounds how many dashboards of one engine keep that at a time; more of them keep nothing.
const maxScreenFiles = 8

// screenFile is a file of which this dashboard is the only one: what it did can be taken back from it alone, and two
// that write one file would forget each other's. The system releases it with the process, however that ends, and the
// next dashboard goes on with what the dead one did.
type screenFile struct {
	path string
	lock *flock.Flock
}

// lockScreenFile takes the first screen file of the folder that no other dashboard has. Those of another machine's
// engine have files of their own: what was done there cannot be taken back here. The path is empty when there are too
// many dashboards.
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
		case err != nil: // Whoever cannot lock there will not be able to write there either, and is told so.
			return screenFile{path: path}
		}
	}
	return screenFile{}
}

// fileNameRune returns a character as every system takes it in a file's name.
func fileNameRune(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
		return r
	}
	return '_'
}

// release leaves the file to other dashboards.
func (f screenFile) release() {
	if f.lock != nil {
		_ = f.lock.Unlock() // The system does it otherwise.
	}
}
