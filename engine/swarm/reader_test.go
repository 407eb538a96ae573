package swarm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// A reader reports how many pieces it waited for, and who sent them. It reports nothing if all were here.
func TestReaderTellsWhatItWaitedFor(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 10_000)
	author, visitor := start(t, config(t)), start(t, config(t))
	publish(t, author, s)
	tor := add(t, visitor, Spec{Infohash: s.hash, Info: s.info})
	r, err := tor.Open(context.Background(), 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	if r.(engine.Completer).Complete() {
		t.Error("a file that is not here counts as complete")
	}
	if _, err := r.(engine.OnDisk).File(); err == nil {
		t.Error("a file that is not here was opened")
	}
	done := make(chan error, 1)
	go func() {
		got, err := io.ReadAll(r)
		if err == nil && !bytes.Equal(got, s.files[0]) {
			err = fmt.Errorf("%d bytes differ", len(got))
		}
		done <- err
	}()
	eventually(t, "the reader to wait", r.(*fileReader).reading.wants.waits)
	connect(tor, author)
	if err := enginetest.Receive(t, done, "the whole file"); err != nil {
		t.Fatal(err)
	}
	seed := fmt.Sprintf("127.0.0.1:%d", author.Status().Port)
	// How many of the seven it waited for depends on how fast they came; the first one was certainly not here.
	if n, from := r.(Waiter).Waited(); n < 1 || n > 7 || !slices.Equal(from, []string{seed}) {
		t.Errorf("waited for %d pieces from %v, want some from %s", n, from, seed)
	}
	r.Close()
	r, err = tor.Open(context.Background(), 0, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	if n, from := r.(Waiter).Waited(); n != 0 || len(from) != 0 {
		t.Errorf("waited for %d pieces from %v that were here", n, from)
	}
}

func TestPieceSourcesAreBounded(t *testing.T) {
	var o pieceSources
	for p := range 2 * maxSourcePieces {
		for peer := range 2 * maxSourcesPerPiece {
			o.record(p, fmt.Sprint(peer))
			o.record(p, fmt.Sprint(peer))
		}
	}
	if len(o.peers) != maxSourcePieces || len(o.order) != maxSourcePieces {
		t.Errorf("%d pieces are remembered", len(o.peers))
	}
	last := o.appendPeers(2*maxSourcePieces-1, []string{"0", "x"})
	if len(last) != maxSourcesPerPiece || o.appendPeers(0, nil) != nil {
		t.Errorf("of the last piece: %v, of the first: %v", last, o.appendPeers(0, nil))
	}
}

// A complete file can be opened directly, until a piece of the torrent turns out to be damaged.
func TestCompleteFileIsOpenedDirectly(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 50_000)
	author := start(t, config(t))
	publish(t, author, s)
	cfg := config(t)
	c := start(t, cfg)
	tor := publish(t, c, s)
	lend := func(index int) (string, error) {
		t.Helper()
		r, err := tor.Open(context.Background(), index, engine.UrgencyDocument)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		f, err := r.(engine.OnDisk).File()
		if err != nil {
			return "", err
		}
		defer f.Close()
		data, err := io.ReadAll(f)
		return string(data), err
	}
	for i := range s.files {
		if got, err := lend(i); err != nil || got != string(s.files[i]) {
			t.Errorf("file %d: %d bytes, %v", i, len(got), err)
		}
	}
	if err := os.Truncate(filepath.Join(cfg.Dir, s.hash, "1"), 10); err != nil {
		t.Fatal(err)
	}
	for i := range s.files {
		if _, err := lend(1 - i); err == nil {
			t.Errorf("file %d was lent after damage", 1-i)
		}
	}
	connect(tor, author)
	same(t, tor, s) // It is read, and fetched again, as ever.
}

// Raised pieces come before all others, the most urgent first, and again after a pause.
func TestRaisePriorities(t *testing.T) {
	s := newSite(t, 1<<20, 1<<20, 1<<20, 512<<10, 512<<10, 6<<20, 1<<20)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	ready(t, tor)
	tor.Prefetch([]int{4, 99, -1}, engine.UrgencyInView)
	tor.Prefetch([]int{0, 3}, engine.UrgencyBlocking)
	want := []int{0, 2, 3, 4, 5, 6}
	check := func(when string) {
		t.Helper()
		w := &tor.(*handle).wants
		w.mu.Lock()
		defer w.mu.Unlock()
		if !slices.Equal(w.set.order, want) || w.set.changed || w.set.stale {
			t.Errorf("%s: the order is %v, want %v", when, w.set.order, want)
		}
	}
	check("before a pause")
	tor.SetPaused(true)
	tor.Prefetch([]int{1}, engine.UrgencyDocument)
	tor.SetPaused(false)
	want = []int{1, 0, 2, 3, 4, 5, 6}
	check("after a pause")
}

