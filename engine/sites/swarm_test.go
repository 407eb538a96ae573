package sites

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// fakeSwarm is a swarm client without a network. Torrents that have a simulated seed arrive step by step, each time
// their counts are read. All others wait. Data stays until it is deleted, as on a disk.
type fakeSwarm struct {
	mu      sync.Mutex
	sources map[string]*swarm.Info // what somebody out there seeds
	disk    map[string]int64       // verified bytes by infohash
	joined  map[string]*fakeTorrent
	specs   []swarm.Spec // all that was ever added
	raised  []string     // what Raise was called with
	dropped []string
	stalls  map[string]bool // torrents of which no more comes
	hashing bool            // data waits to be hashed
	// unflushed are torrents of which not all is on the disk for sure; discarded are those that were dropped to be
	// deleted.
	unflushed  map[string]bool
	discarded  []string
	notes      map[string]swarm.Folder // what folders say of themselves
	unwritable string                  // the name of a folder that cannot be written
	written    []string                // the names of those that were, or should have been
	slow       chan struct{}           // deletions, joining and leaving take until it is closed; nil for no time
	hinted     map[string][]string     // trackers and web seeds that were named after Add
	limits     engine.Limits
	byLabel    map[string]engine.Limits
	deadMirror string // what is wrong with the web seeds of all torrents
	// others are the numbers of all torrents that say who else has them.
	others swarm.Stats
	status swarm.Status
	// trackers are those of all torrents.
	trackers []engine.Tracker

	content          map[string][][]byte         // what was published, by infohash
	linked, compared int                         // files that were taken over, or compared, when something was published
	room             int64                       // of the disk, when something is published; 0 is no limit
	looks            map[string]swarm.FilesState // how the files of torrents look
	rotten           map[string]map[int]bool     // damaged pieces
	scrubbed         []string                    // all pieces that were read
	whenScrubbed     func()                      // called for each of them; nil for nothing
	noIntake         error
	committed        func()                   // is called when what is published has its place
	reach            map[bool]engine.ReachWay // what probes find, over WebRTC and not
}

func newFakeSwarm() *fakeSwarm {
	return &fakeSwarm{
		sources: map[string]*swarm.Info{}, disk: map[string]int64{}, joined: map[string]*fakeTorrent{},
		content: map[string][][]byte{},
		looks:   map[string]swarm.FilesState{}, rotten: map[string]map[int]bool{},
		stalls: map[string]bool{}, notes: map[string]swarm.Folder{}, unflushed: map[string]bool{},
		hinted: map[string][]string{},
	}
}

// seed adds a simulated seed of a site of n files of 1000 bytes.
func (w *fakeSwarm) seed(infohash string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources[infohash] = makeInfo(infohash, n)
}

func makeInfo(infohash string, n int) *swarm.Info {
	info := &swarm.Info{
		Name: "site " + infohash[:4], Bytes: []byte(fmt.Sprintf("info of %d", n)), PieceLength: 1000, Pieces: n,
		Size: int64(n) * 1000,
	}
	for i := range n {
		info.Files = append(info.Files, swarm.FileInfo{
			Index: i, Path: []string{"dir", fmt.Sprintf("%d.html", i)}, Size: 1000, Tag: fmt.Sprint(i),
		})
	}
	return info
}

func (w *fakeSwarm) Add(spec swarm.Spec) (swarm.Torrent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.joined[spec.Infohash] != nil {
		return nil, fmt.Errorf("world: %s was added twice", spec.Infohash)
	}
	t := &fakeTorrent{w: w, spec: spec, ready: make(chan struct{}), paused: spec.Paused}
	t.found, t.believed = w.looks[spec.Infohash], w.disk[spec.Infohash] > 0 && !spec.Verify
	w.joined[spec.Infohash] = t
	w.specs = append(w.specs, spec)
	if spec.Info != nil {
		t.finishInfo()
	}
	return t, nil
}

func (w *fakeSwarm) Delete(infohash string) error {
	w.mu.Lock()
	slow := w.slow
	w.mu.Unlock()
	if slow != nil {
		<-slow
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.joined[infohash] != nil {
		return fmt.Errorf("world: %s is still joined", infohash)
	}
	delete(w.disk, infohash)
	delete(w.content, infohash)
	delete(w.notes, infohash)
	return nil
}

func (w *fakeSwarm) ReadFolders() ([]swarm.Folder, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := maps.Clone(w.notes)
	for infohash := range w.disk {
		f := all[infohash]
		f.Name, f.Data = infohash, true
		all[infohash] = f
	}
	return slices.Collect(maps.Values(all)), nil
}

func (w *fakeSwarm) WriteFolders(folders []swarm.Folder) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var err error
	for _, f := range folders {
		w.written = append(w.written, f.Name)
		if f.Name == w.unwritable {
			msg := "/data/" + f.Name + " is not a folder: move it away"
			failed := &swarm.FoldersError{Names: []string{f.Name}, Err: errors.New(msg)}
			err = &engine.Error{Op: "world: write folders", Kind: engine.Conflict, Msg: msg, Err: failed}
			continue
		}
		was := w.notes[f.Name]
		if was.Name = f.Name; f.State != nil {
			was.State = f.State
		}
		if f.Torrent != nil {
			was.Torrent = f.Torrent
		}
		w.notes[f.Name] = was
	}
	return err
}

func (w *fakeSwarm) DeleteFolder(name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.notes, name)
	return nil
}

func (w *fakeSwarm) Identity() string { return "here" }

func (w *fakeSwarm) SetLimits(l engine.Limits) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l.Label == "" {
		w.limits = l
		return
	}
	if w.byLabel == nil {
		w.byLabel = map[string]engine.Limits{}
	}
	w.byLabel[l.Label] = l
}

func (w *fakeSwarm) Status() swarm.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// hashesOnDisk returns the infohashes that have data when everything that was begun is done, sorted.
func (b *fixture) hashesOnDisk() string {
	b.t.Helper()
	b.waitIdle()
	b.swarm.mu.Lock()
	defer b.swarm.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(b.swarm.disk)), " ")
}

// cutPower simulates a power cut: no torrent is joined any more, the disk stays.
func (w *fakeSwarm) cutPower() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.joined)
}
