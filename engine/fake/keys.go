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

// keys holds the keys of the simulated machine.
type keys struct {
	checkUsable func(ctx context.Context, op string) error // see Engine.checkUsable

	mu  sync.Mutex
	all []engine.Key // sorted by name
}

// Keys implements engine.Engine.
func (k *keys) Keys(ctx context.Context) ([]engine.Key, error) {
	if err := k.checkUsable(ctx, "keys"); err != nil {
		return nil, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]engine.Key{}, k.all...), nil
}

// find returns the key of that name; false if there is none.
func (k *keys) find(name string) (engine.Key, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.all, func(key engine.Key) bool { return key.Name == name })
	if i < 0 {
		return engine.Key{}, false
	}
	return k.all[i], true
}

// findOrNew returns the key of that name. If there is none, it returns a key without a host, which is not added.
func (k *keys) findOrNew(name string) engine.Key {
	if key, there := k.find(name); there {
		return key
	}
	return engine.Key{Name: name}
}

// add returns the key of that name, and creates it if there is none.
func (k *keys) add(name string, now time.Time) engine.Key {
	if key, there := k.find(name); there {
		return key
	}
	key := demoKey(name)
	key.CreatedAt = engine.At(now)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, key)
	slices.SortFunc(k.all, func(a, b engine.Key) int { return strings.Compare(a.Name, b.Name) })
	return key
}

// demoKey returns a key that depends on the name alone.
func demoKey(name string) engine.Key {
	return engine.Key{Name: name, Host: engine.PublicKey(sha256.Sum256([]byte(name))).Host()}
}

const (
	// nearestNodes is how many DHT nodes nearest to a key answer a look-up.
	nearestNodes = 8
	// putInterval is how often a record is put into the DHT.
	putInterval = time.Hour
)

// siteKey is the key that decides where a site is; the zero value is none.
type siteKey struct {
	host      string        // the public key
	signer    string        // its name on this machine; empty if the machine does not have it
	nextKey   string        // the key that the domain names in its place
	signedAgo time.Duration // how long before the beginning its record was signed, and put
	putAgo    time.Duration
}

// newSiteKey returns the key of a script's site.
func newSiteKey(sc Script) siteKey {
	k := siteKey{host: sc.DomainKey, signer: sc.Key, nextKey: sc.NextKey, signedAgo: sc.SignedAgo, putAgo: sc.PutAgo}
	if engine.IsKey(sc.Host) {
		k.host = sc.Host
	}
	return k
}

// exists reports whether the site has a key.
func (k siteKey) exists() bool { return k.host != "" }

// record returns the signed record of the key; zero without a key.
func (k siteKey) record(hash string, now time.Time) engine.Record {
	if !k.exists() {
		return engine.Record{}
	}
	signed, put := now.Add(-k.signedAgo).Truncate(time.Microsecond), engine.At(now.Add(-k.putAgo))
	return engine.Record{
		Seq: signed.UnixMicro(), SignedAt: engine.At(signed), Infohash: hash, ReadAt: put, Nearest: nearestNodes,
		Found: nearestNodes - 1, PutAt: put, Nodes: 12, Signer: k.signer,
	}
}

// fillName sets the fields of a Name that follow from the key and its record.
func (k siteKey) fillName(n *engine.Name, r engine.Record) {
	n.Key, n.NextKey, n.Record = k.host, k.nextKey, r
	n.Source, n.At = "dht", r.ReadAt
	n.Asked = []engine.Asked{{URL: "dht", Took: int64(412 * time.Millisecond), Infohash: n.Infohash}}
}

// acceptKey makes the key that the site's domain names now the one that decides. It reports whether there was one to
// accept.
func acceptKey(s *site, now time.Time) bool {
	if s.key.nextKey == "" {
		return false
	}
	s.key = siteKey{host: s.key.nextKey}
	s.NextKey, s.Record = "", s.key.record(s.Infohash, now)
	return true
}

// putRecord puts the site's record into the DHT again if that is due.
func putRecord(s *engine.Site, now time.Time) {
	if s.RepublishesRecord() && s.Record.Seq > 0 && now.Sub(s.Record.PutAt.Std()) >= putInterval {
		s.Record.PutAt, s.Record.ReadAt = engine.At(now), engine.At(now)
	}
}

// unknownKey returns the result of looking up a key without a record.
func unknownKey(host string, now time.Time) engine.Name {
	n := emptyName(host)
	n.Key, n.At, n.ErrorKind = host, engine.At(now), engine.NotFound
	n.Error = "no record of this key was found in the DHT: check that all of the key was copied, or ask its owner"
	n.Asked = []engine.Asked{{URL: "dht", Took: int64(530 * time.Millisecond), Error: "no record"}}
	return n
}

// findKey returns the request with the key of the folder's last publication, if the request names none. The error is
// about the name of a key that is not valid.
func (f *folder) findKey(req engine.PublishRequest) (engine.PublishRequest, error) {
	if req.Key == "" {
		req.Key = f.key
		return req, nil
	}
	return req, engine.CheckKeyName(req.Key)
}

// checkSigner returns an error of Kind Conflict if the publication would replace a record that was signed elsewhere,
// and the request does not allow that.
func checkSigner(req engine.PublishRequest, now time.Time) error {
	if req.DryRun || req.Key == "" || req.TakeOver || !strings.Contains(filepath.Base(req.Dir), "conflict") {
		return nil
	}
	day := now.Add(-26 * time.Hour).UTC().Format(time.DateOnly)
	return publishError(engine.Conflict,
		"the newest record of this key was signed elsewhere, on "+day+": publish with --take-over to replace it")
}

// newPublicationWithKey is newPublication with the findings, and with the host and record of the key.
func (f *folder) newPublicationWithKey(
	req engine.PublishRequest, key engine.Key, trackers []string, found []engine.Finding, now time.Time,
) engine.Publication {
	p := f.newPublication(req, key.Host, trackers)
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
