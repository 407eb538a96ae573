package swarm

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anacrolix/torrent/metainfo"

	"wtptui/engine/swarm/dial"
)

// leecherEnv makes the test binary a bare leecher, so that its memory is a leecher's alone.
const leecherEnv = "SWARM_TEST_LEECHER"

// leecherTask is what a leecher process does.
type leecherTask struct {
	Dir, Torrent string
	Ports        []int
	Profile      string // where to write a CPU profile, if anywhere
}

// leecherDone is the result that the leecher process prints.
type leecherDone struct {
	Seconds, CPU float64
	// PeakRSS is the most memory that it had, in bytes.
	PeakRSS int64
}

// durable is a Completion that survives a power cut, as the real one does: each Set ends with a flush.
type durable struct {
	memory
	file *os.File
}

func (d *durable) Set(h [20]byte, pieces []int, complete bool) error {
	b, err := json.Marshal(pieces)
	if err != nil {
		return err
	}
	if _, err := d.file.Write(b); err != nil {
		return err
	}
	if err := d.file.Sync(); err != nil {
		return err
	}
	return d.memory.Set(h, pieces, complete)
}

func leecherMain() int {
	var task leecherTask
	if err := json.Unmarshal([]byte(os.Getenv(leecherEnv)), &task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	done, err := leech(task)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_ = json.NewEncoder(os.Stdout).Encode(done)
	return 0
}

func leech(task leecherTask) (done leecherDone, err error) {
	raw, err := os.ReadFile(task.Torrent)
	if err != nil {
		return done, err
	}
	m, err := ParseMetainfo(raw)
	if err != nil {
		return done, err
	}
	f, err := os.Create(filepath.Join(task.Dir, "completion"))
	if err != nil {
		return done, err
	}
	defer f.Close()
	c, err := New(Config{Dir: filepath.Join(task.Dir, "data"), Completion: &durable{file: f}, PeerHost: "127.0.0.1"})
	if err != nil {
		return done, err
	}
	defer c.Close()
	tor, err := c.Add(Spec{Infohash: m.Infohash, Info: m.Info})
	if err != nil {
		return done, err
	}
	if task.Profile != "" {
		p, err := os.Create(task.Profile)
		if err != nil {
			return done, err
		}
		defer p.Close()
		if err := pprof.StartCPUProfile(p); err != nil {
			return done, err
		}
		defer pprof.StopCPUProfile()
	}
	begin, used := time.Now(), cpuTime()
	for _, port := range task.Ports {
		tor.(*handle).addPeers(netip.IPv6Loopback(), loopback(port), dial.Given)
	}
	for !complete(tor) {
		time.Sleep(10 * time.Millisecond)
	}
	done.Seconds, done.CPU = time.Since(begin).Seconds(), (cpuTime() - used).Seconds()
	done.PeakRSS = memoryOf("VmHWM")
	return done, nil
}

// memoryOf reads a line of /proc/self/status: VmRSS is what the process has now, VmHWM the most it ever had.
func memoryOf(name string) int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, name+": %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	return 0
}

// BenchmarkDownload fetches 1 GiB from libtorrent seeds over TCP on loopback, in turns with libtorrent and with this
// client, whose data is flushed and whose completion is recorded durably. Take several turns (-benchtime 7x): the
// medians are compared.
func BenchmarkDownload(b *testing.B) {
	if testing.Short() || runtime.GOOS != "linux" {
		b.Skip("takes gigabytes and /proc")
	}
	needLibtorrent(b)
	const size = 1 << 30
	parent := b.TempDir()
	folder := filepath.Join(parent, "site")
	randomFile(b, filepath.Join(folder, "data"), size)
	file := filepath.Join(parent, "v1.torrent")
	if out, err := exec.Command(python, script, "make", file, folder, "v1").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, seeds := range []int{1, 4, 20} {
		b.Run("seeds="+itoa(seeds), func(b *testing.B) {
			ports := make([]int, seeds)
			for i := range ports {
				ports[i] = nextLine(b, runLT(b, "seed", file, parent)).Port
			}
			theirTurn := func() ltLine {
				output := runLT(b, "leech", file, freshDir(b), commas(ports))
				nextLine(b, output)
				return nextLine(b, output)
			}
			theirTurn() // the seeds read their file for the first time
			var theirs, ours, theirCPU, ourCPU []float64
			var rss int64
			for b.Loop() {
				output := theirTurn()
				theirs, theirCPU = append(theirs, output.Seconds), append(theirCPU, output.CPU)
				done := runLeecher(b, leecherTask{
					Dir: freshDir(b), Torrent: file, Ports: ports, Profile: os.Getenv("SWARM_BENCH_PROFILE"),
				})
				ours, ourCPU = append(ours, done.Seconds), append(ourCPU, done.CPU)
				rss = max(rss, done.PeakRSS)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(size/median(ours)/1e6, "MB/s")
			b.ReportMetric(size/median(theirs)/1e6, "libtorrent-MB/s")
			b.ReportMetric(median(theirs)/median(ours), "×libtorrent")
			b.ReportMetric(median(ourCPU), "CPU-s")
			b.ReportMetric(median(ourCPU)/median(theirCPU), "×libtorrent's-CPU")
			b.ReportMetric(float64(rss)/1e6, "peak-RSS-MB")
		})
	}
}

// median returns the median, which ignores turns in which the machine was unusually busy or idle.
func median(seconds []float64) float64 {
	slices.Sort(seconds)
	n := len(seconds)
	return (seconds[(n-1)/2] + seconds[n/2]) / 2
}

// freshDir returns an empty folder on a quiet disk: what the turn before has written is removed, not waited for.
func freshDir(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(os.TempDir(), "swarm-bench-"+itoa(os.Getpid()))
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	waitForDisk()
	return dir
}

func randomFile(b *testing.B, path string, size int64) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if _, err := io.CopyN(f, rand.Reader, size); err != nil {
		b.Fatal(err)
	}
}

