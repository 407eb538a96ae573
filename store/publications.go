package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// Publication is a folder that was published here, and what it came to. Times are in UTC, and zero for never.
type Publication struct {
	// Host is the record's key: the site that the folder is.
	Host string `json:"host"`
	// Dir is the folder's absolute path.
	Dir string `json:"dir"`
	// InPlace reports whether the newest version is seeded from the folder itself.
	InPlace bool `json:"in_place,omitempty"`
	// Infohash is the newest version.
	Infohash string `json:"infohash"`
	// Former are those that were published before it, newest first.
	Former []string `json:"former,omitempty"`
	// Agreed reports whether since the newest version was published, the host's domain has named it or one of Former.
	Agreed bool `json:"agreed,omitempty"`
	// Stamps are when the files of the newest version were last written, in nanoseconds since 1970 and in the order of
	// its info dictionary; 0 where that says nothing.
	Stamps []int64 `json:"stamps,omitempty"`
	// At is when a person published it last; zero in records of the first releases, which do not have what follows.
	At time.Time `json:"at,omitzero"`
	// Kept are the findings that a person had published all the same then, LeftOut the paths that were left out, and Found
	// all findings: see the memory of engine/publish, whose form they have.
	Kept    []string `json:"kept,omitempty"`
	LeftOut []string `json:"left_out,omitempty"`
	Found   []string `json:"found,omitempty"`
	// PublicURL is where anybody opens the site with any browser, as a person says; it may be empty.
	PublicURL string `json:"public_url,omitempty"`
	// Key is the name of the key of this machine that the folder is published with, and PublicKey that key as a site's
	// host: the file of the key may be lost. Both are empty for a folder that is published without one.
	Key       string `json:"key,omitempty"`
	PublicKey string `json:"public_key,omitempty"`
}

// Publications returns all publications, sorted by host.
func (db *DB) Publications() (publications []Publication, err error) {
	err = db.view("list publications", func(tx *bolt.Tx) error {
		publications, err = all(tx, publicationsBucket, decodePublication)
		return err
	})
	return publications, err
}

// PutPublication changes what is known of a publication.
func (t *Tx) PutPublication(p Publication) error {
	if p.Host == "" || p.Dir == "" || !engine.IsInfohash(p.Infohash) {
		return invalid("a publication needs a host, a folder and a version")
	}
	return t.putJSON(publicationsBucket, p.Host, p)
}

// Publish writes a new version: the publication, the site's row, the version's info dictionary, and
// the version in the site's history. What is known of former, a host that the site had before, becomes host's in the
// same step; it may be empty.
func (t *Tx) Publish(p Publication, s Site, v engine.Version, info []byte, former string) error {
	if s.Host != p.Host {
		return invalid("a publication needs a site")
	}
	if former != "" && former != p.Host {
		if err := renameHost(t, former, p.Host); err != nil {
			return err
		}
	}
	if err := t.PutInfo(v.Infohash, info); err != nil {
		return err
	}
	if err := t.PutSite(s); err != nil {
		return err
	}
	if err := changeName(t, p.Host, func(r *nameRecord) { r.addVersion(v) }); err != nil {
		return err
	}
	return t.PutPublication(p)
}

// renameHost moves the history of a host to another, and deletes its row and publication.
func renameHost(t *Tx, from, to string) error {
	for _, bucket := range []string{sitesBucket, publicationsBucket} {
		if err := t.remove(bucket, []byte(from)); err != nil {
			return err
		}
	}
	b := t.get(namesBucket, []byte(from))
	if b == nil {
		return nil
	}
	old, err := decodeName([]byte(from), b)
	if err != nil {
		return err
	}
	err = changeName(t, to, func(r *nameRecord) {
		r.Versions = slices.Concat(r.Versions, slices.DeleteFunc(old.Versions, func(v versionRecord) bool {
			return slices.ContainsFunc(r.Versions, func(o versionRecord) bool { return o.Infohash == v.Infohash })
		}))
	})
	if err != nil {
		return err
	}
	return t.remove(namesBucket, []byte(from))
}

func decodePublication(key, value []byte) (Publication, error) {
	return decode(publicationsBucket, key, value, func(p Publication) string { return p.Host })
}
