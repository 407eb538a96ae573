package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// maxVersions is the maximum number of infohashes that are stored of a host. The oldest are dropped first.
const maxVersions = 100

// nameRecord is what is stored of a host: the last answer, which is used until it expires or when no server answers,
// and the infohashes that the host has had. Its form must not change with engine.Name.
type nameRecord struct {
	Host string `json:"host"`
	// Infohash is the last answer. It is empty for a host of which only versions are known, and in records of the first
	// releases, where the first version is the answer.
	Infohash string    `json:"infohash,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Source   string    `json:"source,omitempty"`
	// TTL is for how long after At the answer is valid.
	TTL      int64           `json:"ttl_seconds"`
	DNSSEC   bool            `json:"dnssec,omitempty"`
	Key      string          `json:"key,omitempty"`
	NextKey  string          `json:"next_key,omitempty"` // see engine.Name
	Trackers []string        `json:"trackers,omitempty"`
	WebSeeds []string        `json:"web_seeds,omitempty"`
	Warnings []string        `json:"warnings,omitempty"`
	Versions []versionRecord `json:"versions"` // newest first
}

type versionRecord struct {
	Infohash  string    `json:"infohash"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Source    string    `json:"source,omitempty"`
}

// Names returns all stored names, sorted by host.
func (db *DB) Names() (names []engine.Name, err error) {
	err = db.view("list names", func(tx *bolt.Tx) error {
		records, err := decodeAll(tx, namesBucket, decodeName)
		for _, r := range records {
			names = append(names, r.toEngine())
		}
		return err
	})
	return names, err
}

// Versions returns the infohashes that a host has had, newest first.
func (db *DB) Versions(host string) ([]engine.Version, error) {
	n, err := db.Name(host)
	return n.Versions, err
}

// Name returns a domain's last answer with the infohashes that it has had, newest first. Infohash is empty if there is
// none. It implements resolve.Cache.
func (db *DB) Name(host string) (engine.Name, error) {
	record := nameRecord{Host: host}
	err := db.view("name", func(tx *bolt.Tx) (err error) {
		if b := get(tx, namesBucket, []byte(host)); b != nil {
			record, err = decodeName([]byte(host), b)
		}
		return err
	})
	return record.toEngine(), err
}

// PutName stores an answer. Its infohash becomes the newest version, whose FirstSeen is now if it is not known yet. The
// Versions of n are ignored. It implements resolve.Cache.
func (db *DB) PutName(n engine.Name) error {
	if n.Host == "" || !engine.IsInfohash(n.Infohash) {
		return db.wrapError("put name", invalidError("a name needs a host and an infohash"))
	}
	return db.changeName("put name", n.Host, func(r *nameRecord) {
		r.Infohash, r.At, r.Source, r.DNSSEC = n.Infohash, n.At.Std(), n.Source, n.DNSSEC
		r.Key, r.NextKey = n.Key, n.NextKey
		r.Trackers, r.WebSeeds, r.Warnings = n.Trackers, n.WebSeeds, n.Warnings
		r.TTL = 0
		if !n.Expires.IsZero() && !n.At.IsZero() {
			r.TTL = int64(n.Expires.Sub(n.At) / time.Second)
		}
		r.putFirst(engine.Version{Infohash: n.Infohash, LastSeen: n.At, Source: n.Source})
	})
}

// PutVersion stores an infohash of a host as its newest one, without an answer that names it. The FirstSeen of v is
// ignored, as by PutName.
func (db *DB) PutVersion(host string, v engine.Version) error {
	if host == "" || !engine.IsInfohash(v.Infohash) {
		return db.wrapError("put version", invalidError("a version needs a host and an infohash"))
	}
	return db.changeName("put version", host, func(r *nameRecord) { r.addVersion(v) })
}

