package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewAddRequest(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for input, want := range map[string]AddRequest{
		write("some.torrent", 3):               {Metainfo: make([]byte, 3)},
		"file://" + write("a b.torrent", 1):    {Metainfo: make([]byte, 1)},
		write("full.TORRENT", MaxMetainfoSize): {Metainfo: make([]byte, MaxMetainfoSize)},
		"wtp://" + hash + "/x":                 {Address: "wtp://" + hash + "/x"},
		"magnet:?xt=urn:btih:" + hash + "&dn=": {Address: "magnet:?xt=urn:btih:" + hash + "&dn="},
	} {
		got, err := NewAddRequest(input)
		if err != nil || got.Address != want.Address || len(got.Metainfo) != len(want.Metainfo) {
			t.Errorf("NewAddRequest(%q) gave %q with %d bytes, %v", input, got.Address, len(got.Metainfo), err)
		}
	}
	folder := filepath.Join(dir, "folder.torrent")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for input, want := range map[string]Kind{
		filepath.Join(dir, "missing.torrent"):     Invalid,
		folder:                                    Invalid,
		write("empty.torrent", 0):                 Invalid,
		write("large.torrent", MaxMetainfoSize+1): TooLarge,
		filepath.Join(dir, "nodots"):              Invalid,
	} {
		got, err := NewAddRequest(input)
		if KindOf(err) != want || got.Address != "" || got.Metainfo != nil ||
			strings.Contains(Message(err), "nothing was given") {
			t.Errorf("NewAddRequest(%q) gave %+v, %v", input, got, err)
		}
	}
}
