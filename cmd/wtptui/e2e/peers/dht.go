package peers

import (
	_ "embed"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed dht.mjs
var dhtScript string

// DHT is a network of bittorrent-dht nodes on 127.0.0.1, which store all that is put (BEP 44). A client of
// bittorrent-dht and one of pkarr are among its nodes, and put and get items as people's programs do.
type DHT struct {
	Nodes []string // host:port of each of them, by which to enter the net.

	script  *scripted[dhtReport]
	lastCmd int
}

// DHTItem is a mutable item without salt (BEP 44).
type DHTItem struct {
	Key   string `json:"key"`   // The public key, 64 lower-case hex digits.
	Seq   int64  `json:"seq"`   // -1 if there is no item.
	Sig   string `json:"sig"`   // 128 hex digits.
	Value string `json:"value"` // Bencoded, in hex.
}

// PkarrPacket is a record as npm's pkarr returns it.
type PkarrPacket struct {
	Seq   int64    `json:"seq"`   // When it was signed, in microseconds since 1970.
	Texts []string `json:"texts"` // Those of the TXT records at the key's own name.
	Nodes int      `json:"nodes"` // How many nodes of the DHT gave it.
}

type dhtReport struct {
	PkarrPacket

	Ports   []int     `json:"ports"`
	ID      int       `json:"id"`
	Error   string    `json:"error"`
	Missing bool      `json:"missing"`
	Port    int       `json:"port"`
	Item    DHTItem   `json:"item"`
	Held    []DHTItem `json:"held"`
}

// ErrNoItem is returned where the DHT has no item of a key.
var ErrNoItem = errors.New("the DHT has no item of this key")

// StartDHT runs a network of that many nodes, and those of the clients. It joins the network of the given nodes, if
// there are any. It needs PkarrTool.
func StartDHT(t testing.TB, nodes int, join ...string) *DHT {
	t.Helper()
	Require(t, PkarrTool)
	return startDHT(t, nodes, join...)
}

func startDHT(t testing.TB, nodes int, join ...string) *DHT {
	t.Helper()
	npmPackage(t, "pkarr")
	script := startScripted[dhtReport](t, exec.Command("node", writeScript(t, "dht.mjs", dhtScript), npmPath(t),
		strconv.Itoa(nodes), strings.Join(join, ",")))
	first := script.waitReport(t, time.Minute, "its ports", func(r dhtReport) bool { return len(r.Ports) > 0 })
	d := &DHT{script: script}
	for _, port := range first.Ports {
		d.Nodes = append(d.Nodes, fmt.Sprintf("127.0.0.1:%d", port))
	}
	return d
}

// tryPkarr has a record put by one client and read by the other.
func tryPkarr(t testing.TB) {
	d := startDHT(t, 2)
	const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60" // RFC 8032, section 7.1
	const key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
	d.PkarrPut(t, seed, 1, "text")
	if item, err := d.Get(t, key); err != nil || item.Seq != 1 {
		t.Fatalf("bittorrent-dht reads %+v: %v", item, err)
	}
}

// PkarrPut signs TXT records at the key's name with npm's pkarr, and puts them into the DHT. The seed of the key is 64
// hex digits.
func (d *DHT) PkarrPut(t testing.TB, seed string, seq int64, texts ...string) {
	t.Helper()
	d.command(t, "pkarr put", map[string]any{"seed": seed, "seq": seq, "texts": texts})
}

// PkarrPutAt is PkarrPut to a relay, whose URL is given.
func (d *DHT) PkarrPutAt(t testing.TB, relay, seed string, seq int64, texts ...string) {
	t.Helper()
	d.command(t, "pkarr put", map[string]any{"relay": relay, "seed": seed, "seq": seq, "texts": texts})
}

// PkarrGet has npm's pkarr look up the key, until all nodes were asked. Its error is ErrNoItem.
func (d *DHT) PkarrGet(t testing.TB, key string) (PkarrPacket, error) {
	t.Helper()
	r := d.command(t, "pkarr get", map[string]any{"key": key})
	return r.PkarrPacket, r.itemError()
}

// PkarrGetAt has npm's pkarr ask a relay, whose URL is given.
func (d *DHT) PkarrGetAt(t testing.TB, relay, key string) PkarrPacket {
	t.Helper()
	return d.command(t, "pkarr get", map[string]any{"key": key, "relay": relay}).PkarrPacket
}

// PkarrSign is PkarrPut that puts nothing.
func (d *DHT) PkarrSign(t testing.TB, seed string, seq int64, texts ...string) DHTItem {
	t.Helper()
	return d.command(t, "pkarr sign", map[string]any{"seed": seed, "seq": seq, "texts": texts}).Item
}

// StartRelay runs the relay server of npm's pkarr, whose node is one more of the net, and returns its URL.
func (d *DHT) StartRelay(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("http://127.0.0.1:%d", d.command(t, "relay", nil).Port)
}

// PutDictionary has bittorrent-dht put a dictionary that names an infohash (BEP 46).
func (d *DHT) PutDictionary(t testing.TB, seed string, seq int64, infohash string) {
	t.Helper()
	d.command(t, "dht put", map[string]any{"seed": seed, "seq": seq, "infohash": infohash})
}

// Get has bittorrent-dht look up the key. Its error is ErrNoItem.
func (d *DHT) Get(t testing.TB, key string) (DHTItem, error) {
	t.Helper()
	r := d.command(t, "dht get", map[string]any{"key": key})
	return r.Item, r.itemError()
}

// StoredItems returns what each node of the network stores of a key, that of the nearest first.
func (d *DHT) StoredItems(t testing.TB, key string) []DHTItem {
	t.Helper()
	return d.command(t, "held", map[string]any{"key": key}).Held
}

// StoreAtNearest has the nodes nearest to the item's key, at most that many, store it in place of what they have. So a
// test makes nodes that lie, or that were restored from a backup.
func (d *DHT) StoreAtNearest(t testing.TB, item DHTItem, most int) {
	t.Helper()
	d.command(t, "hold", map[string]any{"item": item, "most": most})
}

// Forget has all nodes of the network forget what they store of a key, as they do by themselves two hours after the
// last put.
func (d *DHT) Forget(t testing.TB, key string) {
	t.Helper()
	d.StoreAtNearest(t, DHTItem{Key: key, Seq: -1}, len(d.StoredItems(t, key)))
}

func (r dhtReport) itemError() error {
	if r.Missing {
		return ErrNoItem
	}
	return nil
}

// command sends a command and waits for its answer.
func (d *DHT) command(t testing.TB, name string, args map[string]any) dhtReport {
	t.Helper()
	d.lastCmd++
	id := d.lastCmd
	command := map[string]any{"id": id, "cmd": name}
	for k, v := range args {
		command[k] = v
	}
	d.script.send(t, command)
	answer := d.script.waitReport(t, time.Minute, name, func(r dhtReport) bool { return r.ID == id })
	if answer.Error != "" {
		t.Fatalf("peers: DHT: %s: %s", name, answer.Error)
	}
	return answer
}