func runLeecher(b *testing.B, task leecherTask) (done leecherDone) {
	b.Helper()
	env, err := json.Marshal(task)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), leecherEnv+"="+string(env))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &done)
	}
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return done
}

const benchSites, benchFiles = 1000, 10

// thousand makes the sites of the benchmarks, with data on disk that is known to be complete.
func thousand() []*site {
	sites := make([]*site, benchSites)
	for i := range sites {
		s := &site{}
		for j := range benchFiles {
			content := make([]byte, 8<<10)
			binary.BigEndian.PutUint64(content, uint64(i*benchFiles+j))
			s.files = append(s.files, content)
		}
		sites[i] = s
	}
	return sites
}

// BenchmarkThousandSites adds 1,000 complete torrents of ten files after a clean exit, until all are seeding, and then
// measures what they cost at rest: memory, processor time over ten seconds with their numbers read twice a second, and
// one such reading.
func BenchmarkThousandSites(b *testing.B) {
	cfg := config(b)
	sites := prepareThousand(b, cfg)
	var added, stats, cpu, rss float64
	for b.Loop() {
		begin := time.Now()
		c, err := New(cfg)
		if err != nil {
			b.Fatal(err)
		}
		torrents := make([]Torrent, len(sites))
		for i, s := range sites {
			torrents[i] = add(b, c, Spec{Infohash: s.hash, Info: s.info})
		}
		for _, tor := range torrents {
			ready(b, tor)
			if !complete(tor) || tor.Stats().Checking {
				b.Fatal("a site is not seeding")
			}
		}
		added += time.Since(begin).Seconds()
		runtime.GC()
		rss = max(rss, float64(memoryOf("VmRSS")))
		begin = time.Now()
		for _, tor := range torrents {
			tor.Stats()
		}
		stats += time.Since(begin).Seconds()
		cpu += idleCPU(torrents)
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
	n := float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(added/n, "s-until-all-seed")
	b.ReportMetric(stats/n*1e6, "µs/1000-stats")
	b.ReportMetric(cpu/n*100, "%CPU-idle")
	b.ReportMetric(rss/1e6, "RSS-MB")
}

func prepareThousand(b *testing.B, cfg Config) []*site {
	b.Helper()
	sites := thousand()
	c, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	for i, s := range sites {
		info := metainfo.Info{Name: itoa(i), PieceLength: 16 << 10}
		for j, f := range s.files {
			info.Files = append(info.Files, metainfo.FileInfo{Path: []string{itoa(j) + ".html"}, Length: int64(len(f))})
		}
		s.seal(b, info)
		dir := filepath.Join(cfg.Dir, s.hash)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			b.Fatal(err)
		}
		for j, f := range s.files {
			// Not Import, which flushes each file.
			if err := os.WriteFile(filepath.Join(dir, itoa(j)), f, 0o600); err != nil {
				b.Fatal(err)
			}
		}
		add(b, c, Spec{Infohash: s.hash, Info: s.info})
		s.files = nil
	}
	for _, s := range sites {
		eventually(b, "verified", func() bool { return complete(c.torrents.get(s.raw())) })
	}
	if err := c.Close(); err != nil {
		b.Fatal(err)
	}
	return sites
}

// idleCPU reads all numbers twice a second for ten seconds, and returns the share of one processor that this used.
func idleCPU(torrents []Torrent) float64 {
	const readings = 20
	begin, used := time.Now(), cpuTime()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for range readings {
		<-tick.C
		for _, tor := range torrents {
			tor.Stats()
		}
	}
	return (cpuTime() - used).Seconds() / time.Since(begin).Seconds()
}

// commas puts numbers in one word.
func commas(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = itoa(n)
	}
	return strings.Join(words, ",")
}
