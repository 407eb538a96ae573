package swarm

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/anacrolix/torrent"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// A reader tells how many pieces it had to wait for, and who sent them; one that finds all there tells nothing.
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

func TestOriginsAreBounded(t *testing.T) {
	var o origins
	for p := range 2 * maxOrigins {
		for peer := range 2 * maxOriginsOfPiece {
			o.add(p, fmt.Sprint(peer))
			o.add(p, fmt.Sprint(peer))
		}
	}
	if len(o.peers) != maxOrigins || len(o.order) != maxOrigins {
		t.Errorf("%d pieces are remembered", len(o.peers))
	}
	last := o.of(2*maxOrigins-1, []string{"0", "x"})
	if len(last) != maxOriginsOfPiece || o.of(0, nil) != nil {
		t.Errorf("of the last piece: %v, of the first: %v", last, o.of(0, nil))
	}
}

// A complete file is lent to whoever sends it, until a piece of the torrent turns out to be damaged.
func TestCompleteFileIsLent(t *testing.T) {
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

// What is raised comes before the rest, and a piece that is wanted sooner for another file stays so.
func TestRaisePriorities(t *testing.T) {
	s := newSite(t, 16<<10, 16<<10, 16<<10, 8<<10, 8<<10, 5<<20, 16<<10)
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	ready(t, tor)
	tor.Raise([]int{1, 2, 4, 99, -1}, engine.UrgencyInView)
	tor.Raise([]int{0, 3}, engine.UrgencyLink)
	lt := tor.(*handle).lib.Load()
	want := map[int]torrent.PiecePriority{
		0: torrent.PiecePriorityHigh, 1: torrent.PiecePriorityReadahead, 2: torrent.PiecePriorityReadahead,
		3: torrent.PiecePriorityReadahead, 3 + raised>>14 - 1: torrent.PiecePriorityReadahead, 3 + raised>>14: torrent.PiecePriorityNormal,
		lt.NumPieces() - 1: torrent.PiecePriorityNormal,
	}
	for piece, priority := range want {
		if got := lt.PieceState(piece).Priority; got != priority {
			t.Errorf("piece %d of %d has priority %d, want %d", piece, lt.NumPieces(), got, priority)
		}
	}
	tor.SetPaused(true)
	tor.Raise([]int{0}, engine.UrgencyInView) // nothing to do, and nothing breaks
}
