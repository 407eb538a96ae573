package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// exampleKey is the public key of a secret key of zeros.
const exampleKey = "8pinxxgqs41n4aididenw5apqp1urfmzdztr8jt4abrkdn435ewo"

var keyHost, otherKeyHost = exampleKey, engine.PublicKey{1}.Host()

func TestExampleKey(t *testing.T) {
	if !engine.IsKey(exampleKey) || !engine.IsKey(otherKeyHost) {
		t.Error("it is no key")
	}
}

// Keys returns one key, which is backed up.
func (e *scripted) Keys(context.Context) ([]engine.Key, error) {
	return []engine.Key{{Name: "blog", Host: keyHost, BackedUp: true}}, nil
}

// Publish returns a publication with the requested key, without publishing anything.
func (e *scripted) Publish(
	_ context.Context, req engine.PublishRequest, _ func(engine.PublishProgress),
) (engine.Publication, error) {
	e.record("publish name=%s key=%s take-over=%t dry-run=%t", req.Name, req.Key, req.TakeOver, req.DryRun)
	hash := strings.Repeat("ab", 20)
	if req.Key == "blog" && !req.TakeOver {
		return engine.Publication{}, &engine.Error{
			Op: "publish", Kind: engine.Conflict,
			Msg: "the newest record of this key was signed elsewhere, on 2026-01-01, and names " + hash +
				": --take-over publishes over it",
		}
	}
	host := keyHost
	p := engine.Publication{
		Infohash: hash, Files: 1, Size: 5, PieceLength: 1 << 14,
		Key:    engine.Key{Name: req.Key, Host: keyHost, BackedUp: req.Key == "blog"},
		Record: engine.Record{Seq: 1, Infohash: hash, SignedAt: engine.At(now), PutAt: engine.At(now), Nodes: 12},
	}
	if req.Name != "" {
		host = req.Name
		p.Records = []string{req.Name + ".  TXT  \"wtppub=" + keyHost + "\""}
	}
	p.Host, p.URL, p.LocalURL = host, "wtp://"+host+"/", "http://"+engine.OriginLabel(host)+".localhost:7780/"
	return p, nil
}

// keySites returns the scripted engine's sites under keys: one whose host is its key, and one whose domain names
// another key now.
func keySites() []engine.Site {
	record := engine.Record{
		Seq: 1, SignedAt: engine.At(now.Add(-72 * time.Hour)), Infohash: strings.Repeat("ef", 20),
		ReadAt: engine.At(now.Add(-8 * time.Minute)), Nearest: 8, Found: 7,
		PutAt: engine.At(now.Add(-8 * time.Minute)), Nodes: 12, Relays: 1,
	}
	own, domain := engine.Site{
		Host: keyHost, Infohash: record.Infohash, URL: "wtp://" + keyHost + "/",
		LocalURL: "http://" + keyHost + ".localhost:7780/",
		Title:    "Diary", State: engine.Seeding, Mine: true, Own: true, Size: 5, Completed: 5, Files: 1,
		AddedAt: engine.At(now),
		Record:  record,
	}, engine.Site{
		Host: "keyed.example", Infohash: record.Infohash, URL: "wtp://keyed.example/",
		LocalURL: "http://keyed-example.localhost:7780/",
		Title:    "Keyed", State: engine.Seeding, Pinned: true, Size: 5, Completed: 5, Files: 1, AddedAt: engine.At(now),
		Record: record, NextKey: otherKeyHost,
	}
	own.Record.Signer = "diary"
	return []engine.Site{own, domain}
}

// keyedName returns what is known of a host under a key; false for other hosts.
func keyedName(host string) (engine.Name, bool) {
	for _, s := range keySites() {
		if s.Host == host {
			return engine.Name{
				Host: host, Key: keyHost, NextKey: s.NextKey, Record: s.Record, Infohash: s.Infohash, Source: "dht",
				At: engine.At(now), Expires: engine.At(now.Add(5 * time.Minute)),
				Asked: []engine.Asked{
					{URL: "https://a.example/", Took: int64(12 * time.Millisecond), Infohash: strings.Repeat("ab", 20)},
					{URL: "dht", Took: int64(420 * time.Millisecond), Infohash: s.Infohash},
					{URL: "https://relay.example/", Took: int64(80 * time.Millisecond)},
				},
			}, true
		}
	}
	return engine.Name{}, false
}

