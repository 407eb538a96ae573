package sites

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
)

// world is a swarm client without a network: torrents that somebody "out there" has arrive bit by bit each time they
// are asked for their numbers, all others wait. Data stays until it is deleted, as on a disk.
type world struct {
	mu      sync.Mutex
	sources map[string]*swarm.Info // what somebody out there seeds
	disk    map[string]int64       // verified bytes by infohash
	joined  map[string]*scripted
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
	status     swarm.Status

	content          map[string][][]byte     // what was published, by infohash
	linked, compared int                     // files that were taken over, or compared, when something was published
	room             int64                   // of the disk, when something is published; 0 is no limit
	looks            map[string]swarm.Look   // how the files of torrents look
	rotten           map[string]map[int]bool // damaged pieces
	scrubbed         []string                // all pieces that were read
	whenScrubbed     func()                  // called for each of them; nil for nothing
	noIntake         error
	committed        func()                   // is called when what is published has its place
	reach            map[bool]engine.ReachWay // what probes find, over WebRTC and not
}

func newWorld() *world {
	return &world{
		sources: map[string]*swarm.Info{}, disk: map[string]int64{}, joined: map[string]*scripted{}, content: map[string][][]byte{},
		looks: map[string]swarm.Look{}, rotten: map[string]map[int]bool{},
		stalls: map[string]bool{}, notes: map[string]swarm.Folder{}, unflushed: map[string]bool{}, hinted: map[string][]string{},
	}
}

// seed lets somebody out there have a site of n files of 1000 bytes.
func (w *world) seed(infohash string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources[infohash] = makeInfo(infohash, n)
}

func makeInfo(infohash string, n int) *swarm.Info {
	info := &swarm.Info{Name: "site " + infohash[:4], Bytes: []byte(fmt.Sprintf("info of %d", n)), PieceLength: 1000, Pieces: n, Size: int64(n) * 1000}
	for i := range n {
		info.Files = append(info.Files, swarm.FileInfo{Index: i, Path: []string{"dir", fmt.Sprintf("%d.html", i)}, Size: 1000, Tag: fmt.Sprint(i)})
	}
	return info
}

func (w *world) Add(spec swarm.Spec) (swarm.Torrent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.joined[spec.Infohash] != nil {
		return nil, fmt.Errorf("world: %s was added twice", spec.Infohash)
	}
	t := &scripted{w: w, spec: spec, ready: make(chan struct{}), paused: spec.Paused}
	t.found, t.believed = w.looks[spec.Infohash], w.disk[spec.Infohash] > 0 && !spec.Verify
	w.joined[spec.Infohash] = t
	w.specs = append(w.specs, spec)
	if spec.Info != nil {
		t.settle()
	}
	return t, nil
}

func (w *world) Delete(infohash string) error {
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

func (w *world) ReadFolders() ([]swarm.Folder, error) {
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

func (w *world) WriteFolders(folders []swarm.Folder) error {
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

func (w *world) DeleteFolder(name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.notes, name)
	return nil
}

func (w *world) Identity() string { return "here" }

func (w *world) SetLimits(l engine.Limits) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limits = l
}

func (w *world) Status() swarm.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status
}

// onDisk gives the infohashes that have data, sorted.
func (w *world) onDisk() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(w.disk)), " ")
}

// leave is a power cut for the client: nothing is joined any more, the disk stays.
func (w *world) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.joined)
}

// scripted is one torrent of the world.
type scripted struct {
	w       *world
	spec    swarm.Spec
	ready   chan struct{}
	info    *swarm.Info
	err     error
	paused  bool
	stats   swarm.Stats
	fault   error
	stalled bool // peers stop sending

	found    swarm.Look // when it was added
	believed bool
}

// settle makes the list of files known, or refuses it. w.mu is held.
func (t *scripted) settle() {
	t.info = t.w.sources[t.spec.Infohash]
	if content, published := t.w.content[t.spec.Infohash]; published {
		if t.info = publishedInfo(t.spec.Info, content); t.info == nil { // it was joined before
			t.info = makeInfo(t.spec.Infohash, len(content))
			t.info.Size = t.w.disk[t.spec.Infohash]
		}
	}
	if t.info == nil {
		n, _ := strconv.Atoi(strings.TrimPrefix(string(t.spec.Info), "info of ")) // 0 for what makeInfo did not write
		t.info = makeInfo(t.spec.Infohash, n)
	}
	why, limits := "", t.spec.Limits
	switch {
	case limits.Size > 0 && t.info.Size > limits.Size:
		why = "size"
	case limits.Files > 0 && len(t.info.Files) > limits.Files:
		why = "files"
	case limits.Cache > 0 && t.info.Size > limits.Cache:
		why = "cache"
	}
	if why != "" {
		t.info = nil
		t.err = &engine.Error{Op: "world: add", Kind: engine.TooLarge, Msg: "it is over the limit of " + why}
	}
	close(t.ready)
}

func (t *scripted) isReady() bool {
	select {
	case <-t.ready:
		return true
	default:
		return false
	}
}

