package swarm

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"
)

const (
	smallFileCount = 20_000
	smallSize      = smallFileCount * 4 << 10
)

// smallFiles is a site of 20,000 files of 4 KiB.
func smallFiles(b *testing.B) *site {
	s := &site{}
	info := metainfo.Info{Name: "small", PieceLength: 64 << 10}
	for i := range smallFileCount {
		s.files = append(s.files, newSite(b, 1<<10, 4<<10).files[0])
		info.Files = append(info.Files, metainfo.FileInfo{Path: []string{itoa(i) + ".html"}, Length: 4 << 10})
	}
	return s.seal(b, info)
}

// download fetches the site until a condition holds.
func (s *site) download(b *testing.B, c, from *Client, until func(Stats) bool) Torrent {
	tor := add(b, c, Spec{Infohash: s.hash, Info: s.info})
	connect(tor, from)
	eventually(b, "it is fetched", func() bool { return until(tor.Stats()) })
	return tor
}

// BenchmarkManySmallFiles fetches 20,000 small files from a seed on loopback until they are kept, in turns with the
// same on a disk that is never flushed, and reports how much longer it takes.
func BenchmarkManySmallFiles(b *testing.B) {
	s := smallFiles(b)
	author := start(b, config(b))
	publish(b, author, s)
	turn := func(flush func(*os.File, bool, func() error) error) float64 {
		cfg := config(b)
		cfg.Dir = freshDir(b)
		c, err := newClient(cfg, hooks{flush: flush})
		if err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		tor := s.download(b, c, author, func(st Stats) bool { return st.Kept == smallSize })
		took := time.Since(begin).Seconds()
		tor.Discard()
		if err := errors.Join(c.Close(), os.RemoveAll(cfg.Dir)); err != nil {
			b.Fatal(err)
		}
		return took
	}
	var kept, loose []float64
	for b.Loop() {
		loose = append(loose, turn(func(*os.File, bool, func() error) error { return nil }))
		kept = append(kept, turn(nil))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(kept), "s")
	b.ReportMetric(median(kept)/median(loose), "×unsynced")
}

// BenchmarkRemove removes 20,000 small files right after the last one has arrived, and reports how much longer that
// takes than rm -r of a copy that is as new.
func BenchmarkRemove(b *testing.B) {
	if runtime.GOOS == "windows" {
		b.Skip("takes cp and rm")
	}
	s := smallFiles(b)
	cfg := config(b)
	author := start(b, cfg)
	publish(b, author, s)
	original, fetched := filepath.Join(cfg.Dir, s.hash), config(b)
	c := start(b, fetched)
	var ours, theirs []float64
	for b.Loop() {
		waitForDisk()
		tor := s.download(b, c, author, func(st Stats) bool { return st.Completed == smallSize })
		begin := time.Now()
		tor.Discard()
		if err := c.Delete(s.hash); err != nil {
			b.Fatal(err)
		}
		ours = append(ours, time.Since(begin).Seconds())
		waitForDisk()
		copied := filepath.Join(b.TempDir(), "copy")
		run(b, "cp", "-r", original, copied)
		begin = time.Now()
		run(b, "rm", "-r", copied)
		theirs = append(theirs, time.Since(begin).Seconds())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ours), "s")
	b.ReportMetric(median(ours)/median(theirs), "×rm")
}

func run(b *testing.B, name string, args ...string) {
	b.Helper()
	if out, err := exec.CommandContext(b.Context(), name, args...).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
}
