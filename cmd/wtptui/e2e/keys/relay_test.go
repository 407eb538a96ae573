package keys_test

import (
	"slices"
	"testing"
	"time"
)

// Without UDP, a relay is asked and told: pkarr's own, both ways.
func TestRelayInPlaceOfTheDHT(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	relay := n.StartRelay(t)
	owner, reader := n.startWithout(t, "--relay", relay), n.startWithout(t, "--relay", relay)
	k := newKey(t)
	k.give(t, owner, "blog")
	dir := siteFolder(t, "one")
	p := publish(t, owner, dir, "--key", "blog")
	if p.Host != k.host || p.Record.Relays != 1 {
		t.Errorf("published %+v", p)
	}
	read, err := n.PkarrGet(t, k.public)
	at := n.PkarrGetAt(t, relay, k.public)
	if err != nil || at.Seq != read.Seq || !slices.Contains(read.Texts, "wtpkey="+p.Infohash) {
		t.Errorf("pkarr reads %+v, %v from the DHT and %+v from the relay", read, err, at)
	}
	reader.Run(t, "add", "--pin", "wtp://"+k.host+"/")
	sameSite(t, reader, waitOn(t, reader, k.host, p.Infohash).LocalURL, dir)

	two, second := n.version(t, "two")
	seq := time.Now().UnixMicro()
	n.PkarrPutAt(t, relay, k.seed, seq, "wtpkey="+second.InfoHash)
	if name := waitResolved(t, reader, k.host, second.InfoHash); name.Source != relay || name.Record.Seq != seq {
		t.Errorf("resolved %+v, want it from %s", name, relay)
	}
	sameSite(t, reader, waitOn(t, reader, k.host, second.InfoHash).LocalURL, two)

	// Who has the DHT reads the same there.
	if name := waitResolved(t, n.start(t, "--relay", relay), k.host, second.InfoHash); name.Source != "dht" {
		t.Errorf("resolved %+v", name)
	}
}

// The DHT is on, and none of its nodes answers: a relay is asked.
func TestRelayWhereUDPLeadsNowhere(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	relay := n.StartRelay(t)
	w := n.startWithout(t, "--no-dht=false", "--dht-node", "127.0.0.1:1", "--relay", relay)
	k := newKey(t)
	dir, seed := n.version(t, "one")
	n.PkarrPut(t, k.seed, time.Now().UnixMicro(), "wtpkey="+seed.InfoHash)
	if name := waitResolved(t, w, k.host, seed.InfoHash); name.Source != relay {
		t.Errorf("resolved %+v", name)
	}
	w.Run(t, "add", "wtp://"+k.host+"/")
	sameSite(t, w, waitOn(t, w, k.host, seed.InfoHash).LocalURL, dir)
}
