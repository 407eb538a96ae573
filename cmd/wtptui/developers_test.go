package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// forDevelopers are the documents at the root that describe the code.
var forDevelopers = []string{"ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"}

var (
	codeInText  = regexp.MustCompile("`([^`\n]+)`")
	linkInText  = regexp.MustCompile(`\]\(([^)#]+)`)
	alternative = regexp.MustCompile(`^(.*)\{(.*)\}(.*)$`)
)

// The files and folders that the documents for developers name exist.
func TestPathsInTextsExist(t *testing.T) {
	t.Parallel()
	for _, name := range forDevelopers {
		for _, path := range pathsIn(readTop(t, name)) {
			if found, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(path))); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", name, path)
			}
		}
	}
}

// The guide to adding a boolean of a site names exactly the files that the existing boolean is in.
func TestFlagGuideIsWhole(t *testing.T) {
	t.Parallel()
	_, after, _ := strings.Cut(readTop(t, "ARCHITECTURE.md"), "\n### … a boolean of a site\n")
	guide, _, ok := strings.Cut(after, "\n### ")
	if !ok {
		t.Fatal("there is no guide to adding a boolean of a site")
	}
	named := pathsIn(guide)
	var using []string
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		path = filepath.ToSlash(path)
		if strings.Contains(path, "test/") { // enginetest and others that are not part of the program
			return nil
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "NoClearnet") {
			using = append(using, strings.TrimPrefix(path, "../../"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range using {
		if !slices.Contains(named, path) {
			t.Errorf("%s knows NoClearnet, and the guide does not name it", path)
		}
	}
	for _, path := range named {
		if !slices.Contains(using, path) {
			t.Errorf("the guide names %s, which does not know NoClearnet", path)
		}
	}
}

func readTop(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pathsIn returns the paths below the module's root that a text has as code or in links, and drops whatever is not a
// path.
func pathsIn(text string) (paths []string) {
	top := []string{
		".ci", ".golangci.yml", "Makefile", "README.md", "LICENSE", "cmd", "engine", "go.mod", "localserve", "store", "ui",
	}
	inCode, inLinks := codeInText.FindAllStringSubmatch(text, -1), linkInText.FindAllStringSubmatch(text, -1)
	for _, found := range slices.Concat(inCode, inLinks) {
		path := strings.TrimPrefix(found[1], "./")
		first, _, _ := strings.Cut(path, "/")
		if slices.Contains(append(top, forDevelopers...), first) && !strings.ContainsAny(path, " ()…") {
			paths = append(paths, alternatives(strings.TrimSuffix(path, "/..."))...)
		}
	}
	return paths
}

// alternatives expands a path such as "engine/{fake,fleet}".
func alternatives(path string) (paths []string) {
	parts := alternative.FindStringSubmatch(path)
	if parts == nil {
		return []string{path}
	}
	for each := range strings.SplitSeq(parts[2], ",") {
		paths = append(paths, parts[1]+each+parts[3])
	}
	return paths
}
