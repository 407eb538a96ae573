package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Outside the standard library nothing is C, C++ or cgo, neither in the program nor in its tests, even with cgo
// enabled. So the first build is quick, and it makes no difference for the tests whether there is a C compiler.
func TestNoC(t *testing.T) {
	t.Parallel()
	found := false
	for _, p := range goList(t, []string{"CGO_ENABLED=1"}, "-deps", "-test", "./cmd/wtptui", "./...") {
		found = found || p.ImportPath == "github.com/anacrolix/torrent/metainfo"
		if foreign := p.foreign(); !p.Standard && len(foreign) > 0 {
			t.Errorf("%s has %v", p.ImportPath, foreign)
		}
	}
	if !found {
		t.Error("the wire formats are not in the list: it is not what the program is built of")
	}
}

// notLinked are packages that must not be linked into the program; "x/..." is x and all packages below it. Whatever is
// linked is initialized at every start.
var notLinked = []struct{ pkg, why string }{
	{"github.com/anacrolix/torrent", "the library's client: engine/swarm is ours, and only uses the formats below"},
	{"github.com/anacrolix/torrent/storage/...", "the client's storage, which comes with SQLite"},
	{"github.com/anacrolix/envpprof/...", "it serves profiles to whoever asks"},
	{"net/http/pprof", "it serves profiles to whoever asks"},
	{"go.opentelemetry.io/...", "it tells others what the program does"},
	{"github.com/google/go-cmp/...", "tests compare with it"},
	{"github.com/chromedp/...", "tests control browsers with it"},
	{"github.com/prometheus/...", "tests read with it what /metrics writes"},
	{"github.com/santhosh-tekuri/...", "tests check schemas with it"},
	{"golang.org/x/text/collate", "its tables are as large as the rest of x/text"},
}

func TestNotLinked(t *testing.T) {
	t.Parallel()
	for _, p := range goList(t, nil, "-deps", "./cmd/wtptui") {
		for _, n := range notLinked {
			folder, below := strings.CutSuffix(n.pkg, "/...")
			if p.ImportPath == folder || below && strings.HasPrefix(p.ImportPath, folder+"/") {
				t.Errorf("%s is linked: %s", p.ImportPath, n.why)
			}
		}
	}
}

// goPackage is the output of `go list -json` for a package.
type goPackage struct {
	ImportPath string
	Dir        string
	Standard   bool
	GoFiles    []string          // With those of the tests, if the package is built for them.
	ImportMap  map[string]string // From the path of an import to the path of the package, where they differ.

	CgoFiles, CFiles, CXXFiles, MFiles, FFiles, SwigFiles, SwigCXXFiles, SysoFiles []string
}

// foreign returns the files of the package that the Go compiler alone cannot build.
func (p goPackage) foreign() []string {
	return slices.Concat(p.CgoFiles, p.CFiles, p.CXXFiles, p.MFiles, p.FFiles, p.SwigFiles, p.SwigCXXFiles, p.SysoFiles)
}

// goList runs `go list` at the root of this module, with additional environment variables.
func goList(t *testing.T, env []string, args ...string) []goPackage {
	t.Helper()
	fields := "-json=ImportPath,Dir,Standard,GoFiles,ImportMap," +
		"CgoFiles,CFiles,CXXFiles,MFiles,FFiles,SwigFiles,SwigCXXFiles,SysoFiles"
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", fields}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var packages []goPackage
	for decoder := json.NewDecoder(out); err == nil; {
		var p goPackage
		if err = decoder.Decode(&p); err == nil {
			packages = append(packages, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list %v: %v\n%s", args, err, stderr.String())
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return packages
}
