package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
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

// The commands that the documents for developers name exist: targets of the Makefile, packages and tests. Each target
// is named by one of them.
func TestCommandsInTextsExist(t *testing.T) {
	t.Parallel()
	targets := targetsOf(readTop(t, "Makefile"))
	named, known := map[string]bool{"test": true}, declaredNames(t) // The texts say go test ./... instead.
	for _, name := range append(forDevelopers, "README.md", "cmd/wtptui/packaging/README.md") {
		for _, line := range commandsIn(t, name) {
			if found := makeCommand.FindStringSubmatch(line); found != nil {
				named[found[1]] = true
				if !slices.Contains(targets, found[1]) {
					t.Errorf("%s names make %s, which is no target", name, found[1])
				}
			}
			if found := goTestPackage.FindStringSubmatch(line); found != nil {
				if stat, err := os.Stat(filepath.Join("..", "..", found[1])); err != nil || !stat.IsDir() {
					t.Errorf("%s names the package %s: %v", name, found[1], err)
				}
			}
			if found := goTestRun.FindStringSubmatch(line); found != nil {
				isRun := func(name string) bool { return strings.HasPrefix(name, "Test") && strings.Contains(name, found[1]) }
				if !slices.ContainsFunc(slices.Collect(maps.Keys(known)), isRun) {
					t.Errorf("%s names the test %s, which does not exist", name, found[1])
				}
			}
		}
	}
	for _, target := range targets {
		if !named[target] {
			t.Errorf("no text names make %s", target)
		}
	}
}

var (
	makeCommand   = regexp.MustCompile(`^make ([a-z]+)\b`)
	makeTarget    = regexp.MustCompile(`(?m)^([a-z]+):`)
	goTestPackage = regexp.MustCompile(`\bgo test .*?(\./[a-z0-9/]*)`)
	goTestRun     = regexp.MustCompile(`\bgo test .*-run '?\^?(\w+)`)
)

// commandsIn returns the lines of the blocks in a document, and what is code in its text.
func commandsIn(t *testing.T, name string) (lines []string) {
	t.Helper()
	file := filepath.Join("..", "..", name)
	for _, block := range docBlocks(t, file) {
		lines = append(lines, strings.Split(block.text, "\n")...)
	}
	prose := strings.Join(proseOf(t, file), "\n")
	for _, span := range codeSpan.FindAllString(prose, -1) {
		lines = append(lines, strings.Trim(span, "`"))
	}
	for line := range strings.Lines(prose) {
		if indented, ok := strings.CutPrefix(line, "    "); ok {
			lines = append(lines, indented)
		}
	}
	return lines
}

// What make build leaves has no tables for debuggers and no paths of the machine, as what is released.
func TestMakeBuildStrips(t *testing.T) {
	t.Parallel()
	const recipe = "\nbuild:\n\tCGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o wtptui ./cmd/wtptui\n"
	if !strings.Contains(readTop(t, "Makefile"), recipe) {
		t.Errorf("make build does not run%s", recipe)
	}
}

// targetsOf returns the targets of a Makefile.
func targetsOf(makefile string) (targets []string) {
	for _, found := range makeTarget.FindAllStringSubmatch(makefile, -1) {
		targets = append(targets, found[1])
	}
	return targets
}

// What the documents for developers name as code, such as Client.update or TestNoC, is a name of the program.
func TestNamesInTextsExist(t *testing.T) {
	t.Parallel()
	known := declaredNames(t)
	seen := 0
	for _, name := range []string{"ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"} {
		for _, found := range codeInText.FindAllStringSubmatch(readTop(t, name), -1) {
			parts := goName.FindStringSubmatch(found[1])
			if parts == nil || !strings.ContainsFunc(found[1], unicode.IsUpper) || slices.Contains(noGoNames, found[1]) {
				continue
			}
			seen++
			if words := strings.Split(parts[1], "."); !known[words[len(words)-1]] {
				t.Errorf("%s names %s, which is declared nowhere", name, found[1])
			}
		}
	}
	if seen < 25 {
		t.Errorf("only %d names were found", seen)
	}
}

var (
	goName = regexp.MustCompile(`^\*?([A-Za-z]+(?:\.[A-Za-z]+)?)(?:\(.*\))?$`)
	// noGoNames look like names of Go and are something else.
	noGoNames = []string{"LICENSE"}
)

// declaredNames returns the names of all functions, methods, types, fields, constants and variables at the top.
func declaredNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				names[n.Name.Name] = true
			case *ast.TypeSpec:
				names[n.Name.Name] = true
			case *ast.ValueSpec:
				for _, name := range n.Names {
					names[name.Name] = true
				}
			case *ast.Field:
				for _, name := range n.Names {
					names[name.Name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// mostFilesOfFlag is how many files a new boolean of a site may need.
const mostFilesOfFlag = 12

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
	if len(using) > mostFilesOfFlag {
		t.Errorf("%d files know NoClearnet, more than %d: %q", len(using), mostFilesOfFlag, using)
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
