package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// Publication is a folder that was published here, and its newest version. Times are in UTC, and zero for never.
type Publication struct {
	// Host is the record's key: the site that was made of the folder.
	Host string `json:"host"`
	// Dir is the folder's absolute path.
	Dir string `json:"dir"`
	// InPlace reports whether the newest version is seeded from the folder itself.
	InPlace bool `json:"in_place,omitempty"`
	// Infohash is the newest version.
	Infohash string `json:"infohash"`
	// Former are the versions before it that were published here, newest first.
	Former []string `json:"former,omitempty"`
	// Agreed reports whether the host's domain has named Infohash or one of Former since Infohash was published.
	Agreed bool `json:"agreed,omitempty"`
	// Stamps are the modification times of the files of the newest version, in nanoseconds since 1970 and in the order of
	// its info dictionary; 0 where the time may not change with the next write.
	Stamps []int64 `json:"stamps,omitempty"`
	// At is when it was published last; zero in records of the first releases, which do not have the fields below.
	At time.Time `json:"at,omitzero"`
	// Kept, LeftOut and Found are those of the publish.Memory of the last publication.
	Kept    []string `json:"kept,omitempty"`
	LeftOut []string `json:"left_out,omitempty"`
	Found   []string `json:"found,omitempty"`
	// PublicURL is the address, given by a person, at which anybody opens the site with any browser; may be empty.
	PublicURL string `json:"public_url,omitempty"`
	// Key is the name of the key of this machine with which the folder is published, and PublicKey that key as a site's
	// host, because the file of the key may be lost. Both are empty for a folder that is published without a key.
	Key       string `json:"key,omitempty"`
	PublicKey string `json:"public_key,omitempty"`
}

// Publications returns all publications, sorted by host.
func (db *DB) Publications() (publications []Publication, err error) {
	err = db.view("list publications", func(tx *bolt.Tx) error {
		publications, err = decodeAll(tx, publicationsBucket, decodePublication)
		return err
	})
	return publications, err
}

// PutPublication stores a publication.
func (t *Tx) PutPublication(p Publication) error {
	if p.Host == "" || p.Dir == "" || !engine.IsInfohash(p.Infohash) {
		return invalidError("a publication needs a host, a folder and a version")
	}
	return t.putJSON(publicationsBucket, p.Host, p)
}

// Publish stores a new version: the publication, the site's row, the version's info dictionary, and the version in the
// site's history. former is the previous host of the site, or empty: its history is moved to the new host in the same
// transaction.
func (t *Tx) Publish(p Publication, s Site, v engine.Version, info []byte, former string) error {
	if s.Host != p.Host {
		return invalidError("a publication needs a site")
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

// renameHost moves the versions of a host to another host, and deletes its row and publication.
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
