package sites

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/keyring"
	"wtptui/engine/resolve"
)

// fakeOwners answers for keys, whose owners sign other records at other times, and for domains as a zone does.
type fakeOwners struct {
	*fakeZone

	ring *keyring.Ring

	mu      sync.Mutex
	records map[string]resolve.Answer // by key
	written map[string]int64          // which of them is in the database
	nodes   int                       // that take a record which is put
	down    bool                      // nobody answers
	// foreign are keys whose newest record was signed elsewhere.
	foreign  map[string]bool
	signErr  error
	kept     map[string]int // how often each host was kept
	looked   map[string]int // and looked up
	checked  int
	accepted []string
	signings []resolve.Signing
	// hold makes Keep and Sign take until it is closed; nil for no time. running and most count those that are under way.
	hold          chan struct{}
	running, most int
}

const recordTTL = 5 * time.Minute

func withOwners(t *testing.T, change ...func(*Config)) (*fixture, *fakeOwners) {
	t.Helper()
	o := &fakeOwners{
		ring: keyring.New(filepath.Join(t.TempDir(), "keys")), records: map[string]resolve.Answer{}, nodes: 8,
		written: map[string]int64{},
		foreign: map[string]bool{}, kept: map[string]int{}, looked: map[string]int{},
	}
	o.fakeZone = &fakeZone{said: map[string]resolve.Answer{}}
	b := startFixture(t, append(change, func(c *Config) { c.Resolver, c.Keys = o, o.ring })...)
	o.fakeZone.mu.Lock()
	defer o.fakeZone.mu.Unlock()
	o.fakeZone.fixture = b
	return b, o
}

// keyHost returns the n-th of some keys that are not in the keyring, as a host.
func keyHost(n int) string {
	return engine.PublicKey{byte(n), byte(n >> 8), 1}.Host()
}

// sign has the owner of a key sign, on another machine, that its site is at an infohash.
func (o *fakeOwners) sign(key, infohash string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.putNewer(key, infohash)
	o.foreign[key] = true
}

// putNewer replaces a record with a newer one. The caller must hold o.mu.
func (o *fakeOwners) putNewer(key, infohash string) {
	now := o.fixture.clock.Now()
	seq := max(now.UnixMicro(), o.records[key].Record.Seq+1)
	o.records[key] = resolve.Answer{
		Host: key, Key: key, Infohash: infohash, Source: "dht", At: now, TTL: recordTTL, Lifetime: recordTTL,
		Record: engine.Record{Seq: seq, SignedAt: engine.At(time.UnixMicro(seq).UTC()), Infohash: infohash},
	}
}

func (o *fakeOwners) Resolve(ctx context.Context, host string) (resolve.Answer, error) {
	if !engine.IsKey(host) {
		return o.fakeZone.Resolve(ctx, host)
	}
	return o.lookUp(host, o.looked)
}

func (o *fakeOwners) ResolveUncached(ctx context.Context, host string) (resolve.Answer, error) {
	if !engine.IsKey(host) {
		return o.fakeZone.ResolveUncached(ctx, host)
	}
	return o.Resolve(ctx, host)
}

func (o *fakeOwners) lookUp(key string, count map[string]int) (resolve.Answer, error) {
	o.mu.Lock()
	count[key]++
	a, ok := o.records[key]
	down, again := o.down, o.written[key] == a.Record.Seq
	o.written[key] = a.Record.Seq
	o.mu.Unlock()
	if !ok || down {
		return resolve.Answer{
			Host: key,
			Key:  key,
		}, &engine.Error{
			Op:   "resolve",
			Kind: engine.Unavailable,
			Msg:  "no node of the DHT answers",
		}
	}
	a.At = o.fixture.clock.Now()
	if again {
		return a, nil
	}
	return a, o.fixture.db.PutName(a.Name(nil))
}

func (o *fakeOwners) Republish(ctx context.Context, host string) (resolve.Answer, error) {
	o.beginRequest()
	defer o.endRequest()
	if !engine.IsKey(host) {
		o.mu.Lock()
		o.kept[host]++
		o.mu.Unlock()
		return o.fakeZone.ResolveUncached(ctx, host)
	}
	a, err := o.lookUp(host, o.kept)
	if err == nil {
		a = o.withNodes(a)
	}
	return a, err
}

