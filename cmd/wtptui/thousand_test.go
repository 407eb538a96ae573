//go:build !windows

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/creack/pty"

	"wtptui/cmd/wtptui/e2e/peers"
	"wtptui/engine"
	"wtptui/localserve/control"
)

// BenchmarkThousandPinnedSites starts the program on a data folder with a thousand sites of ten files, after a clean
// exit. It reports the time until all sites are seeding, the memory then (RSS, in MB of a million bytes), the share of
// a core that an idle program uses, and the time to a dashboard's first frame. It does so alone, after the database was
// lost, and with a WebTorrent tracker that gets announces of all sites. It reads /proc, so it needs Linux.
func BenchmarkThousandPinnedSites(b *testing.B) {
	bin, dir, env, hosts := prepareSites(b, 1000)
	b.Run("Alone", func(b *testing.B) {
		for b.Loop() {
			measureIdle(b, bin, dir, env, 1000, func() {})
			b.ReportMetric(float64(firstFrame(b, bin, env).Milliseconds()), "ms-first-frame")
		}
		b.ReportMetric(0, "ns/op")
	})
	b.Run("LostDatabase", func(b *testing.B) {
		for b.Loop() {
			if err := os.Remove(filepath.Join(dir, databaseName)); err != nil {
				b.Fatal(err)
			}
			measureIdle(b, bin, dir, env, 1000, func() {})
		}
		b.ReportMetric(0, "ns/op")
	})
	b.Run("AtWebTracker", func(b *testing.B) {
		for b.Loop() {
			tracker := peers.StartTracker(b, peers.TrackerOptions{})
			measureIdle(b, bin, dir, append(env, "WTPTUI_TRACKER="+tracker.WS), 1000, func() {
				for _, host := range hosts {
					tracker.WaitEvent(b, 2*time.Minute, host, peers.Started, 0)
				}
			})
		}
		b.ReportMetric(0, "ns/op")
	})
}

// BenchmarkManyPinnedSites does the same with ten and twenty times as many sites, without the variants. The cost should
// grow more slowly than the number of sites.
func BenchmarkManyPinnedSites(b *testing.B) {
	for _, n := range []int{10_000, 20_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			bin, dir, env, _ := prepareSites(b, n)
			for b.Loop() {
				measureIdle(b, bin, dir, env, n, func() {})
				b.ReportMetric(float64(firstFrame(b, bin, env).Milliseconds()), "ms-first-frame")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// prepareSites builds the program and fills a data folder for it.
func prepareSites(b *testing.B, n int) (bin, dir string, env, hosts []string) {
	b.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		b.Skip("needs /proc")
	}
	bin, err := peers.Build(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	dir = b.TempDir()
	hosts = publishSites(b, dir, n)
	return bin, dir, append(isolatedEnv(dir), "WTPTUI_LOG_LEVEL=error", "WTPTUI_STUN=none"), hosts
}

// measureIdle runs the program on a folder with the given number of sites, and measures it while it is idle.
// waitUntilIdle returns when it has nothing more to do.
func measureIdle(b *testing.B, bin, dir string, env []string, sites int, waitUntilIdle func()) {
	b.Helper()
	start := time.Now()
	cmd := exec.Command(bin, "serve")
	cmd.Env = env
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	awaitSeeding(b, dir, sites)
	b.ReportMetric(time.Since(start).Seconds(), "s-to-seeding")
	waitUntilIdle()
	before := cpuTime(b, cmd.Process.Pid)
	const idle = 10 * time.Second
	<-time.After(idle) // The program is idle meanwhile.
	b.ReportMetric(100*(cpuTime(b, cmd.Process.Pid)-before).Seconds()/idle.Seconds(), "%core-idle")
	b.ReportMetric(float64(residentMemory(b, cmd.Process.Pid))/1e6, "MB-RSS")
	endProcess(b, cmd)
}

// publishSites fills a data folder like the program itself.
func publishSites(b testing.TB, dir string, n int) (hosts []string) {
	b.Helper()
	folder, err := lockDataFolder(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer folder.lock.Close()
	s, err := defaultSettings()
	if err != nil {
		b.Fatal(err)
	}
	s.DataDir, s.Listen, s.PeerHost, s.PeerPort = dir, "127.0.0.1:0", "127.0.0.1", 0
	s.NoDHT, s.NoLSD, s.NoUPnP = true, true, true
	s.Trackers = nil
	node, err := startNode(b.Context(), s, folder, slog.New(slog.DiscardHandler), control.StopHandler{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range n - 1 { // the welcome site is one of them
		site := fstest.MapFS{}
		for j := range 10 {
			site[fmt.Sprintf("page%d.html", j)] = &fstest.MapFile{Data: []byte(strings.Repeat(strconv.Itoa(i*10+j), 3000))}
		}
		s, err := node.engine.Ship(b.Context(), site, "site "+strconv.Itoa(i))
		if err != nil {
			b.Fatal(err)
		}
		hosts = append(hosts, s.Host)
	}
	awaitSeeding(b, dir, n)
	if err := node.close(context.Background()); err != nil {
		b.Fatal(err)
	}
	return hosts
}

// awaitSeeding watches the process that has locked the folder until n sites are seeding.
func awaitSeeding(b testing.TB, dir string, n int) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	client, err := awaitStart(ctx, dir)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	snapshots, err := client.Watch(ctx)
	if err != nil {
		b.Fatal(err)
	}
	seeding := 0
	for s := range snapshots {
		seeding = 0
		for _, site := range s.Sites {
			if site.State == engine.Seeding {
				seeding++
			}
		}
		if seeding == n {
			return
		}
	}
	b.Fatalf("%d of %d sites are seeding", seeding, n)
}

// firstFrame starts a dashboard in a terminal and returns the time until it has drawn the program's name.
func firstFrame(b *testing.B, bin string, env []string) time.Duration {
	b.Helper()
	cmd := exec.Command(bin)
	cmd.Env = env
	start := time.Now()
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 36, Cols: 120})
	if err != nil {
		b.Skipf("no terminals here: %v", err)
	}
	defer tty.Close()
	var all strings.Builder
	buf := make([]byte, 32<<10)
	for !strings.Contains(all.String(), "wtptui") {
		n, err := tty.Read(buf)
		if err != nil {
			b.Fatal(err)
		}
		all.Write(buf[:n])
	}
	elapsed := time.Since(start)
	drained := make(chan struct{})
	go func() { defer close(drained); _, _ = io.Copy(io.Discard, tty) }()
	endProcess(b, cmd)
	<-drained
	return elapsed
}

func endProcess(b testing.TB, cmd *exec.Cmd) {
	b.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
}

// cpuTime returns the CPU time of a process over all cores, user and system.
func cpuTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// The name in parentheses may contain anything. Fields 14 and 15 are times in hundredths of a second, see proc(5).
	fields := strings.Fields(string(stat)[strings.LastIndexByte(string(stat), ')')+1:])
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		b.Fatal(err1, err2)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// residentMemory returns the resident memory of a process, in bytes.
func residentMemory(b *testing.B, pid int) int64 {
	b.Helper()
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		b.Fatal(err)
	}
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
