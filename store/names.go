package store

import (
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"wtptui/engine"
)

// maxVersions bounds how many infohashes of a host are remembered; the oldest go first.
const maxVersions = 100

// nameRecord and versionRecord are what is remembered about a host, in a form that must not change when the contract
// does: the last answer, to be used until it expires or when nobody answers, and the infohashes it has had.
type nameRecord struct {
	Host string `json:"host"`
	// Infohash is the last answer; empty for a host of which only versions are known, and in records of the first
	// releases, whose first version is the answer.
	Infohash string    `json:"infohash,omitempty"`
	At       time.Time `json:"at,omitzero"`
	Source   string    `json:"source,omitempty"`
	// TTL is for how long the answer is good, from At.
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

// Names returns all that is known of all names, sorted by host.
func (db *DB) Names() (names []engine.Name, err error) {
	err = db.view("list names", func(tx *bolt.Tx) error {
		records, err := all(tx, namesBucket, decodeName)
		for _, r := range records {
			names = append(names, r.name())
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

// Name returns a domain's last answer with the infohashes it has had, newest first. Infohash is empty when there is
// none. It implements resolve.Cache.
func (db *DB) Name(host string) (engine.Name, error) {
	record := nameRecord{Host: host}
	err := db.view("name", func(tx *bolt.Tx) (err error) {
		if b := get(tx, namesBucket, []byte(host)); b != nil {
			record, err = decodeName([]byte(host), b)
		}
		return err
	})
	return record.name(), err
}

// PutName remembers an answer: its infohash becomes the newest version, first seen now or whenever it was first. Its
// Versions are ignored. It implements resolve.Cache.
func (db *DB) PutName(n engine.Name) error {
	if n.Host == "" || !engine.IsInfohash(n.Infohash) {
		return db.fail("put name", invalid("a name needs a host and an infohash"))
	}
	return db.changeName("put name", n.Host, func(r *nameRecord) {
		r.Infohash, r.At, r.Source, r.DNSSEC = n.Infohash, n.At.Std(), n.Source, n.DNSSEC
		r.Key, r.NextKey = n.Key, n.NextKey
		r.Trackers, r.WebSeeds, r.Warnings = n.Trackers, n.WebSeeds, n.Warnings
		r.TTL = 0
		if !n.Expires.IsZero() && !n.At.IsZero() {
			r.TTL = int64(n.Expires.Sub(n.At) / time.Second)
		}
		r.see(engine.Version{Infohash: n.Infohash, LastSeen: n.At, Source: n.Source})
	})
}

// PutVersion remembers an infohash of a host as its newest one, without an answer that names it: v's FirstSeen is
// ignored, as with PutName.
func (db *DB) PutVersion(host string, v engine.Version) error {
	if host == "" || !engine.IsInfohash(v.Infohash) {
		return db.fail("put version", invalid("a version needs a host and an infohash"))
	}
	return db.changeName("put version", host, func(r *nameRecord) { r.addVersion(v) })
}

// PutVersions remembers infohashes that a host has had, newest first, beside those that are known: of a site that is
// rebuilt from its folders. The answer stays as it is.
func (t *Tx) PutVersions(host string, versions []engine.Version) error {
	bad := func(v engine.Version) bool { return !engine.IsInfohash(v.Infohash) }
	if host == "" || slices.ContainsFunc(versions, bad) {
		return invalid("versions need a host and infohashes")
	}
	if len(versions) == 0 {
		return nil
	}
	return changeName(t, host, func(r *nameRecord) {
		r.fixAnswer()
		for _, v := range versions {
			r.merge(versionRecord{
				Infohash: v.Infohash, FirstSeen: utc(v.FirstSeen.Std()), LastSeen: utc(v.LastSeen.Std()), Source: v.Source,
			})
		}
		slices.SortStableFunc(r.Versions, func(a, b versionRecord) int { return b.LastSeen.Compare(a.LastSeen) })
		r.Versions = r.Versions[:min(len(r.Versions), maxVersions)]
	})
}

// merge adds v at the end, or widens the time in which it is known to have been seen.
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
	r.see(v)
}

// fixAnswer writes down the answer where it is the first version, before another one becomes the first.
func (r *nameRecord) fixAnswer() {
	if old := r.name(); r.Infohash == "" && old.Infohash != "" {
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

// see puts v in front.
func (r *nameRecord) see(v engine.Version) {
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

func (r nameRecord) name() engine.Name {
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