func TestRecordOutcome(t *testing.T) {
	for want, record := range map[string]engine.Record{
		"12 nodes of the DHT stored its record.":            {Nodes: 12},
		"1 node of the DHT and 2 relays stored its record.": {Nodes: 1, Relays: 2},
		"1 relay stored its record.":                        {Relays: 1},
		"but not in the DHT yet: it is stored as soon as":   {},
		"but not in the DHT yet: no node could be reached":  {Error: "no node could be reached"},
	} {
		if got := recordOutcome(record); !strings.Contains(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A person is reminded to back up the key until there is a copy, and told only once what a key is.
func TestKeyOutcome(t *testing.T) {
	for name, tc := range map[string]struct {
		key     engine.Key
		fresh   bool
		want    []string
		without []string
	}{
		"new": {
			engine.Key{Name: "blog", Host: keyHost},
			true,
			[]string{"no recovery", "`wtptui keys export blog FILE`"},
			nil,
		},
		"later": {
			engine.Key{Name: "blog", Host: keyHost},
			false,
			[]string{"`wtptui keys export blog FILE`"},
			[]string{"no recovery"},
		},
		"backed up": {
			engine.Key{Name: "blog", Host: keyHost, BackedUp: true}, false, []string{"12 nodes"}, []string{"export"},
		},
		"no key": {engine.Key{}, false, nil, []string{"record"}},
	} {
		var out strings.Builder
		printKeyOutcome(&out, engine.Publication{Key: tc.key, Record: engine.Record{Nodes: 12}}, tc.fresh)
		for _, want := range tc.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q lacks %q", name, out.String(), want)
			}
		}
		for _, not := range tc.without {
			if strings.Contains(out.String(), not) {
				t.Errorf("%s: %q has %q", name, out.String(), not)
			}
		}
	}
}

// The key that was shown is accepted, not one that the domain has come to name meanwhile.
func TestAcceptsOnlyTheKeyThatWasShown(t *testing.T) {
	p, stdout, _ := newPublishing("/some/where")
	a := acceptKeyRun{client: p.client, yes: true}
	eng := &keyChangingEngine{keys: []string{otherKeyHost, keyHost}}
	if err := a.run(t.Context(), eng, "keyed.example"); engine.KindOf(err) != engine.Conflict || eng.did != "" {
		t.Errorf("%v, %q", err, eng.did)
	}
	if !strings.Contains(stdout.String(), otherKeyHost) {
		t.Errorf("%q", stdout)
	}
	eng = &keyChangingEngine{keys: []string{otherKeyHost, otherKeyHost}}
	if err := a.run(t.Context(), eng, "keyed.example"); err != nil || eng.did != "accept-key [keyed.example]" {
		t.Errorf("%v, %q", err, eng.did)
	}
	for line, want := range map[string]bool{
		"y\n": true, "\tYES \n": true, "": false, "\n": false, "n\n": false, "yo\n": false,
	} {
		if isYes(line) != want {
			t.Errorf("%q: %t", line, !want)
		}
	}
}

// keyChangingEngine is an engine with one site, whose key to be accepted changes with each request.
type keyChangingEngine struct {
	engine.Engine

	keys []string
	did  string
}

func (e *keyChangingEngine) Detail(_ context.Context, host string) (engine.Detail, error) {
	next := e.keys[0]
	e.keys = e.keys[1:]
	return engine.Detail{Site: engine.Site{Host: host, NextKey: next}}, nil
}

func (e *keyChangingEngine) Watch(context.Context) (<-chan engine.Snapshot, error) {
	ch := make(chan engine.Snapshot, 1)
	ch <- engine.Snapshot{Sites: []engine.Site{{Host: "keyed.example"}}}
	return ch, nil
}

func (e *keyChangingEngine) Do(_ context.Context, verb engine.Verb, hosts ...string) error {
	e.did = fmt.Sprint(verb, " ", hosts)
	return nil
}
