package publish

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"wtptui/engine"
)

func sum(b []byte) string {
	s := sha1.Sum(b)
	return string(s[:])
}

// The expected dictionary is written out by hand after BEP 3: sorted keys, files in byte order of their paths, and
// nothing that depends on the machine.
func TestBuild(t *testing.T) {
	index := []byte("<h1>hello</h1>")
	big := bytes.Repeat([]byte("0123456789abcdef"), 1500) // one and a half pieces
	m, err := Build(t.Context(), fstest.MapFS{
		"index.html": {Data: index},
		"b/big.bin":  {Data: big},
		"B.txt":      {},
	}, "my site")
	if err != nil {
		t.Fatal(err)
	}
	stream := append(append([]byte{}, big...), index...)
	want := fmt.Sprintf("d5:filesld6:lengthi0e4:pathl5:B.txteed6:lengthi%de4:pathl1:b7:big.bineed6:lengthi%de4:pathl10:index.htmleee4:name7:my site12:piece lengthi16384e6:pieces40:%se",
		len(big), len(index), sum(stream[:16384])+sum(stream[16384:]))
	if string(m.Info) != want {
		t.Errorf("info dictionary:\n got %q\nwant %q", m.Info, want)
	}
	if m.Infohash != hex.EncodeToString([]byte(sum([]byte(want)))) {
		t.Errorf("infohash %s", m.Infohash)
	}
	if got := strings.Join(m.Paths, " "); got != "B.txt b/big.bin index.html" || m.Size != int64(len(stream)) {
		t.Errorf("paths %s, size %d", got, m.Size)
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, fsys := range map[string]fs.FS{
		"empty":   fstest.MapFS{},
		"symlink": fstest.MapFS{"a": {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink}},
		"pipe":    fstest.MapFS{"a": {Mode: fs.ModeNamedPipe}},
	} {
		if _, err := Build(t.Context(), fsys, name); engine.KindOf(err) != engine.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Build(ctx, fstest.MapFS{"a": {Data: []byte("x")}}, "x"); err == nil {
		t.Error("a cancelled build went on")
	}
}

func TestPieceLength(t *testing.T) {
	for size, want := range map[int64]int64{
		0: 16 << 10, 600_000: 16 << 10, 32 << 20: 32 << 10, 1 << 30: 1 << 20, 1 << 50: 16 << 20,
	} {
		if got := pieceLength(size); got != want {
			t.Errorf("pieceLength(%d) = %d, want %d", size, got, want)
		}
	}
}
