package swarm

import (
	"crypto/sha1"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/bencode"

	"wtptui/engine"
)

// marshal makes an info dictionary of what need not make sense.
func marshal(t testing.TB, d dict) []byte {
	t.Helper()
	b, err := bencode.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lengths(l ...int64) (files []dict) {
	for i, n := range l {
		files = append(files, dict{"length": n, "path": []string{itoa(i)}})
	}
	return files
}

// bombs are info dictionaries that must be refused, with a word of the reason.
func bombs() map[string]struct {
	info dict
	why  string
} {
	pieces := func(n int) string { return strings.Repeat("x", n*sha1.Size) }
	// infoWith returns an info dictionary of one piece and no files, with some fields set to other values.
	infoWith := func(fields dict) dict {
		d := dict{"name": "x", "piece length": 16384, "pieces": pieces(1)}
		maps.Copy(d, fields)
		return d
	}
	root := strings.Repeat("r", 32)
	file := func(n int64) dict { return dict{"": dict{"length": n, "pieces root": root}} }
	const most = math.MaxInt64
	return map[string]struct {
		info dict
		why  string
	}{
		"negative length":     {infoWith(dict{"length": -1}), "negative"},
		"negative file":       {infoWith(dict{"files": lengths(100, -50)}), "negative"},
		"lengths that cancel": {infoWith(dict{"pieces": pieces(2), "files": lengths(20000, -20000, 20000)}), "negative"},
		"overflow":            {infoWith(dict{"files": lengths(1<<62, 1<<62, 1<<62, 1<<62, 5)}), "longer than any disk"},
		"largest length":      {infoWith(dict{"length": most}), "longer than any disk"},
		"no piece length": {
			infoWith(dict{"piece length": 0, "pieces": pieces(5), "files": lengths(0)}), "1 KiB to 64 MiB",
		},
		"negative pieces": {infoWith(dict{"piece length": -16384, "pieces": "", "length": 0}), "1 KiB to 64 MiB"},
		"tiny pieces":     {infoWith(dict{"piece length": 1, "pieces": pieces(5), "length": 5}), "1 KiB to 64 MiB"},
		"giant pieces":    {infoWith(dict{"piece length": 128 << 20, "length": 5}), "1 KiB to 64 MiB"},
		"too few pieces":  {infoWith(dict{"length": 1 << 50}), "pieces"},
		"too many pieces": {infoWith(dict{"pieces": pieces(2), "length": 5}), "pieces"},
		"odd pieces":      {infoWith(dict{"pieces": "abc", "length": 5}), "pieces"},
		"more pieces than sane": {
			infoWith(dict{"piece length": 1024, "pieces": pieces(maxPieces + 1), "length": 1024 * (maxPieces + 1)}), "pieces",
		},
		"too many files": {infoWith(dict{"pieces": "", "files": lengths(make([]int64, maxFiles+1)...)}), "files"},
		"v2 only": {
			dict{"name": "x", "piece length": 16384, "meta version": 2, "file tree": dict{"x": file(5)}}, "v1 or hybrid torrent",
		},
		"hybrid without files": {infoWith(dict{"meta version": 2, "file tree": dict{"x": file(5)}}), "files"},
		"no pieces":            {dict{"name": "x", "piece length": 16384, "length": 5}, "0 pieces"},
		"pieces are a list":    {infoWith(dict{"pieces": []int{1}, "length": 5}), "0 pieces"},
		"length is a string":   {infoWith(dict{"length": "5"}), `"length"`},
		"file without length":  {infoWith(dict{"files": []dict{{"path": []string{"a"}}}}), `"length" of its file 1`},
		"file without path":    {infoWith(dict{"files": []dict{{"length": 5}}}), `"path" of its file 1`},
		"a number in a path": {
			infoWith(dict{"files": []dict{{"length": 5, "path": []any{"a", 7}}}}), `"path" of its file 1`,
		},
		"a file is a number": {
			infoWith(dict{"files": []any{dict{"length": 5, "path": []string{"a"}}, 7}}), "file 2 is not a dictionary",
		},
		"an endless path": {
			infoWith(dict{"files": []dict{{"length": 5, "path": make([]string, maxPathParts+1)}}}), `"path" of its file 1`,
		},
		"a file without a name": {
			dict{"name": 7, "piece length": 16384, "pieces": pieces(1), "length": 5}, `"name" of its only file`,
		},
		"no files":             {infoWith(dict{"pieces": "", "files": []dict{}}), "no files"},
		"piece length is text": {dict{"name": dict{}, "piece length": "x"}, `"piece length"`},
	}
}

func TestBombsAreRefused(t *testing.T) {
	c := start(t, config(t))
	for name, b := range bombs() {
		t.Run(name, func(t *testing.T) {
			raw := marshal(t, b.info)
			tor := add(t, c, Spec{Infohash: hashOf(raw), Info: raw})
			refusedWith(t, c, tor, b.why)
			if tor.SetLimits(SiteLimits{Size: 1}) || tor.SetLimits(SiteLimits{}) {
				t.Error("it goes on")
			}
			refusedWith(t, c, tor, b.why)
			tor.Drop()
		})
	}
}

func refusedWith(t *testing.T, c *Client, tor Torrent, why string) {
	t.Helper()
	ready(t, tor)
	err := tor.Err()
	if engine.KindOf(err) != engine.Refused || !strings.Contains(engine.Message(err), why) {
		t.Errorf("error %v, want a refusal with %q", err, why)
	}
	if tor.Info() != nil {
		t.Error("a refused torrent has Info")
	}
	if f, _ := c.Folders(); len(f) != 0 {
		t.Errorf("a refused torrent left %v on disk", f)
	}
	if tor.(*handle).swarm.Load() != nil {
		t.Error("a refused torrent is in its swarm")
	}
}

// TestBombsFromPeers: the same info dictionaries are rejected when a peer sends them and then messages that rely on
// them.
func TestBombsFromPeers(t *testing.T) {
	for name, b := range bombs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := marshal(t, b.info)
			if len(raw) > 2<<20 {
				t.Skip("long; the same code path as the others")
			}
			c := start(t, config(t))
			tor := add(t, c, Spec{Infohash: hashOf(raw)})
			p := &badPeer{
				t: t, hash: sha1.Sum(raw), info: raw, after: rudeMessages(), block: func(int, int, int) []byte { return nil },
			}
			p.connectTo(c)
			refusedWith(t, c, tor, b.why)
		})
	}
}

