package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// maxVersions bounds how many infohashes of a domain are remembered; the oldest go first.
const maxVersions = 100

// Name is what is remembered about a domain: the last answer, to be used until it expires or when nobody answers, and
// the infohashes it has had.
type Name struct {
	Host string
	// TTL is how long the newest version's answer is good for, from its LastSeen.
	TTL time.Duration
	// Versions are the infohashes that the domain has had, newest first; the first is the last answer.
	Versions []engine.Version
}

// nameRecord and versionRecord are a Name in the database, which must not change when the contract does.
type nameRecord struct {
	Host     string          `json:"host"`
	TTL      int64           `json:"ttl_seconds"`
	Versions []versionRecord `json:"versions"`
}

type versionRecord struct {
	Infohash  string    `json:"infohash"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Source    string    `json:"source,omitempty"`
}

// Names gives all names, sorted by host.
func (db *DB) Names() (names []Name, err error) {
	err = db.view("list names", func(tx *bolt.Tx) error {
		records, err := all(tx, namesBucket, decodeName)
		for _, r := range records {
			names = append(names, r.name())
		}
		return err
	})
	return names, err
}

// Versions gives the infohashes that a domain has had, newest first.
func (db *DB) Versions(host string) ([]engine.Version, error) {
	record, err := db.name(host)
	return record.name().Versions, err
}

// Name gives a domain's last answer, with when it was given in LastSeen, and how long it is good for from then; a zero
// Version when there is none. It implements resolve.Cache.
func (db *DB) Name(host string) (engine.Version, time.Duration, error) {
	record, err := db.name(host)
	n := record.name()
	if err != nil || len(n.Versions) == 0 {
		return engine.Version{}, 0, err
	}
	return n.Versions[0], n.TTL, nil
}

// PutName remembers a domain's answer v, whose FirstSeen is ignored: it is v's LastSeen when the infohash is new, and
// what it was otherwise. It implements resolve.Cache.
func (db *DB) PutName(host string, v engine.Version, ttl time.Duration) error {
	if host == "" || !engine.IsInfohash(v.Infohash) {
		return db.fail("put name", invalid("a name needs a host and an infohash"))
	}
	return db.update("put name", func(t *txn) error {
		record := nameRecord{Host: host}
		if b := t.get(namesBucket, []byte(host)); b != nil {
			var err error
			if record, err = decodeName([]byte(host), b); err != nil {
				return err
			}
		}
		record.TTL = int64(ttl / time.Second)
		record.answer(v)
		return t.putJSON(namesBucket, host, record)
	})
}

// answer puts v in front.
func (r *nameRecord) answer(v engine.Version) {
	seen := v.LastSeen.Std()
	entry := versionRecord{Infohash: v.Infohash, FirstSeen: seen, LastSeen: seen, Source: v.Source}
	same := func(o versionRecord) bool { return o.Infohash == v.Infohash }
	if i := slices.IndexFunc(r.Versions, same); i >= 0 {
		entry.FirstSeen = r.Versions[i].FirstSeen
		r.Versions = slices.Delete(r.Versions, i, i+1)
	}
	r.Versions = slices.Insert(r.Versions, 0, entry)
	r.Versions = r.Versions[:min(len(r.Versions), maxVersions)]
}

func (r nameRecord) name() Name {
	n := Name{Host: r.Host, TTL: time.Duration(r.TTL) * time.Second}
	for _, v := range r.Versions {
		n.Versions = append(n.Versions, engine.Version{
			Infohash: v.Infohash, FirstSeen: engine.At(v.FirstSeen), LastSeen: engine.At(v.LastSeen), Source: v.Source,
		})
	}
	return n
}

func (db *DB) name(host string) (record nameRecord, err error) {
	err = db.view("name", func(tx *bolt.Tx) error {
		if b := get(tx, namesBucket, []byte(host)); b != nil {
			record, err = decodeName([]byte(host), b)
		}
		return err
	})
	return record, err
}

func decodeName(key, value []byte) (nameRecord, error) {
	return decode(namesBucket, key, value, func(r nameRecord) string { return r.Host })
}
