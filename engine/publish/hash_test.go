package publish

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
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
func TestHash(t *testing.T) {
	index := []byte("<h1>hello</h1>")
	big := bytes.Repeat([]byte("0123456789abcdef"), 1500) // one and a half pieces
	f := OpenEmbedded(fstest.MapFS{
		"index.html": {Data: index},
		"b/big.bin":  {Data: big},
		"B.txt":      {},
	}, "my site")
	p := check1(t, f, Rules{})
	m := hash1(t, f, p, nil)
	stream := append(append([]byte{}, big...), index...)
	const format = "d5:filesld6:lengthi0e4:pathl5:B.txteed6:lengthi%de4:pathl1:b7:big.binee" +
		"d6:lengthi%de4:pathl10:index.htmleee4:name7:my site12:piece lengthi16384e6:pieces40:%se"
	want := fmt.Sprintf(format, len(big), len(index), sum(stream[:16384])+sum(stream[16384:]))
	if string(m.Info) != want {
		t.Errorf("info dictionary:\n got %q\nwant %q", m.Info, want)
	}
	if m.Infohash != hex.EncodeToString([]byte(sum([]byte(want)))) || m.Pieces != 2 || m.PieceLength != 16384 {
		t.Errorf("%s, %d pieces of %d", m.Infohash, m.Pieces, m.PieceLength)
	}
	if got := strings.Join(filePaths(p), " "); got != "B.txt b/big.bin index.html" || p.Size != int64(len(stream)) {
		t.Errorf("paths %s, size %d", got, p.Size)
	}
}

// noise returns files of many sizes, some empty, with several megabytes in all.
func noise(seed uint64) map[string]string {
	r := rand.New(rand.NewPCG(seed, 1))
	files := map[string]string{"index.html": "<p>hi"}
	for i := range 120 {
		size := []int{0, 1, 100, 16384, 16385, 70_000, 200_000}[r.IntN(7)]
		b := make([]byte, size)
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		files[fmt.Sprintf("%c/%03d.bin", 'a'+i%5, i)] = string(b)
	}
	return files
}

// The workers compute the same hashes as a plain loop over all bytes.
func TestHashEqualsHashOfTheStream(t *testing.T) {
	files := noise(7)
	f := open(t, writeTree(t, "site", files))
	p := check1(t, f, Rules{})
	var stream []byte
	for _, file := range p.Files {
		stream = append(stream, files[file.Path]...)
	}
	var want []byte
	for chunk := range slices.Chunk(stream, int(pieceLength(p.Size))) {
		want = append(want, sum(chunk)...)
	}
	counted := &Meter{report: func(engine.PublishProgress) {}}
	h := newHasher(p, opener(f, p), nil, counted)
	if err := h.hashAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(h.hashes, want) {
		t.Error("the hashes of the pieces are wrong")
	}
	if counted.now.Files != len(p.Files) || counted.now.Bytes != p.Size {
		t.Errorf("counted %+v of %d files, %d bytes", counted.now, len(p.Files), p.Size)
	}
}

func TestHashErrors(t *testing.T) {
	dir := writeTree(t, "site", map[string]string{"index.html": "hello", "b": "b"})
	f := open(t, dir)
	p := check1(t, f, Rules{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Hash(ctx, p, opener(f, p), nil, nil); err == nil {
		t.Error("a cancelled one went on")
	}
	write(t, dir, "b", "longer")
	_, err := Hash(t.Context(), p, opener(f, p), nil, nil)
	expectKind(t, err, engine.Conflict)
	p.Files[0].Size = 2 // As if it had been cut off after it was opened.
	p.Size++
	open := func(int) (Bytes, error) { return nopBytes{bytes.NewReader([]byte("x"))}, nil }
	_, err = Hash(t.Context(), p, open, nil, nil)
	expectKind(t, err, engine.Conflict)
}

type nopBytes struct{ *bytes.Reader }

func (nopBytes) Close() error { return nil }

func TestPieceLength(t *testing.T) {
	for size, want := range map[int64]int64{
		0: 16 << 10, 600_000: 16 << 10, 32 << 20: 32 << 10, 1 << 30: 1 << 20, 1 << 50: 16 << 20,
	} {
		if got := pieceLength(size); got != want {
			t.Errorf("pieceLength(%d) = %d, want %d", size, got, want)
		}
	}
}
