package keys_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"wtptui/cmd/wtptui/e2e/peers"
)

// forgeItem returns an item with another sequence number than was signed.
func forgeItem(item peers.DHTItem, seq int64) peers.DHTItem {
	item.Seq = seq
	return item
}

// The nodes nearest to a key return what its owner has not signed. The record of the others is used.
func TestForgedRecordIsRefused(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	k := newKey(t)
	const infohash, other = "951ead31d09e4049fc1f21f137e233dd0589fcbd", "0000000000000000000000000000000000000001"
	seq := time.Now().UnixMicro()
	n.StoreAtNearest(t, n.PkarrSign(t, k.seed, seq, "wtpkey="+infohash), 20)
	n.StoreAtNearest(t, forgeItem(n.PkarrSign(t, k.seed, seq, "wtpkey="+other), seq+1), 4)
	if name := waitResolved(t, n.startWtptui(t), k.host, infohash); name.Record.Seq != seq {
		t.Errorf("resolved %+v, want %d", name, seq)
	}
}

// relayPayload returns the item as a relay sends it: its signature, its sequence number, and the DNS packet.
func relayPayload(t *testing.T, item peers.DHTItem) []byte {
	t.Helper()
	head, err := hex.DecodeString(item.Sig + fmt.Sprintf("%016x", item.Seq))
	if err != nil {
		t.Fatal(err)
	}
	return append(head, itemString(t, item)...)
}

// A relay returns an older record, one that was not signed, and nonsense. The newest record that was seen is shown, and
// the site stays.
func TestLyingRelayDoesNotMoveTheSite(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	k := newKey(t)
	_, first := n.makeVersion(t, "one")
	dir, second := n.makeVersion(t, "two")
	seq := time.Now().UnixMicro()
	old := n.PkarrSign(t, k.seed, seq, "wtpkey="+first.InfoHash)
	var body atomic.Pointer[[]byte]
	var asked atomic.Int64
	relay := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/"+k.host {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		_, _ = w.Write(*body.Load()) // Who has enough of it hangs up.
	}))
	t.Cleanup(relay.Close)
	newest := relayPayload(t, n.PkarrSign(t, k.seed, seq+1, "wtpkey="+second.InfoHash))
	body.Store(&newest)
	w := n.startWithoutDHT(t, "--relay", relay.URL)
	waitResolved(t, w, k.host, second.InfoHash)
	w.Run(t, "add", "--pin", "wtp://"+k.host+"/")
	local := waitVersion(t, w, k.host, second.InfoHash).LocalURL

	for lie, text := range map[string][]byte{
		"older": relayPayload(t, old), "forged": relayPayload(t, forgeItem(old, seq+2)),
		"empty": {}, "short": make([]byte, 71),
		"endless": make([]byte, 64<<20),
	} {
		body.Store(&text)
		before := asked.Load()
		if name := resolve(t, w, k.host); name.Infohash != second.InfoHash || name.Record.Seq != seq+1 {
			t.Errorf("%s: resolved %+v", lie, name)
		}
		if asked.Load() == before {
			t.Errorf("%s: the relay was not asked", lie)
		}
		checkSameSite(t, w, local, dir)
	}
}
