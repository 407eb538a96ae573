package keys_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/bencode"

	"wtptui/cmd/wtptui/e2e/peers"
)

// Records that others have signed, each in its own way, are read, and their sites opened.
func TestRecordsOfOthersAreRead(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	lt := peers.StartLibtorrentDHT(t, n.Nodes[:3]...)
	w := n.startWtptui(t)
	signers := map[string]func(t *testing.T, k key, infohash string) (seq int64){
		"pkarr": func(t *testing.T, k key, infohash string) int64 {
			t.Helper()
			seq := time.Now().UnixMicro()
			n.PkarrPut(t, k.seed, seq, "v=spf1 -all", "wtpkey="+infohash)
			return seq
		},
		"bittorrent-dht": func(t *testing.T, k key, infohash string) int64 {
			t.Helper()
			const seq = 7
			n.PutDictionary(t, k.seed, seq, infohash)
			return seq
		},
		"libtorrent": func(t *testing.T, k key, infohash string) int64 {
			t.Helper()
			item := n.PkarrSign(t, k.seed, 1, "wtpkey="+infohash)
			return lt.Put(t, k.seed, k.public, hex.EncodeToString(itemString(t, item))).Seq
		},
	}
	for name, sign := range signers {
		t.Run(name, func(t *testing.T) { // One after the other: they share a net.
			k := newKey(t)
			dir, seed := n.makeVersion(t, name)
			seq := sign(t, k, seed.InfoHash)
			got := waitResolved(t, w, k.host, seed.InfoHash)
			if got.Key != k.host || got.Source != "dht" || got.Record.Seq != seq || got.Record.Found == 0 {
				t.Errorf("resolved %+v, want the sequence number %d", got, seq)
			}
			w.Run(t, "add", "wtp://"+k.host+"/")
			checkSameSite(t, w, waitVersion(t, w, k.host, seed.InfoHash).LocalURL, dir)
		})
	}
}

// itemString returns the string that is an item's value.
func itemString(t *testing.T, item peers.DHTItem) (s []byte) {
	t.Helper()
	value, err := hex.DecodeString(item.Value)
	if err := errors.Join(err, bencode.Unmarshal(value, &s)); err != nil {
		t.Fatal(err)
	}
	return s
}

// A key is accepted in other spellings, and is one site.
func TestSpellingsOfAKeyAreOneSite(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	w := n.startWtptui(t)
	k := newKey(t)
	dir, seed := n.makeVersion(t, "one")
	n.PkarrPut(t, k.seed, time.Now().UnixMicro(), "wtpkey="+seed.InfoHash)
	before := len(w.List(t))
	for _, address := range []string{
		k.host, "pk:" + k.host, "magnet:?xs=urn:btpk:" + k.public, "wtp://" + strings.ToUpper(k.host) + "/version.txt",
	} {
		w.Run(t, "add", address)
	}
	checkSameSite(t, w, waitVersion(t, w, k.host, seed.InfoHash).LocalURL, dir)
	if sites := w.List(t); len(sites) != before+1 {
		t.Errorf("%+v", sites)
	}
}

// A key without a record is reported as such, and no site is made of it.
func TestKeyWithoutARecordIsReported(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	w := n.startWtptui(t)
	k := newKey(t)
	if name := resolve(t, w, k.host); name.Infohash != "" || name.Error == "" {
		t.Errorf("resolved %+v", name)
	}
	if _, stderr, code := w.RunCode(t, "resolve", k.host); code != 1 {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// The newest of two versions wins, however few nodes have it and whichever answers first.
func TestNewestRecordWinsAfterAPartialPut(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	_, one := n.makeVersion(t, "one")
	two, second := n.makeVersion(t, "two")
	w := n.startWtptui(t, "--metrics-listen", "127.0.0.1:0")
	waitNodes(t, w, 10)
	var k key
	for range 4 {
		k = newKey(t)
		seq := time.Now().UnixMicro()
		n.StoreAtNearest(t, n.PkarrSign(t, k.seed, seq, "wtpkey="+one.InfoHash), 20)
		n.StoreAtNearest(t, n.PkarrSign(t, k.seed, seq+1, "wtpkey="+second.InfoHash), 2)
		// A machine that is busy with other things may lose what the two nodes say.
		peers.Eventually(t, waitLong, "the newest record", func() error {
			if name := resolve(t, w, k.host); name.Infohash != second.InfoHash || name.Record.Seq != seq+1 {
				return fmt.Errorf("resolved %+v, want %d: %s", name, seq+1, second.InfoHash)
			}
			return nil
		})
	}
	w.Run(t, "add", "wtp://"+k.host+"/")
	checkSameSite(t, w, waitVersion(t, w, k.host, second.InfoHash).LocalURL, two)
}

// All nodes return to an older record, as after restoring a backup or under an attack. A reader that has seen the newer
// one stays with it, also after a restart, and when no node has the newer one any more.
func TestOlderRecordIsRefused(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	k := newKey(t)
	_, first := n.makeVersion(t, "one")
	two, second := n.makeVersion(t, "two")
	seq := time.Now().UnixMicro()
	old := n.PkarrSign(t, k.seed, seq, "wtpkey="+first.InfoHash)
	n.PkarrPut(t, k.seed, seq+1, "wtpkey="+second.InfoHash)
	w := n.startWtptui(t)
	waitResolved(t, w, k.host, second.InfoHash)
	w.Run(t, "add", "--pin", "wtp://"+k.host+"/")
	waitVersion(t, w, k.host, second.InfoHash)

	for _, when := range []string{"before a restart", "after it"} {
		n.StoreAtNearest(t, old, meshNodes+10)
		if name := resolve(t, w, k.host); name.Infohash != second.InfoHash || name.Record.Seq != seq+1 {
			t.Errorf("%s: resolved %+v", when, name)
		}
		checkSameSite(t, w, waitVersion(t, w, k.host, second.InfoHash).LocalURL, two)
		w.Kill()
		w.Start(t)
	}
	n.Forget(t, k.public)
	if name := resolve(t, w, k.host); name.Infohash != second.InfoHash || name.Record.Seq != seq+1 {
		t.Errorf("nobody has it any more: resolved %+v", name)
	}
}
