package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// futureSchema is a made-up next schema, in which every title is in upper case, and the way to it.
func futureSchema(reached func(string)) schema {
	step := func(t *Tx) error {
		sites, err := decodeAll(t.tx, sitesBucket, decodeSite)
		for _, s := range sites {
			if err == nil {
				s.Title = strings.ToUpper(s.Title)
				err = t.putJSON(sitesBucket, s.Host, s)
			}
		}
		return err
	}
	return schema{version: current.version + 1, onPoint: reached, steps: append(slices.Clone(current.steps), step)}
}

// schemaCopyPath is where the copy is kept that was made before a migration from the current schema.
func schemaCopyPath(path string) string { return fmt.Sprintf("%s.schema%d", path, current.version) }

func TestMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	old := sampleContent(t, path)

	db, report, err := open(path, nil, futureSchema(nil))
	must(t, err)
	wantEqual(t, report, Report{})
	wantTitles(t, db, "SITE ")
	mustClose(t, db)

	kept, err := os.ReadFile(schemaCopyPath(path))
	must(t, err)
	if !bytes.Equal(kept, old) {
		t.Error("the copy is not the database as it was")
	}

	// The former program refuses it, and takes its own copy.
	_, _, err = Open(path, nil)
	wantEqual(t, engine.KindOf(err), engine.Conflict)
	must(t, os.Rename(schemaCopyPath(path), path))
	db, _ = mustOpen(t, path)
	wantTitles(t, db, "Site ")
}

func wantTitles(t *testing.T, db *DB, prefix string) {
	t.Helper()
	sites, err := db.Sites()
	must(t, err)
	wantEqual(t, len(sites), 40)
	for _, s := range sites {
		if !strings.HasPrefix(s.Title, prefix) {
			t.Fatalf("%s is called %q", s.Host, s.Title)
		}
	}
}

// Databases of former schemas are taken over as they are.
func TestMigrationFromFormerSchemas(t *testing.T) {
	for version := 1; version < current.version; version++ {
		t.Run(strconv.Itoa(version), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wtptui.db")
			db, _, err := open(path, nil, schema{version: version})
			must(t, err)
			fill(t, db, 5)
			if version >= 2 {
				must(t, db.PutPublication(samplePublication("a.example", 1)))
			}
			if version >= 3 {
				must(t, db.PutTombstone(Tombstone{Host: "a.example"}))
			}
			mustClose(t, db)
			old, err := os.ReadFile(path)
			must(t, err)

			db, report := mustOpen(t, path)
			wantEqual(t, report, Report{})
			sites, err := db.Sites()
			must(t, err)
			wantEqual(t, sites, []Site{site(0), site(1), site(2), site(3), site(4)})
			publications, err := db.Publications()
			must(t, err)
			wantEqual(t, len(publications), min(version-1, 1))
			if version >= 3 {
				tombstones, err := db.Tombstones()
				must(t, err)
				wantEqual(t, tombstones, []Tombstone{{Host: "a.example", Infohashes: []string{}}})
			}
			must(t, db.PutPublication(samplePublication("a.example", 2)))
			must(t, db.PutTombstone(Tombstone{Host: "b.example"}))
			must(t, db.Update(func(t *Tx) error { return t.PutDataCheck(DataCheck{Infohash: hash(1)}) }))
			kept, err := os.ReadFile(fmt.Sprintf("%s.schema%d", path, version))
			must(t, err)
			if !bytes.Equal(kept, old) {
				t.Error("the copy is not the database as it was")
			}
		})
	}
}

func TestMigrationThatFailsChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	sampleContent(t, path)
	_, _, err := open(path, nil, schema{version: current.version + 2, steps: futureSchema(nil).steps})
	if err == nil {
		t.Fatal("there is no way to the schema after the next, but Open did not say so")
	}
	db, report := mustOpen(t, path)
	wantEqual(t, report, Report{})
	wantTitles(t, db, "Site ")
}

func TestDamageBeforeMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	sampleContent(t, path)
	must(t, os.Truncate(path, 20000))
	db, report, err := open(path, nil, futureSchema(nil))
	must(t, err)
	defer mustClose(t, db)
	if !report.New || report.MovedAside == "" {
		t.Errorf("the report is %+v", report)
	}
	_, err = os.Stat(schemaCopyPath(path))
	wantEqual(t, os.IsNotExist(err), true) // There is nothing to migrate.
	must(t, db.PutSites(site(1)))
}

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _, err := open(path, nil, schema{version: 7})
	must(t, err)
	mustClose(t, db)
	before, err := os.ReadFile(path)
	must(t, err)
	_, _, err = Open(path, nil)
	wantEqual(t, engine.KindOf(err), engine.Conflict)
	wantEqual(t, engine.Message(err),
		"the database was written by a newer wtptui (schema 7, this one knows "+strconv.Itoa(current.version)+"): "+
			"upgrade wtptui or choose another --data-dir")
	wantUntouched(t, path, before)
}

func TestForeignDatabaseIsRefused(t *testing.T) {
	for name, options := range map[string]*bolt.Options{
		"ordinary":         {Timeout: time.Second},
		"without freelist": {Timeout: time.Second, NoFreelistSync: true},
		"small pages":      {Timeout: time.Second, PageSize: 1024},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wtptui.db")
			b, err := bolt.Open(path, 0o600, options)
			must(t, err)
			must(t, b.Update(func(tx *bolt.Tx) error {
				outer, err := tx.CreateBucket([]byte("sites"))
				must(t, err)
				inner, err := outer.CreateBucket([]byte("inner"))
				must(t, err)
				for n := range 500 {
					must(t, inner.Put([]byte(hash(n)), []byte{}))
				}
				return nil
			}))
			must(t, b.Close())
			before, err := os.ReadFile(path)
			must(t, err)
			_, _, err = Open(path, nil)
			wantEqual(t, engine.KindOf(err), engine.Conflict)
			if msg := engine.Message(err); !strings.Contains(msg, "another program") {
				t.Errorf("the message is %q", msg)
			}
			wantUntouched(t, path, before)
		})
	}
}

func TestFolderInPlaceOfTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	must(t, os.Mkdir(path, 0o700))
	_, _, err := Open(path, nil)
	wantEqual(t, engine.KindOf(err), engine.Conflict)
}

func wantUntouched(t *testing.T, path string, before []byte) {
	t.Helper()
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	found, err := filepath.Glob(path + ".damaged*")
	must(t, err)
	wantEqual(t, len(found), 0)
}
