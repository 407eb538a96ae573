package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"wtptui/cmd/wtptui/e2e/peers"
)

// databasePath returns the path of wtptui's database.
func databasePath(w *peers.Wtptui) string { return filepath.Join(w.DataDir, "wtptui.db") }

// checkDatabaseRefused checks that `serve` ends with one line that contains all the texts, and does not change the
// file.
func checkDatabaseRefused(t *testing.T, w *peers.Wtptui, says ...string) {
	t.Helper()
	before, err := os.ReadFile(databasePath(w))
	if err != nil {
		t.Fatal(err)
	}
	_, stderr, code := w.RunCode(t, "serve", "--listen", "127.0.0.1:0")
	if code != 1 || !isOneLine(stderr) {
		t.Errorf("exit code %d, said %q", code, stderr)
	}
	for _, want := range says {
		if !strings.Contains(stderr, want) {
			t.Errorf("said %q, want %q in it", stderr, want)
		}
	}
	after, err := os.ReadFile(databasePath(w))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was touched: %d bytes, were %d, %v", len(after), len(before), err)
	}
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	w := peers.NewWtptui(t, binaryPath(t))
	db, err := bolt.Open(databasePath(w), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucket([]byte("precious"))
		if err == nil {
			err = b.Put([]byte("key"), []byte("value"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	checkDatabaseRefused(t, w, "another program", "--data-dir")
}

// A newer program migrates everything. The older one then refuses the database without changing it, and says what to
// do.
func TestNewerDatabaseIsRefusedByAnOlderProgram(t *testing.T) {
	t.Parallel()
	old := peers.StartWtptui(t, binaryPath(t), "--tracker", "none")
	old.Run(t, "add", "--pin", unseededHost)
	old.Terminate(t)

	// The next version of the program, whose database has another schema.
	next := buildPatched(
		t,
		filepath.Join("..", "..", "..", "store", "schema.go"),
		"version: 6,\n\tsteps:   []func(*Tx) error{",
		"version: 7,\n\tsteps:   []func(*Tx) error{6: addNothing, ",
	)
	newer := old.WithBinary(next)
	newer.Start(t)
	if site, found := newer.Find(t, unseededHost); !found || !site.Pinned || len(newer.List(t)) != 2 {
		t.Errorf("after the upgrade: %+v", newer.List(t))
	}
	newer.Terminate(t)

	checkDatabaseRefused(t, old, "newer wtptui", "upgrade wtptui", "--data-dir")
	// The way back that is always there: the copy that was made before the upgrade.
	if err := os.Rename(databasePath(old)+".schema6", databasePath(old)); err != nil {
		t.Fatal(err)
	}
	old.Start(t)
	if site, found := old.Find(t, unseededHost); !found || !site.Pinned {
		t.Errorf("after going back: %+v", old.List(t))
	}
}

// A damaged database is moved aside, which is reported. The data of the sites stays.
func TestDamagedDatabaseIsMovedAside(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"truncated": func(b []byte) []byte { return b[:5000] },
		"altered":   func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(unseededHost), []byte(unseededHost[1:]+"0")) },
		"text":      func([]byte) []byte { return []byte("hello\n") },
		"empty":     func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := startWtptui(t, "--tracker", "none")
			w.Run(t, "add", "--pin", unseededHost)
			sites := listAfterWelcomeSiteCheck(t, w)
			w.Terminate(t)
			before := listDataFiles(t, w)
			whole, err := os.ReadFile(databasePath(w))
			if err != nil {
				t.Fatal(err)
			}
			damaged := damage(whole)
			if err := os.WriteFile(databasePath(w), damaged, 0o600); err != nil {
				t.Fatal(err)
			}

			w.Start(t)
			moved := "the database was damaged and moved aside to " + databasePath(w) + ".damaged-"
			if log := w.Log(); !strings.Contains(log, moved) ||
				!strings.Contains(log, "it is rebuilt from the sites' folders") {
				t.Errorf("it is not told:\n%s", log)
			}
			after := listAfterWelcomeSiteCheck(t, w)
			for i := range min(len(after), len(sites)) {
				after[i].LocalURL = sites[i].LocalURL // The port is another one.
			}
			if !reflect.DeepEqual(sites, after) {
				t.Errorf("the sites are %+v, were %+v", after, sites)
			}
			if after := listDataFiles(t, w); len(before) == 0 || !slices.Equal(after, before) {
				t.Errorf("the sites' data is %q, was %q", after, before)
			}
			aside, err := filepath.Glob(databasePath(w) + ".damaged-*")
			if err != nil || len(aside) != 1 {
				t.Fatalf("moved aside: %q, %v", aside, err)
			}
			if kept, err := os.ReadFile(aside[0]); err != nil || !bytes.Equal(kept, damaged) {
				t.Errorf("%s: %d bytes, want %d, %v", aside[0], len(kept), len(damaged), err)
			}
		})
	}
}

// If the database is missing, and there is data of sites, this is not a first start: it is reported, and the data
// stays.
func TestMissingDatabaseIsReportedAndSitesStay(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	listAfterWelcomeSiteCheck(t, w)
	w.Terminate(t)
	before := listDataFiles(t, w)
	if err := os.Remove(databasePath(w)); err != nil {
		t.Fatal(err)
	}
	w.Start(t)
	if log := w.Log(); !strings.Contains(log, "the database was missing; it is rebuilt from the sites' folders") {
		t.Errorf("it is not told:\n%s", log)
	}
	if after := listDataFiles(t, w); len(before) == 0 || !slices.Equal(after, before) {
		t.Errorf("the sites' data is %q, was %q", after, before)
	}
}

// listDataFiles returns the numbered files with the data of sites.
func listDataFiles(t *testing.T, w *peers.Wtptui) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.DataDir, "sites", "*", "[0-9]*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// After a kill, verbs report that no engine answers, and the next start works.
func TestStaleSocketDoesNotHinderTheNextStart(t *testing.T) {
	t.Parallel()
	w := startWtptui(t, "--tracker", "none")
	w.Kill()
	if _, err := os.Stat(filepath.Join(w.DataDir, "control.sock")); err != nil {
		t.Fatal("there is no stale socket to test with: ", err)
	}
	stdout, stderr, code := w.RunCode(t, "ls")
	if code != 1 || stdout != "" || !isOneLine(stderr) || !strings.Contains(stderr, "`wtptui serve`") {
		t.Errorf("ls: exit code %d, printed %q, said %q", code, stdout, stderr)
	}
	w.Start(t)
	if sites := w.List(t); len(sites) != 1 {
		t.Errorf("after the start: %+v", sites)
	}
	w.Terminate(t)
	if _, err := os.Lstat(filepath.Join(w.DataDir, "control.sock")); !os.IsNotExist(err) {
		t.Errorf("the socket is left after an orderly end: %v", err)
	}
}
