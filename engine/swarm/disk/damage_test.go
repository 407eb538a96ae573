package disk

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"wtptui/engine/enginetest"
)

func TestShortFilesAtStart(t *testing.T) {
	dir, m := t.TempDir(), &memory{}
	s, tor := open4(t, dir, m, false)
	fill(t, tor)
	closeAll(t, s, tor)
	folder := filepath.Join(dir, "0102030000000000000000000000000000000000")
	if err := os.Truncate(filepath.Join(folder, "0"), 12); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, "4")); err != nil {
		t.Fatal(err)
	}
	s, tor = open4(t, dir, m, false)
	want := []bool{true, false, true, false}
	for p, w := range want {
		if done, known := tor.Piece(p); done != w || !known {
			t.Errorf("piece %d: complete %v, known %v; want %v", p, done, known, w)
		}
	}
	closeAll(t, s, tor)
	for p, w := range want {
		if m.done[p] != w {
			t.Errorf("piece %d is recorded as %v, want %v", p, m.done[p], w)
		}
	}
}

func TestDamageWhileOpen(t *testing.T) {
	folder := func(dir string) string { return filepath.Join(dir, "0102030000000000000000000000000000000000") }
	for name, hurt := range map[string]func(dir string) error{
		"truncated": func(dir string) error { return os.Truncate(filepath.Join(folder(dir), "0"), 2) },
		"removed":   func(dir string) error { return os.Remove(filepath.Join(folder(dir), "0")) },
		"folder":    func(dir string) error { return os.RemoveAll(folder(dir)) },
	} {
		for _, trigger := range []string{"read", "write"} {
			t.Run(name+" "+trigger, func(t *testing.T) {
				dir := t.TempDir()
				s, tor := open4(t, dir, &memory{}, false)
				defer closeAll(t, s, tor)
				damaged := make(chan []int, 8)
				tor.OnDamage(func(p []int) { damaged <- p })
				if _, err := tor.WriteAt(content(), 0); err != nil {
					t.Fatal(err)
				}
				tor.Complete(0) // piece 1 is not there yet
				s.files.closeTorrent(hash, 5)
				if err := hurt(dir); err != nil {
					t.Fatal(err)
				}
				if trigger == "write" {
					// Piece 1 arrives and makes the file as long as before: piece 0 is a hole now.
					if _, err := tor.WriteAt(content()[10:20], 10); err != nil {
						t.Fatal(err)
					}
				}
				buf := make([]byte, 10)
				if n, err := tor.ReadAt(buf, 0); n != 0 || err == nil {
					t.Fatalf("read %q, %v from a damaged file", buf[:n], err)
				}
				if got := enginetest.Receive(t, damaged, "the damage to be told"); len(got) != 1 || got[0] != 0 {
					t.Fatalf("damaged pieces %v, want 0", got)
				}
				fill(t, tor)
				if n, err := tor.ReadAt(buf, 0); n != 10 || err != nil || !bytes.Equal(buf, content()[:10]) {
					t.Fatalf("after another download: %q, %v", buf[:n], err)
				}
			})
		}
	}
}

func TestRemovedWhileTheHandleIsOpen(t *testing.T) {
	dir, m := t.TempDir(), &memory{}
	s, tor := open4(t, dir, m, false)
	fill(t, tor)
	if err := os.RemoveAll(filepath.Join(dir, "0102030000000000000000000000000000000000")); err != nil {
		t.Fatal(err)
	}
	if _, err := tor.WriteAt(content()[:1], 0); err != nil {
		t.Fatal(err)
	}
	if done, _ := tor.Piece(1); done {
		t.Error("piece 1 counts as complete although its file is gone")
	}
	closeAll(t, s, tor)
	s, tor = open4(t, dir, m, false)
	defer closeAll(t, s, tor)
	if got := tor.Progress(); got.Completed != 0 {
		t.Errorf("%+v after all files were removed", got)
	}
}

func TestFailedRecordIsRetried(t *testing.T) {
	m := &memory{err: errors.New("disk full")}
	faults := make(chan error, 16)
	s, err := New(Options{Dir: t.TempDir(), Completion: m, OnFault: func(_ [20]byte, err error) {
		m.mu.Lock()
		m.err = nil
		m.mu.Unlock()
		faults <- err
	}})
	if err != nil {
		t.Fatal(err)
	}
	tor, err := s.Open(hash, layout(), false)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, tor)
	if err := enginetest.Receive(t, faults, "the fault"); err == nil {
		t.Error("no fault")
	}
	closeAll(t, s, tor)
	if !m.done[3] {
		t.Error("the piece was never recorded")
	}
}
