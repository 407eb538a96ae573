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

// maxInitAllocation is how many bytes one of our packages may allocate before main.
const maxInitAllocation = 24 << 10

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
	ours := 0
	for line := range strings.Lines(trace.String()) {
		var pkg string
		var at, elapsed float64
		var bytes int
		_, err := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes", &pkg, &at, &elapsed, &bytes)
		if err != nil || !strings.HasPrefix(pkg, "wtptui/") {
			continue
		}
		ours++
		if bytes > maxInitAllocation {
			t.Errorf("%s allocates %d bytes before main", pkg, bytes)
		}
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
	less, all := buildStripped(b, dir, "empty", empty), buildStripped(b, dir, "wtptui", ".")
	for _, args := range [][]string{{"version"}, {"--help"}, {"ls", "--help"}, {"__complete", "pin", ""}} {
		b.Run(args[0], func(b *testing.B) {
			var nothing, ours []time.Duration
			for b.Loop() {
				nothing = append(nothing, timeRun(b, dir, less))
				ours = append(ours, timeRun(b, dir, all, args...))
			}
			slices.Sort(nothing)
			slices.Sort(ours)
			b.ReportMetric(0, "ns/op")
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

// timeRun returns how long a program runs with a data folder of its own.
func timeRun(b *testing.B, dir, program string, args ...string) time.Duration {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Env = append(os.Environ(), "WTPTUI_DATA_DIR="+filepath.Join(dir, "data"))
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	elapsed := time.Since(begin)
	if err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return elapsed
}
