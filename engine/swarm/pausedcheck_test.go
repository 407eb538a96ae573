package swarm

import (
	"os"
	"path/filepath"
	"testing"
)

// A paused site is served as far as it is here, after an unclean exit, too: its data is verified although it is in no
// swarm, and what has rotted is not served.
func TestPausedIsVerified(t *testing.T) {
	s := newSite(t, 16<<10, 100_000, 50_000)
	cfg := config(t)
	c := start(t, cfg)
	publish(t, c, s)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	rot := append([]byte{s.files[1][0] ^ 1}, s.files[1][1:]...)
	if err := os.WriteFile(filepath.Join(cfg.Dir, s.hash, "1"), rot, 0o600); err != nil {
		t.Fatal(err)
	}
	c = start(t, cfg)
	tor := add(t, c, Spec{Infohash: s.hash, Info: s.info, Verify: true, Paused: true})
	ready(t, tor)
	eventually(t, "all is hashed", func() bool { return !tor.Stats().Checking })
	if got, want := tor.Stats().Completed, int64(150_000-16<<10); got != want {
		t.Errorf("%d bytes count as verified, want all but the piece with rot in it, %d", got, want)
	}
	if got := tor.FileProgress(); got[0] == 0 || got[0] == 100_000 {
		t.Errorf("of the files there are %v", got)
	}
	c.Close()

	// Paused and resumed at any time, it ends with what is right.
	if err := os.WriteFile(filepath.Join(cfg.Dir, s.hash, "1"), s.files[1], 0o600); err != nil {
		t.Fatal(err)
	}
	c = start(t, cfg)
	tor = add(t, c, Spec{Infohash: s.hash, Info: s.info, Verify: true, Paused: true})
	for range 10 {
		tor.SetPaused(false)
		tor.SetPaused(true)
	}
	eventually(t, "all is verified", func() bool { return complete(tor) && !tor.Stats().Checking })
	same(t, tor, s)
}
