package publish

import (
	"bytes"
	"crypto/sha1" // BEP 3 defines the piece hashes as SHA-1.
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// writeBenchTree writes n files of that size, in folders of a hundred.
func writeBenchTree(b *testing.B, n, size int) string {
	b.Helper()
	content := strings.Repeat("0123456789abcdef", size/16+1)[:size]
	dir := writeTree(b, "site", map[string]string{"index.html": "x"})
	for i := range n {
		write(b, dir, fmt.Sprintf("%03d/%03d.html", i/100, i%100), content)
	}
	return dir
}

// BenchmarkMktorrent makes torrents of the same folders in the page cache as mktorrent does, with the same threads and
// piece length, and reports how much faster this is, best against best: 1 is as fast.
func BenchmarkMktorrent(b *testing.B) {
	for _, c := range []struct {
		name    string
		n, size int
	}{{"1GiB", 64, 16 << 20}, {"20000files", 20_000, 2000}} {
		b.Run(c.name, func(b *testing.B) {
			dir := writeBenchTree(b, c.n, c.size)
			b.SetBytes(int64(c.n * c.size))
			theirs := timeMktorrent(b, dir, pieceLength(int64(c.n*c.size)))
			ours := time.Hour
			for b.Loop() {
				start := time.Now()
				f, err := Open(dir)
				if err != nil {
					b.Fatal(err)
				}
				// mktorrent looks into no file, so neither does this.
				p := check1(b, f, Rules{Known: func(File) bool { return true }})
				hash1(b, f, p, nil)
				_ = f.Close()
				ours = min(ours, time.Since(start))
			}
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "x-mktorrent")
		})
	}
}

// timeMktorrent returns the best of three times.
func timeMktorrent(b *testing.B, dir string, piece int64) time.Duration {
	b.Helper()
	if _, err := exec.LookPath("mktorrent"); err != nil {
		b.Skip("needs mktorrent: apt-get install mktorrent")
	}
	exponent := 0
	for piece > 1 {
		piece, exponent = piece/2, exponent+1
	}
	best := time.Hour
	for i := range 3 {
		out := filepath.Join(b.TempDir(), strconv.Itoa(i)+".torrent")
		start := time.Now()
		threads := strconv.Itoa(runtime.GOMAXPROCS(0))
		cmd := exec.Command("mktorrent", "-t", threads, "-l", strconv.Itoa(exponent), "-o", out, dir)
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("mktorrent: %v\n%s", err, text)
		}
		best = min(best, time.Since(start))
	}
	return best
}

// BenchmarkCheck checks 20,000 pages.
func BenchmarkCheck(b *testing.B) {
	f := open(b, writeBenchTree(b, 20_000, 2000))
	for b.Loop() {
		check1(b, f, Rules{})
	}
}

// BenchmarkSearch looks for secrets in what folders are full of, and reports how many times as fast that is as hashing
// the same bytes with SHA-1 and SHA-256 is, best against best: while it is more than 1, the check is not what takes the
// time.
func BenchmarkSearch(b *testing.B) {
	const size = 8 << 20
	random := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(random) //nolint:errcheck // It never fails.
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		b.Fatal(err)
	}
	page := bytes.Repeat(text, size/len(text))
	integers := make([]byte, size)
	for i := 0; i < size; i += 4 {
		integers[i], integers[i+1] = random[i], random[i+1]
	}
	for _, c := range []struct {
		name    string
		content []byte
	}{
		{"text", page},
		{"utf-16", []byte(toUTF16(string(page[:size/2]), binary.LittleEndian))},
		{"random", random},
		{"integers", integers},
		{"zeros", make([]byte, size)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.content)))
			l := &scanner{check: &check{}, buf: make([]byte, windowSize)}
			file := File{Path: "x", Size: int64(len(c.content))}
			ours, hashing := time.Hour, time.Hour
			for b.Loop() {
				start := time.Now()
				found, err := l.scanContent(b.Context(), file, bytes.NewReader(c.content))
				if err != nil || found != (secretSearch{}) {
					b.Fatal(found, err)
				}
				ours = min(ours, time.Since(start))
				start = time.Now()
				sha1.Sum(c.content) // It is what BEP 3 has.
				sha256.Sum256(c.content)
				hashing = min(hashing, time.Since(start))
			}
			b.ReportMetric(hashing.Seconds()/ours.Seconds(), "x-hashing")
			b.ReportMetric(float64(len(c.content))/ours.Seconds()/1e6, "MB/s-best")
		})
	}
}