// PutVersions adds infohashes that a host has had, newest first, to the known ones, for a site that is rebuilt from its
// folders. The answer is not changed.
func (t *Tx) PutVersions(host string, versions []engine.Version) error {
	bad := func(v engine.Version) bool { return !engine.IsInfohash(v.Infohash) }
	if host == "" || slices.ContainsFunc(versions, bad) {
		return invalidError("versions need a host and infohashes")
	}
	if len(versions) == 0 {
		return nil
	}
	return changeName(t, host, func(r *nameRecord) {
		r.fixAnswer()
		for _, v := range versions {
			r.merge(versionRecord{
				Infohash: v.Infohash, FirstSeen: toUTC(v.FirstSeen.Std()), LastSeen: toUTC(v.LastSeen.Std()), Source: v.Source,
			})
		}
		slices.SortStableFunc(r.Versions, func(a, b versionRecord) int { return b.LastSeen.Compare(a.LastSeen) })
		r.Versions = r.Versions[:min(len(r.Versions), maxVersions)]
	})
}

// merge appends v, or extends the period in which a known infohash was seen.
func (r *nameRecord) merge(v versionRecord) {
	i := slices.IndexFunc(r.Versions, func(o versionRecord) bool { return o.Infohash == v.Infohash })
	if i < 0 {
		r.Versions = append(r.Versions, v)
		return
	}
	known := &r.Versions[i]
	if known.FirstSeen.IsZero() || !v.FirstSeen.IsZero() && v.FirstSeen.Before(known.FirstSeen) {
		known.FirstSeen = v.FirstSeen
	}
	if v.LastSeen.After(known.LastSeen) {
		known.LastSeen, known.Source = v.LastSeen, v.Source
	}
}

// addVersion puts v in front without making it the answer.
func (r *nameRecord) addVersion(v engine.Version) {
	r.fixAnswer()
	r.putFirst(v)
}

// fixAnswer writes down the answer where it is the first version, before another one becomes the first.
func (r *nameRecord) fixAnswer() {
	if old := r.toEngine(); r.Infohash == "" && old.Infohash != "" {
		r.Infohash, r.At, r.Source = old.Infohash, old.At.Std(), old.Source
	}
}

func (db *DB) changeName(op, host string, change func(*nameRecord)) error {
	return db.update(op, func(t *Tx) error { return changeName(t, host, change) })
}

func changeName(t *Tx, host string, change func(*nameRecord)) error {
	record := nameRecord{Host: host}
	if b := t.get(namesBucket, []byte(host)); b != nil {
		var err error
		if record, err = decodeName([]byte(host), b); err != nil {
			return err
		}
	}
	change(&record)
	return t.putJSON(namesBucket, host, record)
}

// putFirst moves or adds v to the front of the versions.
func (r *nameRecord) putFirst(v engine.Version) {
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

func (r nameRecord) toEngine() engine.Name {
	n := engine.Name{
		Host: r.Host, Infohash: r.Infohash, Source: r.Source, At: engine.At(r.At), DNSSEC: r.DNSSEC,
		Key: r.Key, NextKey: r.NextKey,
		Trackers: append([]string{}, r.Trackers...), WebSeeds: append([]string{}, r.WebSeeds...),
		Found: []string{}, Warnings: append([]string{}, r.Warnings...), Asked: []engine.Asked{}, Versions: []engine.Version{},
	}
	for _, v := range r.Versions {
		n.Versions = append(n.Versions, engine.Version{
			Infohash: v.Infohash, FirstSeen: engine.At(v.FirstSeen), LastSeen: engine.At(v.LastSeen), Source: v.Source,
			State: engine.VersionGone, Size: -1,
		})
	}
	if n.Infohash == "" && r.TTL > 0 && len(n.Versions) > 0 {
		n.Infohash, n.Source, n.At = n.Versions[0].Infohash, n.Versions[0].Source, n.Versions[0].LastSeen
	}
	if n.Infohash != "" {
		n.Expires = engine.At(n.At.Std().Add(time.Duration(r.TTL) * time.Second))
	}
	return n
}

func decodeName(key, value []byte) (nameRecord, error) {
	return decode(namesBucket, key, value, func(r nameRecord) string { return r.Host })
}
