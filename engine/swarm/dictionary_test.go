package swarm

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"testing"

	"wtptui/engine"
)

// encoded is a bencoded value that stands in a dictionary as it is.
type encoded string

// MarshalBencode implements bencode.Marshaler.
func (e encoded) MarshalBencode() ([]byte, error) { return []byte(e), nil }

// odd is an info dictionary of two files that is right where it counts, with some values of it replaced or added.
func odd(t testing.TB, fields dict) []byte {
	d := dict{
		"name": "tides", "piece length": 16384, "pieces": strings.Repeat("x", 40),
		"files": []dict{
			{"length": 61, "path": []string{"index.html"}}, {"length": 18900, "path": []string{"harbour", "march.txt"}},
		},
	}
	maps.Copy(d, fields)
	return marshal(t, d)
}

// oddInfos are info dictionaries with optional fields that are not as they should be.
func oddInfos(t testing.TB) map[string][]byte {
	filesWith := func(key string, value any) dict {
		return dict{"files": []dict{
			{"length": 61, "path": []string{"index.html"}, key: value},
			{"length": 18900, "path": []string{"harbour", "march.txt"}, key: value},
		}}
	}
	root := dict{"": dict{"length": 5, "pieces root": strings.Repeat("r", 32)}}
	return map[string][]byte{
		"plain":                      odd(t, nil),
		"source is a number":         odd(t, dict{"source": 17}),
		"private is a list":          odd(t, dict{"private": []int{}}),
		"private is the text 0":      odd(t, dict{"private": "0"}),
		"mtime is a text":            odd(t, dict{"mtime": "yesterday"}),
		"mtime of files is a text":   odd(t, filesWith("mtime", "noon")),
		"attr of files is a number":  odd(t, filesWith("attr", 4)),
		"path.utf-8 is a text":       odd(t, filesWith("path.utf-8", "index.html")),
		"path.utf-8 has a number":    odd(t, filesWith("path.utf-8", []int{1})),
		"symlink path of no link":    odd(t, filesWith("symlink path", 3)),
		"a number is minus zero":     odd(t, dict{"mtime": encoded("i-0e")}),
		"a number has leading zeros": odd(t, dict{"mtime": encoded("i007e")}),
		"a number is no number":      odd(t, dict{"mtime": encoded("i1.5e")}),
		"name.utf-8 is a number":     odd(t, dict{"name.utf-8": 3}),
		"length beside files":        odd(t, dict{"length": 7}),
		"hybrid":                     odd(t, dict{"meta version": 2, "file tree": dict{"index.html": root}}),
		"hybrid that disagrees":      odd(t, dict{"meta version": 2, "file tree": dict{"other": root}}),
		"hybrid whose tree is broken": odd(t, dict{
			"meta version": 2, "file tree": dict{"x": dict{"": dict{"length": -5}}},
		}),
		"hybrid whose tree is a number":  odd(t, dict{"meta version": 2, "file tree": 7}),
		"hybrid whose version is a text": odd(t, dict{"meta version": "two"}),
		"hybrid of a later version":      odd(t, dict{"meta version": 3}),
		"file tree without a version":    odd(t, dict{"file tree": dict{"index.html": root}}),
		"keys out of order":              append([]byte("d1:zi1e1:ai2e"), odd(t, nil)[1:]...),
	}
}

func TestOddFieldsOfInfo(t *testing.T) {
	for name, raw := range oddInfos(t) {
		t.Run(name, func(t *testing.T) {
			m, err := parseInfo(rawHash(t, hashOf(raw)), raw)
			if err != nil {
				t.Fatal(err)
			}
			if string(m.Bytes) != string(raw) || m.Name != "tides" || m.PieceLength != 16384 || m.Pieces != 2 || m.Private ||
				m.Size != 18961 {
				t.Errorf("%+v", m.Info)
			}
			if len(m.Files) != 2 || !slices.Equal(m.Files[1].Path, []string{"harbour", "march.txt"}) ||
				m.Files[1].Size != 18900 {
				t.Errorf("files %+v", m.Files)
			}
		})
	}
}

