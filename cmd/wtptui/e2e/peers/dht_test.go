package peers_test

import (
	"crypto/ed25519"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"testing"

	"github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"

	"wtptui/cmd/wtptui/e2e/peers"
)

// dhtKey returns the seed and the public key of a number, in hex.
func dhtKey(n byte) (seed, key string) {
	secret := make([]byte, ed25519.SeedSize)
	secret[0] = n
	return hex.EncodeToString(secret), hex.EncodeToString(ed25519.NewKeyFromSeed(secret)[ed25519.SeedSize:])
}

// In one network, what each client puts is read by all.
func TestDHTClientsReadEachOther(t *testing.T) {
	d := peers.StartDHT(t, 10)
	lt := peers.StartLibtorrentDHT(t, d.Nodes[:3]...)
	relay := d.StartRelay(t)

	seed, key := dhtKey(1)
	if _, err := d.PkarrGet(t, key); !errors.Is(err, peers.ErrNoItem) {
		t.Errorf("pkarr reads what nobody has put: %v", err)
	}
	if _, err := d.Get(t, key); !errors.Is(err, peers.ErrNoItem) {
		t.Errorf("bittorrent-dht reads what nobody has put: %v", err)
	}
	if _, err := lt.Get(t, key); !errors.Is(err, peers.ErrNoItem) {
		t.Errorf("libtorrent reads what nobody has put: %v", err)
	}

	d.PkarrPut(t, seed, 1_000, "a", "b")
	first := d.PkarrSign(t, seed, 1_000, "a", "b")
	checkPackets(t, d, relay, key, 1_000, "a", "b")
	checkItem(t, d, lt, first)
	d.PkarrPutAt(t, relay, seed, 2_000, "c")
	checkPackets(t, d, relay, key, 2_000, "c")

	packet := []byte(decodeString(t, first.Value))
	if put := lt.Put(t, seed, key, hex.EncodeToString(packet)); put.Seq != 2_001 || put.Nodes < 8 {
		t.Errorf("libtorrent has put %+v", put)
	}
	checkPackets(t, d, relay, key, 2_001, "a", "b")

	seed, key = dhtKey(2)
	const infohash = "951ead31d09e4049fc1f21f137e233dd0589fcbd"
	d.PutDictionary(t, seed, 3, infohash)
	item, err := d.Get(t, key)
	dictionary := hex.EncodeToString([]byte("d2:ih20:")) + infohash + hex.EncodeToString([]byte("e"))
	if err != nil || item.Seq != 3 || item.Value != dictionary {
		t.Errorf("%+v, %v", item, err)
	}
}

// checkPackets checks what pkarr reads from the DHT and from the relay, which returns the first answer that it gets, or
// what it has itself.
func checkPackets(t *testing.T, d *peers.DHT, relay, key string, seq int64, texts ...string) {
	t.Helper()
	got, err := d.PkarrGet(t, key)
	if err != nil || got.Seq != seq || !slices.Equal(got.Texts, texts) || got.Nodes < 1 {
		t.Errorf("pkarr reads %+v, %v, want %d %q", got, err, seq, texts)
	}
	if got := d.PkarrGetAt(t, relay, key); len(got.Texts) == 0 {
		t.Errorf("the relay has %+v", got)
	}
}

func checkItem(t *testing.T, d *peers.DHT, lt *peers.LibtorrentDHT, want peers.DHTItem) {
	t.Helper()
	if got, err := d.Get(t, want.Key); err != nil || got != want {
		t.Errorf("bittorrent-dht reads %+v, %v, want %+v", got, err, want)
	}
	text := hex.EncodeToString([]byte(decodeString(t, want.Value)))
	if got, err := lt.Get(t, want.Key); err != nil || got.Seq != want.Seq || got.Value != text {
		t.Errorf("libtorrent reads %+v, %v, want %d %s", got, err, want.Seq, text)
	}
}

// decodeString decodes a bencoded string, both in hex.
func decodeString(t *testing.T, value string) (s string) {
	t.Helper()
	b, err := hex.DecodeString(value)
	if err == nil {
		err = bencode.Unmarshal(b, &s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A node of another program can be made to store an older item, or none, and returns that to a third one.
func TestDHTStoresAndForgetsOnRequest(t *testing.T) {
	d := peers.StartDHT(t, 10)
	seed, key := dhtKey(3)
	old, now := d.PkarrSign(t, seed, 1, "old"), d.PkarrSign(t, seed, 2, "now")
	d.StoreAtNearest(t, old, 100)
	d.StoreAtNearest(t, now, 2)
	held := d.StoredItems(t, key)
	if len(held) != 12 || held[1] != now || held[2] != old || held[11] != old {
		t.Errorf("%+v", held)
	}
	counts := map[int64]int{}
	for _, address := range d.Nodes {
		counts[getFromNode(t, address, key)]++
	}
	if counts[1] != 10 || counts[2] != 2 {
		t.Errorf("how many nodes have which sequence number: %v", counts)
	}
	d.Forget(t, key)
	if _, err := d.PkarrGet(t, key); !errors.Is(err, peers.ErrNoItem) {
		t.Errorf("dropped, and still there: %v", err)
	}
}

// getFromNode has a node of anacrolix/dht get a key's item from one node of the network, and returns its sequence
// number.
func getFromNode(t *testing.T, address, key string) int64 {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, err := dht.NewServer(&dht.ServerConfig{
		Conn: conn, NoSecurity: true, Passive: true, StartingNodes: func() ([]dht.Addr, error) { return nil, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	addr, err := net.ResolveUDPAddr("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	public, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	args := krpc.MsgArgs{Target: krpc.ID(sha1.Sum(public))}
	r := s.Query(t.Context(), dht.NewAddr(addr), "get", dht.QueryInput{MsgArgs: args})
	if r.Err != nil || r.Reply.R == nil || r.Reply.R.Seq == nil {
		t.Fatalf("%s answers %+v: %v", address, r.Reply, r.Err)
	}
	return *r.Reply.R.Seq
}
