package main

import (
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// screenFile is where the data folder keeps how the dashboard is set up, and what was done from it.
const screenFile = "screen.json"

// mostScreens bounds how many dashboards of one data folder keep that at a time; more of them keep nothing.
const mostScreens = 8

// ownScreenFile is a screen file of which this dashboard is the only one: what it did can be taken back from it alone,
// and two that write one file would forget each other's. The system releases it with the process, however that ends,
// and the next dashboard goes on with what the dead one did.
type ownScreenFile struct {
	path string
	lock *flock.Flock
}

// takeScreenFile takes the first screen file of the folder that no other dashboard has. Its path is empty when
// there are too many of them.
func takeScreenFile(dir string) ownScreenFile {
	for i := range mostScreens {
		path := filepath.Join(dir, screenFile)
		if i > 0 {
			path = filepath.Join(dir, fmt.Sprintf("screen-%d.json", i+1))
		}
		lock := flock.New(path+".lock", flock.SetPermissions(0o600))
		switch ok, err := lock.TryLock(); {
		case ok:
			return ownScreenFile{path, lock}
		case err != nil: // Whoever cannot lock there will not be able to write there either, and is told so.
			return ownScreenFile{path: filepath.Join(dir, screenFile)}
		}
	}
	return ownScreenFile{}
}

// release leaves the file to other dashboards.
func (f ownScreenFile) release() {
	if f.lock != nil {
		_ = f.lock.Unlock() // The system does it otherwise.
	}
}
