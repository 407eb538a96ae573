package fake

import (
	"context"
	"crypto/sha256"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// keys are those of the simulated machine.
type keys struct {
	usable func(ctx context.Context, op string) error // why the engine cannot be asked; nil if it can

	mu  sync.Mutex
	all []engine.Key // sorted by name
}

// Keys implements engine.Engine.
func (k *keys) Keys(ctx context.Context) ([]engine.Key, error) {
	if err := k.usable(ctx, "keys"); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]engine.Key{}, k.all...), nil
}

// find returns the key of that name, if there is one.
func (k *keys) find(name string) (engine.Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.all, func(key engine.Key) bool { return key.Name == name })
	if i < 0 {
		return engine.Key{}, false
	}
	return k.all[i], true
}

// named returns the key of that name; one that is yet to be made has no host.
func (k *keys) named(name string) engine.Key {
	if key, there := k.find(name); there {
		return key
	}
	return engine.Key{Name: name}
}

// add makes the key of that name if there is none, and returns it.
func (k *keys) add(name string, now time.Time) engine.Key {
	if key, there := k.find(name); there {
		return key
	}
	key := keyOf(name)
	key.CreatedAt = engine.At(now)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, key)
	slices.SortFunc(k.all, func(a, b engine.Key) int { return strings.Compare(a.Name, b.Name) })
	return key
}

// keyOf returns the key of that name, the same one in every run.
func keyOf(name string) engine.Key {
	return engine.Key{Name: name, Host: engine.PublicKey(sha256.Sum256([]byte(name))).Host()}
}

const (
	// nearest is how many nodes of the DHT are nearest to a key.
	nearest = 8
	// putAgain is how often a record is put into the DHT.
	putAgain = time.Hour
)

// siteKey is the key that decides where a site is; the zero value is none.
type siteKey struct {
	host   string        // the public key
	signer string        // its name on this machine; empty if it is not there
	next   string        // the key that the domain names in its place
	signed time.Duration // how long before the beginning its record was signed, and put
	put    time.Duration
}

// siteKeyOf returns the key of a script's site.
func siteKeyOf(sc Script) siteKey {
	k := siteKey{host: sc.DomainKey, signer: sc.Key, next: sc.NextKey, signed: sc.SignedAgo, put: sc.PutAgo}
	if engine.IsKey(sc.Host) {
		k.host = sc.Host
	}
	return k
}

// decides reports whether there is one.
func (k siteKey) decides() bool { return k.host != "" }

// record returns the record that the key's owner has signed; the zero one without a key.
func (k siteKey) record(hash string, now time.Time) engine.Record {
	if !k.decides() {
		return engine.Record{}
	}
	signed, put := now.Add(-k.signed).Truncate(time.Microsecond), engine.At(now.Add(-k.put))
	return engine.Record{
		Seq: signed.UnixMicro(), SignedAt: engine.At(signed), Infohash: hash, ReadAt: put, Nearest: nearest,
		Found: nearest - 1, PutAt: put, Nodes: 12, Signer: k.signer,
	}
}

// says fills in what the key says, as its record does.
func (k siteKey) says(n *engine.Name, r engine.Record) {
	n.Key, n.NextKey, n.Record = k.host, k.next, r
	n.Source, n.At = "dht", r.ReadAt
	n.Asked = []engine.Asked{{URL: "dht", Took: int64(412 * time.Millisecond), Infohash: n.Infohash}}
}

// acceptKey lets the key decide that the site's domain names now. It reports whether there is one.
func acceptKey(s *site, now time.Time) bool {
	if s.key.next == "" {
		return false
	}
	s.key = siteKey{host: s.key.next}
	s.NextKey, s.Record = "", s.key.record(s.Infohash, now)
	return true
}

// putRecord puts the site's record into the DHT again when that is due.
func putRecord(s *engine.Site, now time.Time) {
	if s.RepublishesRecord() && s.Record.Seq > 0 && now.Sub(s.Record.PutAt.Std()) >= putAgain {
		s.Record.PutAt, s.Record.ReadAt = engine.At(now), engine.At(now)
	}
}

// unknownKey returns the Name of a key without a record.
func unknownKey(host string, now time.Time) engine.Name {
	n := emptyName(host)
	n.Key, n.At, n.ErrorKind = host, engine.At(now), engine.NotFound
	n.Error = "no record of this key was found in the DHT: check that all of the key was copied, or ask its owner"
	n.Asked = []engine.Asked{{URL: "dht", Took: int64(530 * time.Millisecond), Error: "no record"}}
	return n
}

// findKey returns the request with the key that the folder has already where it names none. It refuses what cannot be
// the name of a key.
func (f *folder) findKey(req engine.PublishRequest) (engine.PublishRequest, error) {
	if req.Key == "" {
		req.Key = f.key
		return req, nil
	}
	return req, engine.CheckKeyName(req.Key)
}

// refuseSigner refuses to sign a record that replaces one of somebody else, unless that is wanted.
func refuseSigner(req engine.PublishRequest, now time.Time) error {
	if req.DryRun || req.Key == "" || req.TakeOver || !strings.Contains(filepath.Base(req.Dir), "conflict") {
		return nil
	}
	day := now.Add(-26 * time.Hour).UTC().Format(time.DateOnly)
	return refusePublish(engine.Conflict,
		"the newest record of this key was signed elsewhere, on "+day+": publish with --take-over to replace it")
}

// planWithKey is plan with the host and the record of the request's key.
func (f *folder) planWithKey(
	req engine.PublishRequest, key engine.Key, trackers []string, found []engine.Finding, now time.Time,
) engine.Publication {
	p := f.plan(req, key.Host, trackers)
	p.Findings = found
	if req.Key == "" {
		return p
	}
	p.Key = key
	if !req.DryRun {
		p.Record = siteKey{host: key.Host, signer: key.Name}.record(p.Infohash, now)
	}
	return p
}
