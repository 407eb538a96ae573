//go:build unix

package disk

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// allowedFiles holds the contents that each state file of a folder may have: the last written one, and any whose write
// failed or still runs. Empty means no file.
type allowedFiles struct {
	state, torrent []string
	deleting       bool // the folder is being deleted
}

// writeFolders writes the state files of some torrents that are open, and of some hosts.
func (w *world) writeFolders() {
	var folders []Folder
	add := func(name string) {
		f := Folder{Name: name, State: w.bytes(1 + w.rnd.IntN(40))}
		if w.rnd.IntN(2) == 0 {
			f.Torrent = w.bytes(1 + w.rnd.IntN(40))
		}
		folders = append(folders, f)
	}
	if k := w.any(); k != nil {
		add(hex.EncodeToString(k.hash[:]))
	}
	hosts := w.rnd.IntN(3)
	if w.rnd.IntN(5) == 0 {
		hosts = maxSingleFlushes + 1
	}
	for i := range hosts {
		add(fmt.Sprintf("%s%d", HostPrefix, i))
	}
	w.writeStates(folders)
}

// writeStates writes the state files of folders.
func (w *world) writeStates(folders []Folder) {
	_ = w.updateExpected(func() {
		for _, f := range folders {
			if w.allowed[f.Name] == nil {
				w.allowed[f.Name] = &allowedFiles{state: []string{""}, torrent: []string{""}}
			}
			delete(w.deleted, f.Name)
			w.allowed[f.Name].addContents(f)
		}
	})
	err := w.store.WriteFolders(folders)
	_ = w.updateExpected(func() {
		for _, f := range folders {
			if err == nil {
				w.allowed[f.Name].setWritten(f)
			}
		}
	})
}

func (s *allowedFiles) addContents(f Folder) {
	s.state = append(s.state, string(f.State))
	if f.Torrent != nil {
		s.torrent = append(s.torrent, string(f.Torrent))
	}
}

func (s *allowedFiles) setWritten(f Folder) {
	s.state = []string{string(f.State)}
	if f.Torrent != nil {
		s.torrent = []string{string(f.Torrent)}
	}
}

// delete deletes a torrent, with as many attempts as that takes, and then perhaps a host.
func (w *world) delete(k *work) {
	_ = w.updateExpected(func() {
		w.deleting[k.hash] = records{k.hash: maps.Clone(w.recorded[k.hash])}
		delete(w.reportedComplete, k.hash)
	})
	k.Discard()
	_ = w.updateExpected(func() { delete(w.recorded, k.hash) })
	delete(w.open, k.hash)
	w.deleteFolder(hex.EncodeToString(k.hash[:]), func() {
		delete(w.deleting, k.hash)
		delete(w.made, k.hash)
	})
	if w.rnd.IntN(2) == 0 {
		w.deleteFolder(HostPrefix+"0", func() {})
	}
}

func (w *world) deleteFolder(name string, done func()) {
	_ = w.updateExpected(func() {
		if s := w.allowed[name]; s != nil {
			s.deleting = true
		}
	})
	for w.store.DeleteFolder(name) != nil && !w.t.Failed() {
	}
	_ = w.updateExpected(func() {
		delete(w.allowed, name)
		w.deleted[name] = true
		done()
	})
}

// checkFolders compares all state files with their allowed contents after a power cut, and returns which folders
// exist.
func (w *world) checkFolders(s *Store) map[string]bool {
	folders, err := s.ReadFolders()
	must(w.t, err)
	found, there := map[string]Folder{}, map[string]bool{}
	for _, f := range folders {
		found[f.Name], there[f.Name] = f, true
		if f.Err != nil {
			w.t.Errorf("%s cannot be read after a power cut: %v", f.Name, f.Err)
		}
		if w.deleted[f.Name] {
			w.t.Errorf("%s was deleted and is there after a power cut", f.Name)
		}
	}
	for name, may := range w.allowed {
		f := found[name]
		if may.deleting && !there[name] {
			continue
		}
		if !slices.Contains(may.state, string(f.State)) || !slices.Contains(may.torrent, string(f.Torrent)) {
			w.t.Errorf("%s has %q and %q after a power cut, and may have %q and %q",
				name, f.State, f.Torrent, may.state, may.torrent)
		}
		if !slices.Contains(may.state, "") && !may.deleting && s.Identity() != w.store.Identity() {
			w.t.Errorf("the identity is another one after a power cut")
		}
	}
	return there
}
