package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"wtptui/engine"
)

// sampleContent returns the content of a new database with branch pages, overflow pages, free pages and inline buckets.
func sampleContent(t testing.TB, path string) []byte {
	t.Helper()
	db, _ := mustOpen(t, path)
	fill(t, db, 60)
	must(t, db.PutInfo(hash(1000), bytes.Repeat([]byte("overflow"), 2000)))
	for n := range 20 {
		must(t, db.DeleteSite(site(n*2).Host))
	}
	mustClose(t, db)
	content, err := os.ReadFile(path)
	must(t, err)
	return content
}

// fill writes n sites with what belongs to them.
func fill(t testing.TB, db *DB, n int) {
	t.Helper()
	var sites []Site
	for i := range n {
		sites = append(sites, site(i))
		must(t, db.PutInfo(hash(i), bytes.Repeat([]byte{byte(i)}, 300)))
		must(t, db.Set(rawHash(i), []int{0, 1, 2, i}, true))
	}
	must(t, db.PutSites(sites...))
	must(t, db.PutName(sampleAnswer(sites[0].Host, hash(0), engine.At(day), "", time.Hour)))
	must(t, db.PutSetting("limits", []byte("{}")))
}

// contentDigest returns a hash over all records of a file. It is another kind of hash than the digest that it tests.
func contentDigest(content []byte) (string, error) {
	h := sha256.New()
	err := walk(bytes.NewReader(content), int64(len(content)), func(bucket string, key, value []byte) error {
		h.Write(fmt.Appendf(nil, "%d %d %d %s", len(bucket), len(key), len(value), bucket))
		h.Write(key)
		h.Write(value)
		return nil
	})
	return string(h.Sum(nil)), err
}

// listRecords returns all records of a file, in order, as text.
func listRecords(content []byte) (found []string, err error) {
	err = walk(bytes.NewReader(content), int64(len(content)), func(bucket string, key, value []byte) error {
		found = append(found, fmt.Sprintf("%q %q %q", bucket, key, value))
		return nil
	})
	return found, err
}

func TestFlippedBitIsFound(t *testing.T) {
	content := sampleContent(t, filepath.Join(t.TempDir(), "wtptui.db"))
	want, err := contentDigest(content)
	must(t, err)
	step := 37 // A prime, to hit every field of the file's structures at one place or another.
	if testing.Short() {
		step = 251
	}
	harmless := 0
	for at := 0; at < len(content); at += step {
		bit := byte(1) << (at * 5 % 8)
		content[at] ^= bit
		_, err := verifyContent(bytes.NewReader(content), int64(len(content)), current.version)
		switch {
		case err == nil:
			harmless++
			if got, err := contentDigest(content); err != nil || got != want {
				t.Fatalf("the flip at %d changes a record and is not noticed (%v)", at, err)
			}
		case !errors.Is(err, errDamaged):
			t.Fatalf("the flip at %d is taken for something else: %v", at, err)
		}
		content[at] ^= bit
	}
	t.Logf("%d of %d bytes carry nothing", harmless*step, len(content))
}

func TestTruncationIsFound(t *testing.T) {
	content := sampleContent(t, filepath.Join(t.TempDir(), "wtptui.db"))
	want, err := contentDigest(content)
	must(t, err)
	for size := 0; size < len(content); size += 509 {
		_, err := verifyContent(bytes.NewReader(content[:size]), int64(size), current.version)
		if err == nil {
			if got, err := contentDigest(content[:size]); err != nil || got != want {
				t.Fatalf("the truncation to %d changes a record and is not noticed (%v)", size, err)
			}
		} else if !errors.Is(err, errDamaged) {
			t.Fatalf("the truncation to %d is taken for something else: %v", size, err)
		}
	}
}

// contentDamages returns functions that damage the content of a database, by what is damaged.
func contentDamages(t *testing.T, size int) map[string]func([]byte) []byte {
	t.Helper()
	damages := map[string]func([]byte) []byte{
		"empty":       func([]byte) []byte { return nil },
		"one byte":    func(b []byte) []byte { return b[:1] },
		"half a page": func(b []byte) []byte { return b[:2048] },
		"meta pages":  func(b []byte) []byte { return b[:8192] },
		"half":        func(b []byte) []byte { return b[:len(b)/2] },
		"text":        func([]byte) []byte { return []byte("this is no database") },
		"SQLite":      func([]byte) []byte { return append([]byte("SQLite format 3\x00"), make([]byte, 8192)...) },
		"zeros":       func(b []byte) []byte { return make([]byte, len(b)) },
		"zeroed middle": func(b []byte) []byte {
			return append(append(b[:len(b)/4], make([]byte, 4096)...), b[len(b)/4+4096:]...)
		},
		"circle": func(b []byte) []byte {
			at := branchOffset(t, b)
			copy(b[at+pageHeaderSize+8:at+pageHeaderSize+16], b[at:at+8]) // A branch is its own first child.
			return b
		},
		"pages swapped": func(b []byte) []byte { copy(b[4096*3:4096*4], b[4096*5:4096*6]); return b },
		"state in clear": func(b []byte) []byte {
			return bytes.ReplaceAll(b, fmt.Appendf(nil, `"schema":%d`, current.version), []byte(`"schema":9`))
		},
	}
	for _, at := range flipOffsets(size) {
		damages[fmt.Sprintf("flip at %d", at)] = func(b []byte) []byte { b[at] ^= 1 << (at % 8); return b }
	}
	return damages
}

