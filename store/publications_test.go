package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"wtptui/engine"
)

func samplePublication(host string, n int) Publication {
	return Publication{
		Host: host, Dir: "/home/me/site", Infohash: hash(n), Stamps: []int64{1, 0, 3}, Key: "blog",
		PublicKey: "the key of blog",
	}
}

func sampleVersion(n int) engine.Version {
	return engine.Version{
		Infohash: hash(n), LastSeen: engine.At(day.Add(time.Duration(n) * time.Hour)), Source: "published",
	}
}

// A site that is named by its infohash moves to another with each version, with all that is known of it.
func TestPublish(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wtptui.db")
	db, _ := mustOpen(t, path)
	first, second := hash(1), hash(2)
	firstSite := Site{Host: first, Infohash: first, Mine: true}
	secondSite := Site{Host: second, Infohash: second, Mine: true}
	must(t, db.Publish(samplePublication(first, 1), firstSite, sampleVersion(1), []byte("info"), ""))
	must(t, db.Publish(samplePublication(second, 2), secondSite, sampleVersion(2), []byte("other"), first))
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
	wantEqual(t, fmt.Sprint(got), fmt.Sprint([]Publication{samplePublication(second, 2)}))
	info, err := db.Info(second)
	must(t, err)
	wantEqual(t, string(info), "other")
	versions, err := db.Versions(second)
	must(t, err)
	if len(versions) != 2 || versions[0].Infohash != second || versions[1].Infohash != first ||
		versions[1].FirstSeen != sampleVersion(1).LastSeen {
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

func TestPublishInvalid(t *testing.T) {
	db, _ := mustOpen(t, filepath.Join(t.TempDir(), "wtptui.db"))
	defer mustClose(t, db)
	publication := samplePublication("a.example", 1)
	for name, err := range map[string]error{
		"other host": db.Publish(publication, Site{Host: "b.example"}, sampleVersion(1), []byte("x"), ""),
		"no info":    db.Publish(publication, Site{Host: "a.example"}, sampleVersion(1), nil, ""),
		"no folder":  db.PutPublication(Publication{Host: "a.example"}),
	} {
		if engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
