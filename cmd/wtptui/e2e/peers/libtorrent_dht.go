package peers

import (
	_ "embed"
	"encoding/json"
	"os/exec"
	"testing"
	"time"
)

//go:embed libtorrent_dht.py
var libtorrentDHTScript string

// LibtorrentDHT is a libtorrent node of a DHT on 127.0.0.1.
type LibtorrentDHT struct {
	Port int

	script  *scripted[libtorrentDHTReport]
	lastCmd int
}

// LibtorrentItem is a mutable item without salt (BEP 44), whose value is a string, as libtorrent returns it.
type LibtorrentItem struct {
	Seq   int64  `json:"seq"`
	Value string `json:"value"` // The string itself, in hex.
	Nodes int    `json:"nodes"` // How many took it when it was put.
}

type libtorrentDHTReport struct {
	LibtorrentItem

	ID      int    `json:"id"`
	Error   string `json:"error"`
	Missing bool   `json:"missing"`
	Port    int    `json:"port"`
}

// StartLibtorrentDHT runs a node that joins the network of the given ones. It needs LibtorrentTool.
func StartLibtorrentDHT(t testing.TB, nodes ...string) *LibtorrentDHT {
	t.Helper()
	Require(t, LibtorrentTool)
	config, err := json.Marshal(map[string][]string{"bootstrap": nodes})
	if err != nil {
		t.Fatal(err)
	}
	script := startScripted[libtorrentDHTReport](t, exec.Command(findLibtorrentPython(t),
		writeScript(t, "libtorrent_dht.py", libtorrentDHTScript), string(config)))
	first := script.waitReport(t, time.Minute, "its port", func(r libtorrentDHTReport) bool { return r.Port > 0 })
	return &LibtorrentDHT{Port: first.Port, script: script}
}

// Get looks up the key. Its error is ErrNoItem, also for an item whose value is not a string.
func (lt *LibtorrentDHT) Get(t testing.TB, key string) (LibtorrentItem, error) {
	t.Helper()
	r := lt.command(t, map[string]any{"cmd": "get", "key": key})
	if r.Missing {
		return LibtorrentItem{}, ErrNoItem
	}
	return r.LibtorrentItem, nil
}

// Put signs a string, which is given in hex, with the sequence number after the one that the DHT has, and puts it.
func (lt *LibtorrentDHT) Put(t testing.TB, seed, key, value string) LibtorrentItem {
	t.Helper()
	return lt.command(t, map[string]any{"cmd": "put", "seed": seed, "key": key, "value": value}).LibtorrentItem
}

func (lt *LibtorrentDHT) command(t testing.TB, command map[string]any) libtorrentDHTReport {
	t.Helper()
	lt.lastCmd++
	id := lt.lastCmd
	command["id"] = id
	lt.script.send(t, command)
	answer := lt.script.waitReport(t, time.Minute, "the answer", func(r libtorrentDHTReport) bool { return r.ID == id })
	if answer.Error != "" {
		t.Fatalf("peers: libtorrent: %v: %s", command["cmd"], answer.Error)
	}
	return answer
}
