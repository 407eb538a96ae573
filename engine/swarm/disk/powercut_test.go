//go:build unix

package disk

import (
	"bytes"
	"encoding/hex"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// TestPowerCuts downloads, publishes and deletes torrents, writes state files, and fetches damaged pieces again, on a
// disk that fails at times. At many instants it checks what a power cut would leave. Each recorded piece is there, and
// all pieces of each torrent that was reported complete. Each state file has its last written content or the one that
// is being written. A torrent that is being deleted is either whole or gone.
func TestPowerCuts(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	const worlds, instants = 20, 10
	for i := range uint64(worlds) {
		w := newWorld(t, rand.New(rand.NewPCG(seed, 2*i)), rand.New(rand.NewPCG(seed, 2*i+1)))
		for w.instants() < instants && !t.Failed() {
			w.step()
		}
		w.end()
		if t.Failed() {
			t.Fatalf("seed %d, world %d", seed, i)
		}
	}
}

// A torrent that is published again reuses the state files of its folder. Whichever flush fails then, nothing of them
// is lost when they are written again, nor when the torrent is published once more.
func TestPowerCutsAfterAFailedFlush(t *testing.T) {
	flushes, times := uint64(7), uint64(8)
	if testing.Short() {
		times = 1
	}
	for i := range flushes * times {
		w := newWorld(t, rand.New(rand.NewPCG(i, 0)), rand.New(rand.NewPCG(i, 1)))
		w.disk.fails = 0
		k := w.newWork(nil)
		w.add(k, false)
		w.publishAgain(k)
		name := hex.EncodeToString(k.hash[:])
		w.writeStates([]Folder{{Name: name, State: []byte("one"), Torrent: []byte("list")}})
		w.cutAtEveryStep = true
		w.disk.mu.Lock()
		w.disk.toFail = int(1 + i/times)
		w.disk.mu.Unlock()
		w.publishAgain(k)
		w.writeStates([]Folder{{Name: name, State: []byte("another")}})
		w.publishAgain(k)
		w.end()
		if t.Failed() {
			t.Fatalf("when flush %d fails, world %d", 1+i/times, i)
		}
	}
}

// records is a Completion in memory.
type records map[[20]byte]map[int]bool

func (r records) Get(infohash [20]byte, piece int) (complete, known bool) {
	complete, known = r[infohash][piece]
	return complete, known
}

func (r records) Set(infohash [20]byte, pieces []int, complete bool) error {
	if r[infohash] == nil {
		r[infohash] = map[int]bool{}
	}
	for _, p := range pieces {
		r[infohash][p] = complete
	}
	return nil
}

// world is a store on a shadow disk, and its expected state.
type world struct {
	t     *testing.T
	disk  *shadow
	rnd   *rand.Rand
	store *Store
	next  byte
	open  map[[20]byte]*work

	// What follows is guarded by disk.mu.
	made             map[[20]byte]*work
	recorded         records
	reportedComplete map[[20]byte]bool        // these are complete as far as anybody knows
	allowed          map[string]*allowedFiles // what the state files of a folder may hold, by its name
	deleting         map[[20]byte]records
	deleted          map[string]bool // these folders were deleted
	powerCuts        int
	stepsToNextCut   int  // steps to the next look
	cutAtEveryStep   bool // it looks at every step
}

// work is a torrent and its expected content.
type work struct {
	*Torrent // nil while it is not open

	hash   [20]byte
	layout Layout
	files  [][]byte
	data   []byte
}

func newWorld(t *testing.T, rnd, chance *rand.Rand) *world {
	w := &world{
		t: t, disk: newShadow(t, chance), rnd: rnd,
		open: map[[20]byte]*work{}, made: map[[20]byte]*work{}, recorded: records{}, reportedComplete: map[[20]byte]bool{},
		allowed: map[string]*allowedFiles{}, deleting: map[[20]byte]records{}, deleted: map[string]bool{},
	}
	w.disk.fails, w.disk.maybeCutPower = 20, w.maybeCutPower
	var err error
	w.store, err = New(Options{Dir: w.disk.root, Completion: w, MaxOpen: 8, Flush: w.disk.flush})
	must(t, err)
	return w
}

func (w *world) end() {
	for _, k := range w.open {
		k.Close()
	}
	must(w.t, w.store.Close())
	w.disk.close()
}

// Get implements Completion.
func (w *world) Get(infohash [20]byte, piece int) (complete, known bool) {
	w.disk.mu.Lock()
	defer w.disk.mu.Unlock()
	return w.recorded.Get(infohash, piece)
}

// Set implements Completion.
func (w *world) Set(infohash [20]byte, pieces []int, complete bool) error {
	return w.updateExpected(func() { _ = w.recorded.Set(infohash, pieces, complete) })
}

// updateExpected changes the expected state at one instant.
func (w *world) updateExpected(change func()) error {
	w.disk.mu.Lock()
	defer w.disk.mu.Unlock()
	w.maybeCutPower()
	change()
	w.maybeCutPower()
	return nil
}

func (w *world) instants() int {
	w.disk.mu.Lock()
	defer w.disk.mu.Unlock()
	return w.powerCuts
}

// maybeCutPower checks now and then what the disk would hold after a power cut. The disk calls it at each step of a
// change, before anything else can happen to it.
func (w *world) maybeCutPower() {
	if w.stepsToNextCut--; w.stepsToNextCut > 0 {
		return
	}
	if !w.cutAtEveryStep {
		w.stepsToNextCut = 1 + w.disk.rnd.IntN(60)
	}
	w.powerCuts++
	copied := records{}
	for infohash, pieces := range w.recorded {
		copied[infohash] = maps.Clone(pieces)
	}
	for infohash, was := range w.deleting {
		copied[infohash] = maps.Clone(was[infohash])
	}
	s, err := New(Options{
		Dir: w.disk.restart(), Completion: copied, Flush: func(*os.File, bool, func() error) error { return nil },
	})
	must(w.t, err)
	defer s.Close()
	there := w.checkFolders(s)
	for infohash, k := range w.made {
		recorded := w.recorded
		if was, ok := w.deleting[infohash]; ok {
			recorded = was
			if !there[hex.EncodeToString(infohash[:])] {
				continue
			}
		}
		tor, err := s.Open(infohash, k.layout, false)
		must(w.t, err)
		for p := range k.layout.Pieces {
			was, _ := recorded.Get(infohash, p)
			if want := k.piece(p); was && !bytes.Equal(readPiece(tor, p), want) {
				done, known := tor.Piece(p)
				w.t.Errorf("piece %d of torrent %d was recorded and is not there after a power cut: complete %v, known %v",
					p, infohash[0], done, known)
			}
			if w.reportedComplete[infohash] && !was {
				w.t.Errorf("torrent %d was told to be complete, and piece %d is not recorded", infohash[0], p)
			}
		}
		tor.Close()
	}
}

func (k *work) piece(p int) []byte {
	offset, length := k.layout.PieceRange(p)
	return k.data[offset : offset+length]
}

func readPiece(tor *Torrent, p int) []byte {
	offset, length := tor.layout.PieceRange(p)
	b := make([]byte, length)
	n, _ := tor.ReadAt(b, offset)
	return b[:n]
}

// step makes one random event happen.
func (w *world) step() {
	k := w.any()
	switch n := w.rnd.IntN(24); {
	case n >= 20:
		w.writeFolders()
		return
	case k == nil || n == 0 && len(w.open) < 5:
		w.add(w.newWork(nil), false)
		return
	case n == 1 && len(w.open) < 8:
		w.publish(k)
	case n == 2:
		w.delete(k)
		return
	case n == 8:
		w.publishAgain(k)
	case n == 3:
		k.Close()
		w.add(k, w.rnd.IntN(2) == 0)
	case n == 4:
		_ = w.updateExpected(func() { delete(w.reportedComplete, k.hash) })
		k.Incomplete(w.rnd.IntN(k.layout.Pieces))
	case n == 5:
		k.recorder.addUrgent()
	case n == 6:
		_, err := k.Rewrite()
		must(w.t, err)
	case n == 7: // all that is still missing, and quickly
		for range 3 * k.layout.Pieces {
			w.fetch(k)
		}
	default:
		w.fetch(k)
	}
	if k.Progress().Kept == k.pieces.size {
		_ = w.updateExpected(func() { w.reportedComplete[k.hash] = true })
	}
}

// any returns an open torrent, or nil if there is none.
func (w *world) any() *work {
	hashes := slices.SortedFunc(maps.Keys(w.open), func(a, b [20]byte) int { return bytes.Compare(a[:], b[:]) })
	if len(hashes) == 0 {
		return nil
	}
	return w.open[hashes[w.rnd.IntN(len(hashes))]]
}

func (w *world) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(1 + w.rnd.IntN(255))
	}
	return b
}