// slowSite returns a site of eight files of one piece each, and its seed, which sends one piece after the other and
// reports their order.
func slowSite(t *testing.T) (tor Torrent, seed *badPeer, pieces <-chan int) {
	t.Helper()
	const size = 1 << 20
	s := newSite(t, size, size, size, size, size, size, size, size, size)
	tor = add(t, start(t, config(t)), Spec{Infohash: s.hash, Info: s.info})
	ready(t, tor)
	came, verified := make(chan int, len(s.files)), make(chan int, len(s.files))
	h := tor.(*handle)
	h.data.Load().OnComplete(func(piece int) {
		h.recordVerified(piece)
		came <- piece
		verified <- piece
	})
	block, sent := siteBlock(s, size), make(map[int]int)
	seed = &badPeer{t: t, hash: rawHash(t, s.hash), info: s.info}
	seed.block = func(piece, begin, length int) []byte {
		for p, n := range sent {
			if p == piece || n < size {
				continue
			}
			select {
			case <-verified:
				delete(sent, p)
			case <-t.Context().Done():
			}
		}
		sent[piece] += length
		return block(piece, begin, length)
	}
	return tor, seed, came
}

// readAndGiveUp starts to read a file that is not here, and ends the request when the reader waits.
func readAndGiveUp(t *testing.T, tor Torrent, index int) {
	t.Helper()
	gone, cancel := context.WithCancel(context.Background())
	r, err := tor.Open(gone, index, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.Read(make([]byte, 10))
		done <- err
	}()
	eventually(t, "the reader waits", func() bool { return tor.(*handle).wants.waits() })
	cancel()
	if err := enginetest.Receive(t, done, "the end of the read"); !errors.Is(err, context.Canceled) {
		t.Fatalf("a read without the data: %v", err)
	}
	r.Close()
}

// readInBackground starts to read a file that is not here, and waits until the reader waits. All of it has to be read
// by the end of the test.
func readInBackground(t *testing.T, tor Torrent, index int) {
	t.Helper()
	r, err := tor.Open(t.Context(), index, engine.UrgencyDocument)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, r)
		r.Close()
		done <- err
	}()
	eventually(t, "the reader waits", func() bool { return tor.(*handle).wants.waits() })
	t.Cleanup(func() {
		if err := enginetest.Receive(t, done, "the page"); err != nil {
			t.Error(err)
		}
	})
}

// A piece that a request waits for comes first, whether the connection is held or the request repeated. The later
// pieces of a page come in the order of urgency.
func TestPolledReaderKeepsItsPriority(t *testing.T) {
	for name, read := range map[string]func(*testing.T, Torrent, int){
		"polled": readAndGiveUp, "held": readInBackground,
	} {
		t.Run(name, func(t *testing.T) {
			tor, seed, pieces := slowSite(t)
			if came, all := tor.ArrivedBytes(6, 1<<10); came != 0 || all != tor.Pieces().Length {
				t.Errorf("%d of %d bytes of the page's piece have come before anybody had it", came, all)
			}
			tor.Prefetch([]int{3, 1, 7, 2}, engine.UrgencyInView)
			tor.Prefetch([]int{5}, engine.UrgencyBlocking)
			read(t, tor, 6)
			seed.connectTo(tor.(*handle).client)
			var got []int
			for range 6 {
				got = append(got, enginetest.Receive(t, pieces, "a piece"))
			}
			if want := []int{6, 5, 3, 1, 7, 2}; !slices.Equal(got, want) {
				t.Errorf("pieces came as %v, want %v", got, want)
			}
			if tor.VerifiedBytes(6) != tor.Info().Files[6].Size || tor.LastArrival().IsZero() {
				t.Errorf("%d bytes of the page are here, the last came at %v", tor.VerifiedBytes(6), tor.LastArrival())
			}
			if came, all := tor.ArrivedBytes(6, 1<<10); came != all || all == 0 {
				t.Errorf("%d of %d bytes of the page's piece are here", came, all)
			}
		})
	}
}
