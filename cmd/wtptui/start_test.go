package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// maxInitAllocation is how many bytes one of our packages may allocate before main, maxAllAllocation how many all that
// are linked may allocate together.
const (
	maxInitAllocation = 24 << 10
	maxAllAllocation  = 720 << 10
)

// Expressions and templates that are compiled in package variables make every command slower. They are compiled at
// their first use instead, with sync.OnceValue.
func TestInitialization(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), buildStripped(t, dir, "wtptui", "."), "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace strings.Builder
	cmd.Stderr = &trace
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, trace.String())
	}
	ours, all := 0, 0
	for line := range strings.Lines(trace.String()) {
		var pkg string
		var at, elapsed float64
		var bytes int
		_, err := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes", &pkg, &at, &elapsed, &bytes)
		if err != nil {
			continue
		}
		all += bytes
		if !strings.HasPrefix(pkg, "wtptui/") {
			continue
		}
		ours++
		if bytes > maxInitAllocation {
			t.Errorf("%s allocates %d bytes before main", pkg, bytes)
		}
	}
	if all > maxAllAllocation {
		t.Errorf("%d bytes are allocated before main, more than %d: GODEBUG=inittrace=1 says by whom",
			all, maxAllAllocation)
	}
	if ours < 20 {
		t.Errorf("only %d of the packages are of this module", ours)
	}
}

// emptyProgram starts, prints a line and ends: no program in Go does less.
const emptyProgram = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"wtptui\") }\n"

// BenchmarkStart compares the time of some commands with that of a program that does nothing, started alternately. Most
// of the time is the initialization of what is linked in. Its most expensive part is the first access to pages of
// memory, which the kernel counts as page faults.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	empty := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(empty, []byte(emptyProgram), 0o600); err != nil {
		b.Fatal(err)
	}
	less := copyProgram(b, buildStripped(b, dir, "empty", empty))
	all := copyProgram(b, buildStripped(b, dir, "wtptui", "."))
	for _, args := range [][]string{{"version"}, {"--help"}, {"ls", "--help"}, {"__complete", "pin", ""}} {
		b.Run(args[0], func(b *testing.B) {
			var nothing, ours []time.Duration
			var faults []int64
			for b.Loop() {
				elapsed, _ := timeRun(b, dir, less)
				nothing = append(nothing, elapsed)
				elapsed, fault := timeRun(b, dir, all, args...)
				ours, faults = append(ours, elapsed), append(faults, fault)
			}
			slices.Sort(nothing)
			slices.Sort(ours)
			slices.Sort(faults)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(faults[len(faults)/2]), "faults")
			b.ReportMetric(float64(ours[len(ours)/2])/float64(nothing[len(nothing)/2]), "x-empty")
			b.ReportMetric(ours[len(ours)/2].Seconds()*1000, "ms")
		})
	}
}

// buildStripped builds a program like `make build`.
func buildStripped(t testing.TB, dir, name, source string) string {
	t.Helper()
	program := filepath.Join(dir, name+".exe") // Only Windows needs the suffix.
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// copyProgram copies a program, as one that is installed was copied. A file as the linker has written it is in smaller
// parts in memory, which slows down each start by a tenth, or not, by chance.
func copyProgram(b *testing.B, program string) string {
	b.Helper()
	content, err := os.ReadFile(program)
	to := strings.TrimSuffix(program, ".exe") + "-copy.exe"
	if err == nil {
		err = os.WriteFile(to, content, 0o700)
	}
	if err != nil {
		b.Fatal(err)
	}
	return to
}

// timeRun returns how long a program runs that has a data folder of its own, and how many faults it had.
func timeRun(b *testing.B, dir, program string, args ...string) (elapsed time.Duration, faults int64) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Env = append(os.Environ(), "WTPTUI_DATA_DIR="+filepath.Join(dir, "data"))
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	elapsed = time.Since(begin)
	if err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return elapsed, pageFaults(cmd.ProcessState)
}
