package peers

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// npmPath returns the path of a file or folder of an npm package that .ci/npm/package-lock.json pins by version and
// hash; without a name, that of the folder of all packages. The test ends when it is not there.
func npmPath(t testing.TB, name ...string) string {
	t.Helper()
	root, err := findModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(append([]string{root, ".ci", "npm", "node_modules"}, name...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// npmPackage returns the folder of an npm package. The test ends unless it is there in the version that
// .ci/npm/package.json names exactly.
func npmPackage(t testing.TB, name string) string {
	t.Helper()
	dir := npmPath(t, name)
	var wanted struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	var installed struct {
		Version string `json:"version"`
	}
	readJSON(t, filepath.Join(dir, "..", "..", "package.json"), &wanted)
	readJSON(t, filepath.Join(dir, "package.json"), &installed)
	if want := wanted.Dependencies[name]; installed.Version != want {
		t.Fatalf("peers: %s is version %q, not the %q of .ci/npm/package.json", dir, installed.Version, want)
	}
	return dir
}

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("peers: read %s: %v", path, err)
	}
}

// findModuleRoot returns the folder of go.mod. A test runs in the folder of its package, somewhere below it.
func findModuleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("peers: no go.mod above the working directory")
		}
		dir = parent
	}
}
