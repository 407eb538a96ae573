//go:build unix

package disk

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// said is what each state file of a folder may hold: what was written last, and what was being written when it failed
// or still is. Empty is no file.
type said struct {
	state, torrent []string
	going          bool // the folder is being deleted
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
	w.put(folders)
}

// put writes the state files of folders.
func (w *world) put(folders []Folder) {
	_ = w.at(func() {
		for _, f := range folders {
			if w.said[f.Name] == nil {
				w.said[f.Name] = &said{state: []string{""}, torrent: []string{""}}
			}
			delete(w.gone, f.Name)
			w.said[f.Name].add(f)
		}
	})
	err := w.store.WriteFolders(folders)
	_ = w.at(func() {
		for _, f := range folders {
			if err == nil {
				w.said[f.Name].settle(f)
			}
		}
	})
}

func (s *said) add(f Folder) {
	s.state = append(s.state, string(f.State))
	if f.Torrent != nil {
		s.torrent = append(s.torrent, string(f.Torrent))
	}
}

func (s *said) settle(f Folder) {
	s.state = []string{string(f.State)}
	if f.Torrent != nil {
		s.torrent = []string{string(f.Torrent)}
	}
}

// delete deletes a torrent, as often as it takes, and then perhaps a host.
func (w *world) delete(k *work) {
	_ = w.at(func() {
		w.going[k.hash] = records{k.hash: maps.Clone(w.recorded[k.hash])}
		delete(w.told, k.hash)
	})
	k.Discard()
	_ = w.at(func() { delete(w.recorded, k.hash) })
	delete(w.open, k.hash)
	w.deleteFolder(hex.EncodeToString(k.hash[:]), func() {
		delete(w.going, k.hash)
		delete(w.made, k.hash)
	})
	if w.rnd.IntN(2) == 0 {
		w.deleteFolder(HostPrefix+"0", func() {})
	}
}

func (w *world) deleteFolder(name string, done func()) {
	_ = w.at(func() {
		if s := w.said[name]; s != nil {
			s.going = true
		}
	})
	for w.store.DeleteFolder(name) != nil && !w.t.Failed() {
	}
	_ = w.at(func() {
		delete(w.said, name)
		w.gone[name] = true
		done()
	})
}

// checkFolders compares all state files with what they may hold after a power cut, and returns which folders there
// are.
func (w *world) checkFolders(s *Store) map[string]bool {
	folders, err := s.ReadFolders()
	must(w.t, err)
	found, there := map[string]Folder{}, map[string]bool{}
	for _, f := range folders {
		found[f.Name], there[f.Name] = f, true
		if f.Err != nil {
			w.t.Errorf("%s cannot be read after a power cut: %v", f.Name, f.Err)
		}
		if w.gone[f.Name] {
			w.t.Errorf("%s was deleted and is there after a power cut", f.Name)
		}
	}
	for name, may := range w.said {
		f := found[name]
		if may.going && !there[name] {
			continue
		}
		if !slices.Contains(may.state, string(f.State)) || !slices.Contains(may.torrent, string(f.Torrent)) {
			w.t.Errorf("%s has %q and %q after a power cut, and may have %q and %q",
				name, f.State, f.Torrent, may.state, may.torrent)
		}
		if !slices.Contains(may.state, "") && !may.going && s.Identity() != w.store.Identity() {
			w.t.Errorf("the identity is another one after a power cut")
		}
	}
	return there
}