// flipOffsets returns offsets of bytes in which a bit is flipped, one at a time.
func flipOffsets(size int) []int {
	var offsets []int
	for i := range 60 {
		offsets = append(offsets, (i*size/60+i*37)%size)
	}
	for page := range 64 { // Headers and first elements, where the structure is.
		for _, field := range []int{0, 8, 10, 12, 16, 20, 24, 28} {
			offsets = append(offsets, page*4096+field)
		}
	}
	if testing.Short() {
		return offsets[:6]
	}
	return offsets
}

// checkMovedAside checks what was opened in place of damaged content: either nothing is lost, or the database is new
// and all of the damaged one is kept.
func checkMovedAside(t *testing.T, path string, report Report, content []byte, want []string) {
	t.Helper()
	after, err := os.ReadFile(path)
	must(t, err)
	got, err := listRecords(after)
	must(t, err)
	if report.MovedAside == "" {
		wantEqual(t, report, Report{})
		wantEqual(t, withoutState(got), withoutState(want)) // Then it has to be harmless.
		return
	}
	wantEqual(t, report, Report{New: true, MovedAside: report.MovedAside})
	wantEqual(t, withoutState(got), []string{})
	aside, err := os.ReadFile(report.MovedAside)
	must(t, err)
	if !bytes.Equal(aside, content) {
		t.Error("what was moved aside is not what was there")
	}
}

// TestDamageIsMovedAside goes all the way through Open: whatever the damage, what is there afterwards is right or
// nothing.
func TestDamageIsMovedAside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wtptui.db")
	whole := sampleContent(t, path)
	want, err := listRecords(whole)
	must(t, err)

	damages := contentDamages(t, len(whole))
	opening := time.Duration(0)
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			content := damage(bytes.Clone(whole))
			if bytes.Equal(content, whole) {
				t.Fatal("this is no damage")
			}
			must(t, os.WriteFile(path, content, 0o600))
			start := time.Now()
			db, report := mustOpen(t, path)
			opening += time.Since(start)
			mustClose(t, db)
			checkMovedAside(t, path, report, content, want)
		})
	}
	if mean := opening / time.Duration(len(damages)); mean > 5*time.Second {
		t.Errorf("opening takes %v", mean)
	}
}

// withoutState removes the records of the state bucket, which every transaction changes.
func withoutState(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(r string) bool { return r[:len(stateBucket)+1] == `"`+stateBucket })
}

// branchOffset returns the offset of a branch page that is in use.
func branchOffset(t *testing.T, content []byte) int {
	t.Helper()
	m, err := readMetas(bytes.NewReader(content), int64(len(content)))
	must(t, err)
	w := &walker{r: bytes.NewReader(content), meta: m, seen: make([]bool, m.pages)}
	must(t, w.markFreePages())
	for id := range int(m.pages) {
		if at := id * int(m.pageSize); id > 1 && !w.seen[id] && byteOrder.Uint16(content[at+8:]) == branchPage {
			return at
		}
	}
	t.Fatal("there is no branch page")
	return 0
}

// An old .backup is left alone, and what is missing is new.
func TestMissingDatabaseIsNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	content := sampleContent(t, path)
	must(t, os.Rename(path, path+".backup"))
	db, report := mustOpen(t, path)
	wantEqual(t, report, Report{New: true})
	sites, err := db.Sites()
	must(t, err)
	wantEqual(t, len(sites), 0)
	mustClose(t, db)
	backup, err := os.ReadFile(path + ".backup")
	must(t, err)
	if !bytes.Equal(backup, content) {
		t.Error("the old copy was changed")
	}
}

func TestTwoDamagedFilesInOneSecond(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	aside := map[string]bool{}
	for range 3 {
		must(t, os.WriteFile(path, []byte("nothing"), 0o600))
		db, report := mustOpen(t, path)
		mustClose(t, db)
		aside[report.MovedAside] = true
	}
	wantEqual(t, len(aside), 3)
}

// TestFaultWhileRunning truncates the file under an open database: bbolt then reads outside of it.
func TestFaultWhileRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	fill(t, db, 200)
	must(t, os.Truncate(path, 4096*2))
	_, err := db.Sites()
	wantEqual(t, engine.KindOf(err), engine.Damaged)
	wantEqual(t, engine.KindOf(db.PutSites(site(3))), engine.Damaged)
	if err := db.Close(); err == nil {
		t.Error("Close says that all is well")
	}
	_, report := mustOpen(t, path)
	if report.MovedAside == "" {
		t.Errorf("the report is %+v", report)
	}
}