// Stats lets the download go on by one step.
func (t *scripted) Stats() swarm.Stats {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	s := swarm.Stats{Downloaded: t.stats.Downloaded, Fault: t.fault, Checking: t.w.hashing}
	if t.w.joined[t.spec.Infohash] == t && t.w.sources[t.spec.Infohash] != nil && !t.paused && t.err == nil {
		s.Peers, s.Seeds, s.Known = 1, 1, 2
		if !t.isReady() {
			t.settle()
		} else if have := t.w.disk[t.spec.Infohash]; have < t.info.Size && !t.stalled && !t.w.stalls[t.spec.Infohash] {
			t.w.disk[t.spec.Infohash] = have + 1000
			s.Downloaded += 1000
		}
	}
	if t.isReady() && t.err == nil {
		s.Completed = t.w.disk[t.spec.Infohash]
		s.Kept = s.Completed
		if t.w.unflushed[t.spec.Infohash] {
			s.Kept--
		}
	}
	if s.Checking {
		s.Completed, s.Kept = 0, 0 // as after an unclean exit
	}
	t.stats = s
	return s
}

func (t *scripted) Infohash() string { return t.spec.Infohash }

func (t *scripted) Ready() <-chan struct{} {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return t.ready
}

func (t *scripted) Info() *swarm.Info {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return t.info
}

func (t *scripted) Err() error {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	return t.err
}

func (t *scripted) SetLimits(l swarm.SiteLimits) (goesOn bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.spec.Limits = l
	if t.err == nil {
		return false
	}
	t.err, t.ready = nil, make(chan struct{})
	t.settle()
	return t.err == nil
}

func (t *scripted) Peers() []engine.Peer {
	return []engine.Peer{{Address: "192.0.2.1:1", Via: engine.TCP}}
}
func (t *scripted) Trackers() []engine.Tracker { return nil }
func (t *scripted) Announce()                  {}

func (t *scripted) Hint(trackers, webSeeds []string) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.hinted[t.spec.Infohash] = append(trackers, webSeeds...)
}

func (w *world) Trackers() []engine.Tracker { return nil }

// stall lets a torrent stand still, or go on.
func (w *world) stall(infohash string, stalled bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stalls[infohash] = stalled
}

// spec is how a torrent was added last.
func (w *world) spec(infohash string) (last swarm.Spec) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.specs {
		if s.Infohash == infohash {
			last = s
		}
	}
	return last
}

// all are the torrents that are joined.
func (w *world) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.joined))
}

func (w *world) hintsOf(infohash string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.hinted[infohash], " ")
}

func (t *scripted) Pieces() engine.Pieces {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	have := int(t.w.disk[t.spec.Infohash] / 1000)
	p := engine.Pieces{Length: 1000, Count: t.info.Pieces, Runs: []engine.PieceRun{{State: engine.PieceComplete, Count: have}}}
	if have < t.info.Pieces {
		p.Runs = append(p.Runs, engine.PieceRun{State: engine.PieceMissing, Count: t.info.Pieces - have})
	}
	return p
}

func (t *scripted) FileProgress() []int64 {
	out := make([]int64, len(t.Info().Files))
	for i := range out {
		out[i] = 1000
	}
	return out
}

func (t *scripted) Open(_ context.Context, index int) (io.ReadSeekCloser, error) {
	t.w.mu.Lock()
	content, published := t.w.content[t.spec.Infohash]
	t.w.mu.Unlock()
	if published {
		return nopCloser{bytes.NewReader(content[index])}, nil
	}
	return nopCloser{bytes.NewReader(bytes.Repeat([]byte{byte(index)}, 1000))}, nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

func (t *scripted) Raise(indexes []int, soon bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.raised = append(t.w.raised, fmt.Sprint(indexes, soon))
}

func (t *scripted) SetPaused(paused bool) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.paused = paused
}

func (t *scripted) TakeInfo(info []byte) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	if !t.isReady() {
		t.spec.Info = info
		t.settle()
	}
}

func (t *scripted) Verify(context.Context) error { return nil }

func (t *scripted) Found() (swarm.Look, bool) { return t.found, t.believed }

// Look finds what a test has written there.
func (t *scripted) Look(newest time.Time) (swarm.Look, error) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	look := t.w.looks[t.spec.Infohash]
	if !look.Newest.After(newest) {
		look.Changed = nil
	}
	return look, nil
}

// Scrub loses the last piece for one that is rotten.
func (t *scripted) Scrub(ctx context.Context, piece int) (read int64, damaged int, err error) {
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	hash := t.spec.Infohash
	if ctx.Err() != nil || t.w.joined[hash] != t {
		return 0, 0, fmt.Errorf("world: %s has left: %w", hash, fs.ErrClosed)
	}
	if t.w.disk[hash] < t.info.Size && piece == t.info.Pieces-1 {
		return 0, 0, nil
	}
	t.w.scrubbed = append(t.w.scrubbed, fmt.Sprintf("%s/%d", hash[:1], piece))
	if t.w.whenScrubbed != nil {
		t.w.whenScrubbed()
	}
	if t.w.rotten[hash][piece] {
		delete(t.w.rotten[hash], piece)
		t.w.disk[hash] -= t.info.PieceLength
		damaged++
	}
	return t.info.PieceLength, damaged, nil
}

func (t *scripted) Discard() {
	t.Drop()
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	t.w.discarded = append(t.w.discarded, t.spec.Infohash)
}

func (t *scripted) Drop() {
	t.w.mu.Lock()
	slow := t.w.slow
	t.w.mu.Unlock()
	if slow != nil {
		<-slow
	}
	t.w.mu.Lock()
	defer t.w.mu.Unlock()
	delete(t.w.joined, t.spec.Infohash)
	t.w.dropped = append(t.w.dropped, t.spec.Infohash)
}