// withNodes sets how many nodes stored a record.
func (o *fakeOwners) withNodes(a resolve.Answer) resolve.Answer {
	o.mu.Lock()
	defer o.mu.Unlock()
	a.Record.PutAt, a.Record.Nodes = engine.At(o.fixture.clock.Now()), o.nodes
	o.records[a.Key] = a
	return a
}

func (o *fakeOwners) beginRequest() {
	o.mu.Lock()
	o.running++
	o.most = max(o.most, o.running)
	hold := o.hold
	o.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

func (o *fakeOwners) endRequest() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.running--
}

func (o *fakeOwners) CheckSigner(_ context.Context, key engine.PublicKey, takeOver bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.checked++
	if o.foreign[key.Host()] && !takeOver {
		return &engine.Error{Op: "resolve", Kind: engine.Conflict, Msg: "the newest record of this key was signed elsewhere"}
	}
	return nil
}

func (o *fakeOwners) Sign(ctx context.Context, s resolve.Signing) (resolve.Answer, error) {
	o.beginRequest()
	defer o.endRequest()
	public := engine.PublicKey(s.Secret.Public().(ed25519.PublicKey))
	if err := o.CheckSigner(ctx, public, s.TakeOver); err != nil {
		return resolve.Answer{}, err
	}
	o.mu.Lock()
	if o.signErr != nil {
		defer o.mu.Unlock()
		return resolve.Answer{}, o.signErr
	}
	o.signings = append(o.signings, s)
	o.foreign[public.Host()] = false
	o.putNewer(public.Host(), s.Content.Infohash)
	a := o.records[public.Host()]
	o.mu.Unlock()
	return o.withNodes(a), o.fixture.db.PutName(a.Name(nil))
}

func (o *fakeOwners) AcceptKey(host, key string) error {
	o.mu.Lock()
	o.accepted = append(o.accepted, host+" "+key)
	o.mu.Unlock()
	o.fakeZone.mu.Lock()
	defer o.fakeZone.mu.Unlock()
	a := o.fakeZone.said[host]
	a.Key, a.NextKey = key, ""
	o.fakeZone.said[host] = a
	return nil
}

// lastSigned returns what was last signed here.
func (o *fakeOwners) lastSigned() resolve.Signing {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.signings) == 0 {
		return resolve.Signing{}
	}
	return o.signings[len(o.signings)-1]
}

func (o *fakeOwners) republishCount(host string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept[host]
}

func (o *fakeOwners) lookupCount(host string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.looked[host]
}

func (o *fakeOwners) withLock(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// siteLog returns the events of a site, one a line, with their levels.
func (b *fixture) siteLog(host string) string {
	b.t.Helper()
	d, err := b.Detail(b.t.Context(), host)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, ev := range d.Log {
		out = append(out, fmt.Sprintf("%s %s", ev.Level, ev.Text))
	}
	return strings.Join(out, "\n")
}

// waitLog waits until the log of a site contains a text.
func (b *fixture) waitLog(host, text string) {
	b.t.Helper()
	last := ""
	b.waitWithoutTime("the event "+text, func() bool {
		last = b.siteLog(host)
		return strings.Contains(last, text)
	})
}

// passAnHour lets an hour pass with everything that is due meanwhile, and waits for that.
func (b *fixture) passAnHour() {
	b.t.Helper()
	for range 60 {
		b.clock.Advance(time.Minute)
		b.waitRepublished()
	}
}

// waitRepublished waits until no record is being republished, and none is due.
func (b *fixture) waitRepublished() {
	b.t.Helper()
	b.waitWithoutTime("all records to be kept", func() bool {
		idle := true
		b.owner.do(func() {
			now := b.clock.Now()
			for s := range maps.Values(b.state.roster.here) {
				due := !now.Before(s.republish.due) && !s.row.Paused && b.state.republisher.recordHost(s) != ""
				idle = idle && !s.republish.running && !due && !s.name.running
			}
		})
		return idle
	})
}
