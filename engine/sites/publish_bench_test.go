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
	db, _, err := store.Open(filepath.Join(dir, "wtptui.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	client, err := swarm.New(swarm.Config{Dir: filepath.Join(dir, "data"), Completion: db, PeerHost: "127.0.0.1"})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	e, err := New(Config{Store: db, Swarm: client, Resolver: names{}, CacheTTL: time.Hour, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	ours, theirs := time.Hour, time.Hour
	for n := uint64(0); b.Loop(); n++ {
		folder := filepath.Join(dir, fmt.Sprint(n))
		writeMany(b, folder, n)
		theirs = min(theirs, timed(b, func() error {
			return exec.CommandContext(b.Context(), "sh", "-c", `cp -r "$0" "$1" && sync -f "$1"`, folder, folder+"-copy").Run()
		}))
		var published engine.Publication
		ours = min(ours, timed(b, func() (err error) {
			published, err = e.Publish(b.Context(), engine.PublishRequest{Dir: folder}, nil)
			return err
		}))
		if err := errors.Join(e.Do(b.Context(), engine.Remove, published.Host), os.RemoveAll(folder), os.RemoveAll(folder+"-copy")); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(ours.Seconds(), "s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×cp")
}

// timed runs something on a disk that has written what it was given before.
func timed(b *testing.B, do func() error) time.Duration {
	b.Helper()
	_ = exec.CommandContext(b.Context(), "sync").Run() // The figures are less steady without it.
	begin := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

func writeMany(b *testing.B, dir string, seed uint64) {
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
