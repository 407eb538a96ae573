package peers

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

//go:embed internet.sh
var internetScript string

// What there is in an internet, besides the test and what it starts.
const (
	HomeDomain  = "wtp.test"
	HomeName    = "site." + HomeDomain // is known to everybody in it, as that of the other machine
	HomeAddress = "20.20.20.1"         // of that machine

	HomeAddress6 = "2600:20::1" // the same over IPv6, where there is that
)

// HomeNames returns more names of the other machine.
func HomeNames() []string {
	const known = 12 // See internet.sh.
	names := make([]string, known)
	for i := range names {
		names[i] = fmt.Sprintf("site%d.%s", i+1, HomeDomain)
	}
	return names
}

// Hosts6 are the IPv6 addresses of this machine of an internet.
var Hosts6 = [...]string{"[2600:20::2]", "[2600:20::3]"}

// Variables of the environment by which a test in an internet knows that it is there, what has been tried already, and
// where the program is.
const (
	internetOf     = "WTPTUI_E2E_INTERNET"
	internetTools  = "WTPTUI_E2E_INTERNET_TOOLS"
	internetBinary = "WTPTUI_E2E_INTERNET_BINARY"
)

// InInternet has a test run in an internet of two machines with public addresses: this one, and one on which
// OnHomeMachine starts programs. On loopback most clients call nobody, and a name leads nowhere.
//
// It runs the test once more, in a process of its own, and returns false when that has ended; there it returns true.
// The rest of the test is for that process alone. bin is the program of this source tree, and tools are what the test
// needs. Both are looked at only once.
//
// A benchmark reports the figures of that process as its own.
func InInternet(t testing.TB, bin string, tools ...Tool) bool {
	t.Helper()
	tools = append([]Tool{IPRoute2}, tools...)
	Require(t, tools...)
	if os.Getenv(internetOf) == t.Name() {
		endWithParent()
		return true
	}
	try := exec.Command("unshare", "--map-root-user", "--net", "--mount", findSystemProgram("ip"), "link")
	if out, err := try.CombinedOutput(); err != nil {
		t.Skipf("needs a network namespace of its own: %v: %s", err, out)
	}
	cmd := rerunInInternet(t)
	cmd.Env = append(os.Environ(), internetOf+"="+t.Name(), internetBinary+"="+bin, internetTools+"="+joinTools(tools))
	if _, err := cmd.StdinPipe(); err != nil { // It is there for as long as this process is.
		t.Fatal(err)
	}
	var out strings.Builder
	cmd.Stdout = &out
	p := newProcess(cmd)
	p.start(t)
	<-p.exited
	t.Logf("in an internet:\n%s", &out)
	if p.err != nil {
		t.Errorf("the test in an internet: %v", p.err)
	}
	if b, ok := t.(*testing.B); ok {
		reportMetrics(b, out.String())
	}
	return false
}

// reportMetrics reports the metrics that a benchmark has printed.
func reportMetrics(b *testing.B, out string) {
	for b.Loop() { // One that has not looped is run again.
		continue
	}
	b.ReportMetric(0, "ns/op")
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if !strings.HasPrefix(line, b.Name()) || len(fields) < 2 {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 { // After the name and the number of rounds.
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				b.ReportMetric(value, fields[i+1])
			}
		}
	}
}

// rerunInInternet returns the command that runs the test again, in an internet.
func rerunInInternet(t testing.TB) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--map-root-user", "--net", "--mount", "sh", writeScript(t, "internet.sh", internetScript), PlainDir(t), self,
	}
	if _, ok := t.(*testing.B); ok {
		args = append(args, "-test.run=^$", "-test.bench=^"+t.Name()+"$",
			"-test.benchtime="+flag.Lookup("test.benchtime").Value.String())
	} else {
		// Most of the time, most of its subtests wait for clients.
		args = append(args, "-test.run=^"+t.Name()+"$"+subtestPattern(), "-test.v", "-test.parallel=20")
	}
	limited, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return exec.Command("unshare", args...)
	}
	if deadline, ok := limited.Deadline(); ok {
		const sooner = 5 * time.Second // It says where it waits before this process does.
		args = append(args, "-test.timeout="+(time.Until(deadline)-sooner).String())
	}
	return exec.Command("unshare", args...)
}

func joinTools(tools []Tool) string {
	var names []string
	for _, tool := range tools {
		names = append(names, string(tool))
	}
	return strings.Join(names, ",")
}

// subtestPattern returns the part of -run that selects the subtests of one test. If several tests are selected, all of
// their subtests run.
func subtestPattern() string {
	run := flag.Lookup("test.run").Value.String()
	if _, sub, found := strings.Cut(run, "/"); found && !strings.Contains(run, "|") {
		return "/" + sub
	}
	return ""
}

// endWithParent ends this process when the one that started it has ended.
func endWithParent() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
}

func isInInternet() bool { return os.Getenv(internetOf) != "" }

// InternetBinary returns the program that InInternet was given.
func InternetBinary() string { return os.Getenv(internetBinary) }

// triedInInternet reports whether a tool is known to work: its trial would need addresses of loopback, or seconds.
func (tool Tool) triedInInternet() bool {
	return slices.Contains(strings.Split(os.Getenv(internetTools), ","), string(tool))
}

// OnHomeMachine returns a program that runs another one on the other machine of an internet, whose address is
// HomeAddress.
func OnHomeMachine(t testing.TB, bin string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "at-home")
	text := fmt.Sprintf("#!/bin/sh\nexec nsenter --net=/run/netns/home '%s' \"$@\"\n", bin)
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

var hostsUsed atomic.Int32

// FreeHost returns an address of this machine of an internet that was not returned before: a client that is alone at
// its address looks like another machine to its peers.
func FreeHost(t testing.TB) string {
	t.Helper()
	const first, last = 129, 254
	n := first + int(hostsUsed.Add(1)) - 1
	if n > last {
		t.Fatal("peers: an internet has no more addresses")
	}
	return fmt.Sprintf("20.20.20.%d", n)
}
