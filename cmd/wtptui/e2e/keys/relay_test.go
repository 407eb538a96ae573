package keys_test

import (
	"slices"
	"testing"
	"time"
)

// Without UDP, records are read from and written to a relay: pkarr's own, both ways.
func TestRelayReplacesTheDHT(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	relay := n.StartRelay(t)
	owner, reader := n.startWithoutDHT(t, "--relay", relay), n.startWithoutDHT(t, "--relay", relay)
	k := newKey(t)
	k.addTo(t, owner, "blog")
	dir := makeSiteFolder(t, "one")
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
	checkSameSite(t, reader, waitVersion(t, reader, k.host, p.Infohash).LocalURL, dir)

	two, second := n.makeVersion(t, "two")
	seq := time.Now().UnixMicro()
	n.PkarrPutAt(t, relay, k.seed, seq, "wtpkey="+second.InfoHash)
	if name := waitResolved(t, reader, k.host, second.InfoHash); name.Source != relay || name.Record.Seq != seq {
		t.Errorf("resolved %+v, want it from %s", name, relay)
	}
	checkSameSite(t, reader, waitVersion(t, reader, k.host, second.InfoHash).LocalURL, two)

	// Who has the DHT reads the same there.
	if name := waitResolved(t, n.startWtptui(t, "--relay", relay), k.host, second.InfoHash); name.Source != "dht" {
		t.Errorf("resolved %+v", name)
	}
}

// If the DHT is on and none of its nodes answers, a relay is used.
func TestRelayIsUsedWhenNoNodeAnswers(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	relay := n.StartRelay(t)
	w := n.startWithoutDHT(t, "--no-dht=false", "--dht-node", "127.0.0.1:1", "--relay", relay)
	k := newKey(t)
	dir, seed := n.makeVersion(t, "one")
	n.PkarrPut(t, k.seed, time.Now().UnixMicro(), "wtpkey="+seed.InfoHash)
	if name := waitResolved(t, w, k.host, seed.InfoHash); name.Source != relay {
		t.Errorf("resolved %+v", name)
	}
	w.Run(t, "add", "wtp://"+k.host+"/")
	checkSameSite(t, w, waitVersion(t, w, k.host, seed.InfoHash).LocalURL, dir)
}
