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

// keys are those of the play's machine.
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

// keyOf is the key of that name, the same one in every run.
func keyOf(name string) engine.Key {
	return engine.Key{Name: name, Host: engine.PublicKey(sha256.Sum256([]byte(name))).Host()}
}

const (
	// nearest is how many nodes of the DHT are nearest to a key.
	nearest = 8
	// putAgain is how often a record is put into the DHT.
	putAgain = time.Hour
)

// hasKey says whether a key decides where the site is.
func (s *site) hasKey() bool { return s.key != "" }

// sign makes the record that the owner of the site's key signed when the script says.
func (s *site) sign(now time.Time) {
	if !s.hasKey() {
		return
	}
	signed := now.Add(-s.plan.Signed).Truncate(time.Microsecond)
	put := engine.At(now.Add(-s.plan.Put))
	s.Record = engine.Record{
		Seq: signed.UnixMicro(), SignedAt: engine.At(signed), Infohash: s.Infohash, ReadAt: put, Nearest: nearest,
		Found: nearest - 1, PutAt: put, Nodes: 12, Signer: s.plan.Key,
	}
}

// putRecord puts the site's record again when it is time.
func (s *site) putRecord(now time.Time) {
	if s.Site.KeepsRecord() && s.Record.Seq > 0 && now.Sub(s.Record.PutAt.Std()) >= putAgain {
		s.Record.PutAt, s.Record.ReadAt = engine.At(now), engine.At(now)
	}
}

// acceptKey lets the key decide that the site's domain names now.
func (s *site) acceptKey(now time.Time) bool {
	if s.plan.NextKey == "" {
		return false
	}
	s.key, s.plan.NextKey, s.NextKey = s.plan.NextKey, "", ""
	s.plan.Signed, s.plan.Put, s.plan.Key = 0, 0, ""
	s.sign(now)
	return true
}

// keySays fills in what the site's key says.
func (s *site) keySays(n *engine.Name) {
	n.Key, n.NextKey, n.Record = s.key, s.NextKey, s.Record
	n.Source, n.At, n.DNSSEC = "dht", s.Record.ReadAt, false
	n.Asked = []engine.Asked{{URL: "dht", Took: int64(412 * time.Millisecond), Infohash: n.Infohash}}
}

// unknownKey is what is known of a key that nobody has heard of.
func unknownKey(host string, now time.Time) engine.Name {
	n := emptyName(host)
	n.Key, n.At, n.ErrorKind = host, engine.At(now), engine.NotFound
	n.Error = "no record of this key was found in the DHT: check that all of the key was copied, or ask its owner"
	n.Asked = []engine.Asked{{URL: "dht", Took: int64(530 * time.Millisecond), Error: "no record"}}
	return n
}

// findKey returns the request with the key that the folder has already where it names none. It refuses what cannot be the
// name of a key.
func (f *folder) findKey(req engine.PublishRequest) (engine.PublishRequest, error) {
	if req.Key == "" {
		req.Key = f.key
		return req, nil
	}
	return req, engine.CheckKeyName(req.Key)
}

// refuseSigner refuses to sign a record that replaces one of somebody else, unless that is wanted.
func refuseSigner(req engine.PublishRequest, now time.Time) error {
	if req.Key == "" || req.TakeOver || !strings.Contains(filepath.Base(req.Dir), "conflict") {
		return nil
	}
	day := now.Add(-26 * time.Hour).UTC().Format(time.DateOnly)
	return refusePublish(engine.Conflict,
		"the newest record of this key was signed elsewhere, on "+day+": publish with --take-over to replace it")
}

// planKey adds to what comes out of a folder what the request's key makes of it.
func (f *folder) planKey(p *engine.Publication, req engine.PublishRequest, key engine.Key, now time.Time) {
	if req.Key == "" {
		return
	}
	p.Key = key
	if req.DryRun {
		return
	}
	signed := engine.At(now.Truncate(time.Microsecond))
	p.Record = engine.Record{
		Seq: signed.Std().UnixMicro(), SignedAt: signed, Infohash: p.Infohash, ReadAt: signed, Nearest: nearest, Found: nearest,
		PutAt: signed, Nodes: 12, Signer: key.Name,
	}
}
