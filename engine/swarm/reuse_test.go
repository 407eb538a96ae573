package swarm

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// newVersion makes the next version of a site: files by path, in pieces of the given length.
func newVersion(t testing.TB, pieceLength int64, paths []string, files [][]byte) *site {
	t.Helper()
	s := &site{files: files}
	info := metainfo.Info{Name: "site", PieceLength: pieceLength}
	for i, b := range files {
		info.Files = append(info.Files, metainfo.FileInfo{Path: []string{paths[i]}, Length: int64(len(b))})
	}
	return s.seal(t, info)
}

// What two versions have in common is not asked for: with one file of many changed, and grown, so that everything
// behind it lies elsewhere in the pieces, only the pieces that it is part of come from the swarm.
func TestUnchangedFilesAreTakenFromTheVersionBefore(t *testing.T) {
	const pieceLength = 16 << 10
	old := newSite(t, pieceLength, 300_000, 5_000, 7_000, 400_000, 0, 100_000)
	paths := []string{"f0.html", "f1.html", "f2.html", "renamed.html", "f4.html", "f5.html"}
	files := slices.Clone(old.files)
	files[1] = bytes.Repeat([]byte("changed "), 1000)
	next := newVersion(t, pieceLength, paths, files)

	author := start(t, config(t))
	publish(t, author, next)
	c := start(t, config(t))
	publish(t, c, old)
	for name, spec := range map[string]Spec{
		"info from a peer": {Infohash: next.hash, Similar: []string{old.hash}},
		"info known":       {Infohash: next.hash, Info: next.info, Similar: []string{old.hash, next.hash, "no hash"}},
	} {
		t.Run(name, func(t *testing.T) {
			tor := add(t, c, spec)
			connect(tor, author)
			ready(t, tor)
			eventually(t, "complete", func() bool { return complete(tor) })
			// The changed file has pieces of its neighbours' bytes at both ends.
			if got := fetched(tor); got > 3*pieceLength || got == 0 {
				t.Errorf("fetched %d bytes for a change of %d", got, len(files[1]))
			}
			for i, want := range files {
				r, err := tor.Open(t.Context(), i, engine.UrgencyDocument)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("file %d: %d bytes, want %d, %v", i, len(got), len(want), err)
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
			tor.Drop()
			if err := c.Delete(next.hash); err != nil {
				t.Fatal(err)
			}
			c.cfg.Completion.(*memory).forget()
		})
	}
}

// fetched is how much a torrent that is complete has downloaded: leaving the swarm brings the numbers up to date.
func fetched(tor Torrent) int64 {
	tor.SetPaused(true)
	return tor.Stats().Downloaded
}

// forget is what the owner of the store does when it deletes a torrent. The old version's data stays open.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.done)
}

// A file of the same name and length and other bytes is not taken, and harms nothing.
func TestChangedFileOfTheSameLengthIsFetched(t *testing.T) {
	const pieceLength = 16 << 10
	old := newSite(t, pieceLength, 2*pieceLength, 2*pieceLength)
	changed := bytes.Clone(old.files[1])
	changed[5] ^= 1
	next := newVersion(t, pieceLength, []string{"f0.html", "f1.html"}, [][]byte{old.files[0], changed})
	author := start(t, config(t))
	publish(t, author, next)
	c := start(t, config(t))
	publish(t, c, old)
	tor := add(t, c, Spec{Infohash: next.hash, Similar: []string{old.hash}})
	connect(tor, author)
	ready(t, tor)
	eventually(t, "complete", func() bool { return complete(tor) })
	if got := fetched(tor); got != pieceLength {
		t.Errorf("fetched %d bytes, want the one piece of %d that has changed", got, pieceLength)
	}
}

// Copying stops when the torrent leaves the swarm, and continues when it joins again.
func TestCopyingPiecesStopsWhilePaused(t *testing.T) {
	const pieceLength = 16 << 10
	old := newSite(t, pieceLength, 3_000_000)
	next := newVersion(t, pieceLength, []string{"f0.html", "more"}, [][]byte{old.files[0], nil})
	c := start(t, config(t))
	publish(t, c, old)
	tor := add(t, c, Spec{Infohash: next.hash, Info: next.info, Similar: []string{old.hash}, Paused: true})
	ready(t, tor)
	for range 20 {
		tor.SetPaused(false)
		tor.SetPaused(true)
	}
	tor.SetPaused(false)
	eventually(t, "complete", func() bool { return complete(tor) })
	if got := fetched(tor); got != 0 {
		t.Errorf("fetched %d bytes that are here", got)
	}
}

// A torrent that is resumed is read, raised and verified while pieces of a similar torrent are being copied.
func TestUseWhilePiecesAreCopied(t *testing.T) {
	const pieceLength = 16 << 10
	old := newSite(t, pieceLength, 100_000)
	next := newVersion(t, pieceLength, []string{"renamed.html"}, [][]byte{old.files[0]})
	c := start(t, config(t))
	publish(t, c, old)
	tor := add(t, c, Spec{Infohash: next.hash, Info: next.info, Similar: []string{old.hash}, Paused: true})
	ready(t, tor)
	h := tor.(*handle)
	h.life.reuse.mu.Lock()
	tor.SetPaused(false)
	verified := make(chan error, 1)
	go func() { verified <- tor.Verify(t.Context()) }()
	got := make(chan []byte, 1)
	go func() { got <- read(t, tor, 0) }()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		r, err := tor.Open(ctx, 0, engine.UrgencyDocument)
		if err == nil {
			_, err = r.Read(make([]byte, 1))
			r.Close()
		}
		gone <- err
	}()
	cancel()
	if err := enginetest.Receive(t, gone, "the reader that went away"); !errors.Is(err, context.Canceled) {
		t.Errorf("a reader that went away got %v", err)
	}
	tor.Prefetch([]int{0}, engine.UrgencyInView)
	h.markLost([]int{0})
	_ = tor.Pieces()
	h.life.reuse.mu.Unlock()
	if b := enginetest.Receive(t, got, "what is read"); !bytes.Equal(b, old.files[0]) {
		t.Errorf("%d bytes were read", len(b))
	}
	if err := enginetest.Receive(t, verified, "Verify to return"); err != nil {
		t.Error(err)
	}
}

// Sources that are added later are as foreign as those of Spec: they are listed, and private addresses among them are
// never contacted.
func TestAddedSourcesAreForeign(t *testing.T) {
	s := newSite(t, 16<<10, 100_000)
	asked := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
	ready(t, tor)
	tor.AddSources(
		[]string{server.URL + "/announce", "ws://127.0.0.1:9/", "ftp://a.example/"}, []string{server.URL + "/seed/"}, nil)
	tor.AddSources([]string{server.URL + "/announce"}, nil, nil) // twice is once
	eventually(t, "both trackers are refused", func() bool {
		refused := 0
		for _, tr := range tor.Trackers() {
			if strings.Contains(tr.Error, "not a public address") {
				refused++
			}
		}
		return refused == 2 && len(tor.Trackers()) == 2
	})
	if n := len(asked); n != 0 {
		t.Errorf("%d requests came to loopback", n)
	}
	all := c.Trackers()
	if len(all) != 2 || all[0].Error == "" || all[0].Seeds != -1 {
		t.Errorf("the client's trackers are %+v", all)
	}
}
