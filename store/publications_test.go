package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
)

func published(host string, n int) Publication {
	return Publication{
		Host: host, Dir: "/home/me/site", Infohash: hash(n), Stamps: []int64{1, 0, 3}, Key: "blog",
		PublicKey: "the key of blog",
	}
}

func version(n int) engine.Version {
	return engine.Version{Infohash: hash(n), LastSeen: engine.At(day.Add(time.Duration(n) * time.Hour)), Source: "published"}
}

// A site that is named by its infohash moves to another with each version, with all that is known of it.
func TestPublish(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	first, second := hash(1), hash(2)
	must(t, db.Publish(published(first, 1), Site{Host: first, Infohash: first, Mine: true}, version(1), []byte("info"), ""))
	must(t, db.Publish(published(second, 2), Site{Host: second, Infohash: second, Mine: true}, version(2), []byte("other"), first))
	mustClose(t, db)
	db, _ = mustOpen(t, path)
	defer mustClose(t, db)
	sites, err := db.Sites()
	must(t, err)
	if len(sites) != 1 || sites[0].Host != second {
		t.Errorf("sites %+v", sites)
	}
	got, err := db.Publications()
	must(t, err)
	wantEqual(t, fmt.Sprint(got), fmt.Sprint([]Publication{published(second, 2)}))
	info, err := db.Info(second)
	must(t, err)
	wantEqual(t, string(info), "other")
	versions, err := db.Versions(second)
	must(t, err)
	if len(versions) != 2 || versions[0].Infohash != second || versions[1].Infohash != first || versions[1].FirstSeen != version(1).LastSeen {
		t.Errorf("versions %+v", versions)
	}
	if versions, err = db.Versions(first); err != nil || len(versions) != 0 {
		t.Errorf("the former host still has versions: %+v, %v", versions, err)
	}
	must(t, db.DeleteSite(second))
	if got, err = db.Publications(); err != nil || len(got) != 0 {
		t.Errorf("a publication outlives its site: %+v, %v", got, err)
	}
}

func TestPublishRefuses(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	defer mustClose(t, db)
	for name, err := range map[string]error{
		"other host": db.Publish(published("a.example", 1), Site{Host: "b.example"}, version(1), []byte("x"), ""),
		"no info":    db.Publish(published("a.example", 1), Site{Host: "a.example"}, version(1), nil, ""),
		"no folder":  db.PutPublication(Publication{Host: "a.example"}),
	} {
		if engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
