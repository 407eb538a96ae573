package swarm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/swarm/bencode"
	"wtptui/engine/swarm/dial"
)

// libtorrent is an independent peer that runs as a process of its own, from Debian's python3-libtorrent.
const (
	python = "/usr/bin/python3"
	script = "testdata/lt.py"
)

var haveLibtorrent = sync.OnceValue(func() bool { return exec.Command(python, "-c", "import libtorrent").Run() == nil })

func needLibtorrent(t testing.TB) {
	t.Helper()
	if !haveLibtorrent() {
		t.Skip("python3-libtorrent is not installed: apt-get install python3-libtorrent")
	}
}

// ltLine is a line that the script prints.
type ltLine struct {
	Port    int
	Hash    string
	Seconds float64
	CPU     float64
	Error   string
}

// runLT runs the script until the test ends, and returns the lines that it prints.
func runLT(t testing.TB, args ...string) <-chan ltLine {
	t.Helper()
	cmd := exec.Command(python, append([]string{script}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	output := make(chan ltLine, 8)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(output)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var s ltLine
			if json.Unmarshal(lines.Bytes(), &s) == nil {
				output <- s
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		enginetest.Receive(t, done, "the end of libtorrent's output")
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(stderr.String())
		}
	})
	return output
}

func nextLine(t testing.TB, output <-chan ltLine) ltLine {
	t.Helper()
	select {
	case s, ok := <-output:
		if !ok || s.Error != "" {
			t.Fatalf("libtorrent ended: %+v", s)
		}
		return s
	case <-time.After(2 * time.Minute):
		t.Fatal("libtorrent says nothing")
	}
	return ltLine{}
}

// ltSite makes a folder and lets libtorrent make a torrent of it.
func ltSite(t testing.TB, version string, sizes ...int) (parent, torrentFile string, m Metainfo) {
	t.Helper()
	parent, torrentFile = ltFile(t, version, sizes...)
	raw, err := os.ReadFile(torrentFile)
	if err != nil {
		t.Fatal(err)
	}
	m, err = ParseMetainfo(raw)
	if err != nil {
		t.Fatal(err)
	}
	return parent, torrentFile, m
}

// ltFile is ltSite for a torrent of any version.
func ltFile(t testing.TB, version string, sizes ...int) (parent, torrentFile string) {
	t.Helper()
	parent = t.TempDir()
	folder := filepath.Join(parent, "site")
	for i, b := range newSite(t, 16<<10, sizes...).files {
		path := filepath.Join(folder, itoa(i%3), itoa(i)+".html")
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	torrentFile = filepath.Join(parent, version+".torrent")
	if out, err := exec.Command(python, script, "make", torrentFile, folder, version).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return parent, torrentFile
}

func loopback(port int) []netip.AddrPort {
	return []netip.AddrPort{netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port))}
}

// TestLibtorrent fetches from libtorrent with nothing but an infohash, and lets another libtorrent fetch from us. What
// libtorrent makes unless it is told otherwise is a hybrid of v1 and v2 (BEP 52), which has padding.
func TestLibtorrent(t *testing.T) {
	needLibtorrent(t)
	for _, version := range []string{"v1", "hybrid"} {
		t.Run(version, func(t *testing.T) { fetchBothWays(t, version) })
	}
}

func fetchBothWays(t *testing.T, version string) {
	sizes := []int{300_000, 0, 5, 70_000, 16384, 1 << 20}
	parent, file, m := ltSite(t, version, sizes...)
	seed := nextLine(t, runLT(t, "seed", file, parent))
	if seed.Hash != m.Infohash {
		t.Fatalf("libtorrent says %s, the file says %s", seed.Hash, m.Infohash)
	}
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: m.Infohash})
	tor.(*handle).addPeers(netip.IPv6Loopback(), loopback(seed.Port), dial.Given)
	ready(t, tor)
	if err := tor.Err(); err != nil {
		t.Fatal(err)
	}
	if info := tor.Info(); !bytes.Equal(info.Bytes, m.Info) || len(info.Files) != len(sizes) {
		t.Errorf("%d files in %d bytes of the info dictionary, want %d in %d", len(info.Files), len(info.Bytes), len(sizes),
			len(m.Info))
	}
	for _, f := range tor.Info().Files {
		want, err := os.ReadFile(filepath.Join(append([]string{parent, "site"}, f.Path...)...))
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, tor, f.Index); !bytes.Equal(got, want) {
			t.Errorf("%v differs", f.Path)
		}
	}
	eventually(t, "complete", func() bool { return complete(tor) })
	tor.SetPaused(true)
	if err := tor.Verify(t.Context()); err != nil || !complete(tor) {
		t.Errorf("checked without the library: %v, %+v", err, tor.Stats())
	}
	tor.SetPaused(false)
	sameLayers(t, tor, file, version == "hybrid")
	fetchFromUs(t, c, tor, file)
}

// sameLayers makes the .torrent file anew, and checks that it has the piece layers of libtorrent's own (BEP 52).
func sameLayers(t *testing.T, tor Torrent, torrentFile string, hybrid bool) {
	t.Helper()
	layers, err := PieceLayers(tor.Info(), func(index int) (io.ReadCloser, error) {
		return tor.Open(t.Context(), index, engine.UrgencyLater)
	})
	if err != nil {
		t.Fatal(err)
	}
	made, err := MakeMetainfo(tor.Info().Bytes, nil, nil, layers)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(torrentFile)
	if err != nil {
		t.Fatal(err)
	}
	got, _, _ := bencode.ParseDict(made)
	want, _, _ := bencode.ParseDict(theirs)
	if (len(layers) > 0) != hybrid || !bytes.Equal(got.Get("piece layers"), want.Get("piece layers")) {
		t.Errorf("the piece layers are %q, want %q", got.Get("piece layers"), want.Get("piece layers"))
	}
}

func fetchFromUs(t *testing.T, c *Client, tor Torrent, torrentFile string) {
	copied := t.TempDir()
	output := runLT(t, "leech", torrentFile, copied, itoa(c.Status().Port))
	nextLine(t, output)
	nextLine(t, output)
	for _, f := range tor.Info().Files {
		want := read(t, tor, f.Index)
		got, err := os.ReadFile(filepath.Join(append([]string{copied, "site"}, f.Path...)...))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("libtorrent's %v differs: %v", f.Path, err)
		}
	}
}

// TestV2IsRefused: the metadata that libtorrent hands out for the shortened infohash of a v2 torrent gets a clear
// answer.
func TestV2IsRefused(t *testing.T) {
	needLibtorrent(t)
	parent, file := ltFile(t, "v2", 300_000, 0, 70_000)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseMetainfo(raw); engine.KindOf(err) != engine.Invalid ||
		!strings.Contains(engine.Message(err), "v1 or hybrid torrent") {
		t.Errorf("its file: %v", err)
	}
	seed := nextLine(t, runLT(t, "seed", file, parent))
	c := start(t, config(t))
	tor := add(t, c, Spec{Infohash: seed.Hash})
	tor.(*handle).addPeers(netip.IPv6Loopback(), loopback(seed.Port), dial.Given)
	refusedWith(t, c, tor, "v1 or hybrid torrent")
}