func TestSiteLimitsRefuseUntilRaised(t *testing.T) {
	s := newSite(t, 16<<10, 50_000, 10, 10)
	author := start(t, config(t))
	publish(t, author, s)
	for name, limits := range map[string]SiteLimits{
		"over the limit of 48.8 KB: allow it, or raise --max-site-size":       {Size: 50_000, Files: 2, Cache: 1},
		"3 files are over the limit of 2: allow it":                           {Size: 1 << 20, Files: 2, Cache: 1},
		"the whole cache of 48.8 KB: allow it, pin it, or raise --cache-size": {Size: 1 << 20, Files: 3, Cache: 50_000},
	} {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprint(name, known), func(t *testing.T) {
				c := start(t, config(t))
				spec := Spec{Infohash: s.hash, Limits: limits}
				if known {
					spec.Info = s.info
				}
				tor := add(t, c, spec)
				connect(tor, author)
				ready(t, tor)
				if err := tor.Err(); engine.KindOf(err) != engine.TooLarge || !strings.Contains(engine.Message(err), name) {
					t.Fatalf("error %v", err)
				}
				if f, _ := c.Folders(); len(f) != 0 || tor.Stats().Peers != 0 {
					t.Errorf("before it is allowed: folders %v, %d peers", f, tor.Stats().Peers)
				}
				still := limits
				still.Cache = 2
				if tor.SetLimits(still) || engine.KindOf(tor.Err()) != engine.TooLarge {
					t.Errorf("within %+v it is %v", still, tor.Err())
				}
				if !tor.SetLimits(SiteLimits{}) {
					t.Error("it does not go on without limits")
				}
				ready(t, tor)
				if err := tor.Err(); err != nil {
					t.Fatal(err)
				}
				connect(tor, author)
				same(t, tor, s)
				if tor.SetLimits(limits) || tor.Err() != nil {
					t.Errorf("it is here, and refused later: %v", tor.Err())
				}
			})
		}
	}
}
