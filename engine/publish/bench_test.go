package publish

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// benchTree writes n files of that size, over folders of a hundred.
func benchTree(b *testing.B, n, size int) string {
	b.Helper()
	content := strings.Repeat("0123456789abcdef", size/16+1)[:size]
	dir := tree(b, "site", map[string]string{"index.html": "x"})
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
			dir := benchTree(b, c.n, c.size)
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

// timeMktorrent gives the best of three.
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
		if text, err := exec.Command("mktorrent", "-t", strconv.Itoa(runtime.GOMAXPROCS(0)), "-l", strconv.Itoa(exponent), "-o", out, dir).CombinedOutput(); err != nil {
			b.Fatalf("mktorrent: %v\n%s", err, text)
		}
		best = min(best, time.Since(start))
	}
	return best
}

// BenchmarkCheck looks into 20,000 pages.
func BenchmarkCheck(b *testing.B) {
	f := open(b, benchTree(b, 20_000, 2000))
	for b.Loop() {
		check1(b, f, Rules{})
	}
}