// newWork returns a new random torrent. If like is not nil, the two have some files in common.
func (w *world) newWork(like *work) *work {
	w.next++
	k := &work{hash: [20]byte{w.next}, layout: Layout{PieceLength: 16}}
	files := 1 + w.rnd.IntN(8)
	if w.rnd.IntN(5) == 0 {
		files += maxSingleFlushes
	}
	for i := range files {
		b := w.bytes(1 + w.rnd.IntN(20))
		if like != nil && i < len(like.files) && w.rnd.IntN(2) == 0 {
			b = like.files[i]
		}
		k.layout.Files = append(k.layout.Files, File{Offset: int64(len(k.data)), Length: int64(len(b))})
		k.files = append(k.files, b)
		k.data = append(k.data, b...)
	}
	k.layout.Pieces = (len(k.data) + 15) / 16
	_ = w.updateExpected(func() { w.made[k.hash] = k })
	return k
}

// add opens a torrent.
func (w *world) add(k *work, verify bool) {
	var err error
	k.Torrent, err = w.store.Open(k.hash, k.layout, verify)
	must(w.t, err)
	w.open[k.hash] = k
}

// fetch writes a piece, which may be wrong, and hashes it. If it is unknown whether the disk has the piece, it is only
// hashed.
func (w *world) fetch(k *work) {
	p := w.rnd.IntN(k.layout.Pieces)
	done, known := k.Piece(p)
	recorded, _ := w.Get(k.hash, p)
	want := k.piece(p)
	offset := int64(p) * 16
	switch {
	case done:
		return
	case !known:
	case !recorded && w.rnd.IntN(4) == 0:
		_, _ = k.WriteAt(w.bytes(len(want)), offset) // Whatever comes of it is hashed.
	default:
		half := w.rnd.IntN(len(want))
		_, _ = k.WriteAt(want[:half], offset)
		_, _ = k.WriteAt(want[half:], offset+int64(half))
	}
	var there bytes.Buffer
	_, _ = k.CopyPiece(&there, p)
	if bytes.Equal(there.Bytes(), want) {
		k.Complete(p)
	} else {
		k.Incomplete(p)
	}
}

// publish stages a new version of an existing torrent.
func (w *world) publish(base *work) {
	if base.Progress().Kept < base.pieces.size {
		return
	}
	k := w.newWork(base)
	if w.stage(k, base) {
		w.add(k, false)
	}
}

// publishAgain stages the data of a torrent that exists already, at least in part.
func (w *world) publishAgain(k *work) {
	k.Close()
	w.stage(k, k)
	w.add(k, false)
}

// stage reports whether it could stage all data of a torrent, some of which it shares with base.
func (w *world) stage(k, base *work) bool {
	g, err := w.store.Stage()
	must(w.t, err)
	for i, b := range k.files {
		if k == base || i >= len(base.files) || !bytes.Equal(b, base.files[i]) {
			_, err = g.Put(i, bytes.NewReader(b))
		} else {
			err = g.Link(i, base.hash, i)
		}
		must(w.t, err)
	}
	if g.Commit(k.hash) != nil {
		must(w.t, g.Discard())
		return false
	}
	var all []int
	for p := range k.layout.Pieces {
		all = append(all, p)
	}
	_ = w.Set(k.hash, all, true)
	_ = w.updateExpected(func() { w.reportedComplete[k.hash] = true })
	return true
}
