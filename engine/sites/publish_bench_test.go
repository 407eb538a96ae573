package sites

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/swarm"
	"wtptui/store"
)

// BenchmarkPublish publishes folders of 20,000 files of 4 KiB for the first time, in turns with cp -r and a flush of
// the file system, and reports how much longer it takes, best against best.
func BenchmarkPublish(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("takes cp and sync -f")
	}
	dir := b.TempDir()
	e := openRealEngine(b, dir)
	ours, theirs := time.Hour, time.Hour
	for n := uint64(0); b.Loop(); n++ {
		folder := filepath.Join(dir, fmt.Sprint(n))
		writeManyFiles(b, folder, n)
		theirs = min(theirs, measureFlushed(b, func() error {
			return exec.CommandContext(b.Context(), "sh", "-c", `cp -r "$0" "$1" && sync -f "$1"`, folder, folder+"-copy").Run()
		}))
		var published engine.Publication
		ours = min(ours, measureFlushed(b, func() (err error) {
			published, err = e.Publish(b.Context(), engine.PublishRequest{Dir: folder}, nil)
			return err
		}))
		err := errors.Join(e.Do(b.Context(), engine.Remove, published.Host), os.RemoveAll(folder),
			os.RemoveAll(folder+"-copy"))
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds(), "s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×cp")
}

// BenchmarkOpenWhileDeleting opens a site again and again while another one of 20,000 files is removed for good, and
// reports the longest time that took, and how long the deletion did.
func BenchmarkOpenWhileDeleting(b *testing.B) {
	dir := b.TempDir()
	e := openRealEngine(b, dir)
	small := filepath.Join(dir, "small")
	index := filepath.Join(small, "index.html")
	if err := errors.Join(os.Mkdir(small, 0o700), os.WriteFile(index, []byte("small"), 0o600)); err != nil {
		b.Fatal(err)
	}
	other, err := e.Publish(b.Context(), engine.PublishRequest{Dir: small}, nil)
	if err != nil {
		b.Fatal(err)
	}
	var longest, deleting time.Duration
	for n := uint64(0); b.Loop(); n++ {
		folder := filepath.Join(dir, fmt.Sprint(n))
		writeManyFiles(b, folder, n)
		large, err := e.Publish(b.Context(), engine.PublishRequest{Dir: folder}, nil)
		if err != nil {
			b.Fatal(err)
		}
		begin := time.Now()
		if err := e.Do(b.Context(), engine.RemoveNow, large.Host); err != nil {
			b.Fatal(err)
		}
		data := filepath.Join(dir, "data", "deleted-"+large.Infohash)
		for gone := false; !gone; {
			_, before := os.Stat(data)
			_, after := os.Stat(filepath.Join(dir, "data", large.Infohash))
			gone = before != nil && after != nil
			opening := time.Now()
			c, err := e.Open(b.Context(), other.Host)
			if err != nil {
				b.Fatal(err)
			}
			c.Close(engine.Request{})
			longest = max(longest, time.Since(opening))
		}
		deleting = max(deleting, time.Since(begin))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest-open")
	b.ReportMetric(deleting.Seconds(), "s-deleting")
}

// openRealEngine opens an engine that stores real files in a folder, and has no peers.
func openRealEngine(b *testing.B, dir string) *Engine {
	b.Helper()
	db, _, err := store.Open(filepath.Join(dir, "wtptui.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	client, err := swarm.New(swarm.Config{Dir: filepath.Join(dir, "data"), Completion: db, PeerHost: "127.0.0.1"})
	if err != nil {
		b.Fatal(err)
	}
	e, err := New(Config{
		Store: db, Swarm: client, Resolver: &fakeResolver{}, CacheTTL: time.Hour, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(e.Close(), client.Close(), db.Close()); err != nil {
			b.Error(err)
		}
	})
	return e
}

// measureFlushed measures an operation on a disk that has written all earlier data.
func measureFlushed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	_ = exec.CommandContext(b.Context(), "sync").Run() // The figures are less steady without it.
	begin := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

func writeManyFiles(b *testing.B, dir string, seed uint64) {
	b.Helper()
	rnd := rand.NewChaCha8([32]byte{byte(seed)})
	content := make([]byte, 2<<10)
	for i := range 20_000 {
		_, _ = rnd.Read(content)
		path := filepath.Join(dir, fmt.Sprint(i/100), fmt.Sprint(i)+".html")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(hex.EncodeToString(content)), 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