func TestPrivateAndUTF8(t *testing.T) {
	for want, value := range map[string]any{"number": 1, "text": "1"} {
		raw := odd(t, dict{
			"private": value, "name.utf-8": "Gezeiten über",
			"files": []dict{{"length": 18961, "path": []string{"\xfc"}, "path.utf-8": []string{"ü"}}},
		})
		m, err := parseInfo(rawHash(t, hashOf(raw)), raw)
		if err != nil || !m.Private || m.Name != "Gezeiten über" || m.Files[0].Path[0] != "ü" {
			t.Errorf("private as a %s: %+v, %v", want, m, err)
		}
	}
}

// TestPaddingIsHidden: padding is known by its attribute, and BitComet's by its name.
func TestPaddingIsHidden(t *testing.T) {
	file := func(length int, attr string, path ...string) dict {
		d := dict{"length": length, "path": path}
		if attr != "" {
			d["attr"] = attr
		}
		return d
	}
	raw := odd(t, dict{"files": []dict{
		file(61, "", "index.html"), file(16323, "p", ".pad", "16323"), file(0, "", "notes", "empty.txt"),
		file(100, "", "sub", "_____padding_file_0_if you see this file"), file(2477, "xp", "any"),
		file(0, "", ".pad", "mine"),
	}})
	m, err := parseInfo(rawHash(t, hashOf(raw)), raw)
	if err != nil {
		t.Fatal(err)
	}
	var shown []string
	for _, f := range m.Files {
		shown = append(shown, strings.Join(f.Path, "/"))
	}
	if !slices.Equal(shown, []string{"index.html", "notes/empty.txt", ".pad/mine"}) || m.Size != 61 {
		t.Errorf("%d bytes in %q", m.Size, shown)
	}
	for i, f := range m.layout.Files {
		if hidden := i == 1 || i == 3 || i == 4; f.Hidden != hidden {
			t.Errorf("file %d: hidden is %t", i, f.Hidden)
		}
	}
}

// v2Hash is the infohash of a v2 torrent (BEP 52), shortened as it is for peers and trackers.
func v2Hash(info []byte) string {
	sum := sha256.Sum256(info)
	return hex.EncodeToString(sum[:20])
}

// TestV2InfohashIsRefused: a peer that has the torrent of a v2 infohash does not lie, and ends the wait for a better
// one.
func TestV2InfohashIsRefused(t *testing.T) {
	tree := dict{"index.html": dict{"": dict{"length": 5, "pieces root": strings.Repeat("r", 32)}}}
	hybrid := odd(t, dict{"meta version": 2, "file tree": tree})
	v2 := marshal(t, dict{"name": "x", "piece length": 16384, "meta version": 2, "file tree": tree})
	for why, raw := range map[string][]byte{
		"ask its author for a v1 or hybrid torrent":      v2,
		"open its v1 infohash, " + hashOf(hybrid) + ". ": hybrid,
	} {
		c := start(t, config(t))
		tor := add(t, c, Spec{Infohash: v2Hash(raw)})
		p := &badPeer{t: t, hash: rawHash(t, v2Hash(raw)), info: raw, block: func(int, int, int) []byte { return nil }}
		p.connectTo(c)
		refusedWith(t, c, tor, why)
	}
}

func FuzzReadDictionary(f *testing.F) {
	for _, raw := range oddInfos(f) {
		f.Add(raw)
	}
	for _, b := range bombs() {
		if raw := marshal(f, b.info); len(raw) < 1<<16 {
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parseInfo(sha1.Sum(raw), raw)
		if err != nil {
			if engine.KindOf(err) != engine.Refused || engine.Message(err) == "" {
				t.Errorf("%v", err)
			}
			return
		}
		end := int64(0)
		for _, file := range m.layout.Files {
			if file.Offset != end || file.Length < 0 {
				t.Fatalf("file of %d bytes at %d, not %d", file.Length, file.Offset, end)
			}
			end += file.Length
		}
		if len(m.hashes) != 20*m.Pieces || (end+m.PieceLength-1)/m.PieceLength != int64(m.Pieces) ||
			len(m.Files) > len(m.paths) {
			t.Errorf("%d bytes, %d pieces, %d files", end, m.Pieces, len(m.Files))
		}
	})
}
