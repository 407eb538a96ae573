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

// TestPowerCuts fetches, publishes and deletes torrents, writes state files, and fetches pieces anew that turned out
// to be damaged, on a disk that fails at times. At many instants it looks at what a power cut would leave: each piece
// that was recorded by then must be there, and all of each torrent that was told to be; each state file is what it
// was told to be, or is becoming; and a torrent that is being deleted is whole or gone.
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

// A torrent that is published again takes over what its folder says of itself. Whichever flush on that way fails,
// nothing of it is lost when it is written anew after that, nor when the torrent is published again once more.
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
		w.put([]Folder{{Name: name, State: []byte("one"), Torrent: []byte("list")}})
		w.closely = true
		w.disk.mu.Lock()
		w.disk.toFail = int(1 + i/times)
		w.disk.mu.Unlock()
		w.publishAgain(k)
		w.put([]Folder{{Name: name, State: []byte("another")}})
		w.publishAgain(k)
		w.end()
		if t.Failed() {
			t.Fatalf("when flush %d fails, world %d", 1+i/times, i)
		}
	}
}

// records are a Completion.
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

// world is a store on a shadow, and what happens to it.
type world struct {
	t     *testing.T
	disk  *shadow
	rnd   *rand.Rand
	store *Store
	next  byte
	open  map[[20]byte]*work

	// What follows is guarded by disk.mu.
	made     map[[20]byte]*work
	recorded records
	told     map[[20]byte]bool // these are complete as far as anybody knows
	said     map[string]*said  // what the state files of a folder may hold, by its name
	going    map[[20]byte]records
	gone     map[string]bool // these folders were deleted
	looked   int
	wait     int  // steps to the next look
	closely  bool // it looks at every step
}

// work is a torrent, and what it should hold.
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
		open: map[[20]byte]*work{}, made: map[[20]byte]*work{}, recorded: records{}, told: map[[20]byte]bool{},
		said: map[string]*said{}, going: map[[20]byte]records{}, gone: map[string]bool{},
	}
	w.disk.fails, w.disk.cut = 20, w.cut
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
	return w.at(func() { _ = w.recorded.Set(infohash, pieces, complete) })
}

// at changes something at one instant.
func (w *world) at(change func()) error {
	w.disk.mu.Lock()
	defer w.disk.mu.Unlock()
	w.cut()
	change()
	w.cut()
	return nil
}

func (w *world) instants() int {
	w.disk.mu.Lock()
	defer w.disk.mu.Unlock()
	return w.looked
}

// cut looks now and then at what the disk would have. The disk calls it at each step of a change, before anything else
// can happen to it.
func (w *world) cut() {
	if w.wait--; w.wait > 0 {
		return
	}
	if !w.closely {
		w.wait = 1 + w.disk.rnd.IntN(60)
	}
	w.looked++
	copied := records{}
	for infohash, pieces := range w.recorded {
		copied[infohash] = maps.Clone(pieces)
	}
	for infohash, was := range w.going {
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
		if was, ok := w.going[infohash]; ok {
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
			if w.told[infohash] && !was {
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

// step does something.
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
		_ = w.at(func() { delete(w.told, k.hash) })
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
		_ = w.at(func() { w.told[k.hash] = true })
	}
}

// any returns an open torrent; nil when there is none.
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

// newWork makes up a torrent, which has some files in common with another one, if that is not nil.
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
	_ = w.at(func() { w.made[k.hash] = k })
	return k
}

// add opens a torrent.
func (w *world) add(k *work, verify bool) {
	var err error
	k.Torrent, err = w.store.Open(k.hash, k.layout, verify)
	must(w.t, err)
	w.open[k.hash] = k
}

// fetch gets a piece from somebody, who may be a liar, and hashes it. A piece of which nobody knows what is there is
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

// publish puts together a new version of a torrent that is kept.
func (w *world) publish(base *work) {
	if base.Progress().Kept < base.pieces.size {
		return
	}
	k := w.newWork(base)
	if w.stage(k, base) {
		w.add(k, false)
	}
}

// publishAgain puts the data of a torrent together that is here already, at least in part.
func (w *world) publishAgain(k *work) {
	k.Close()
	w.stage(k, k)
	w.add(k, false)
}

// stage reports whether it could put together all data of a torrent, some of which another one may have.
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
	_ = w.at(func() { w.told[k.hash] = true })
	return true
}
