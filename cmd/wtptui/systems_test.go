package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"
)

// The program and its tests compile for the systems that they do not run on here. Type checking from the source takes
// seconds. Building all dependencies takes minutes for each system, which `make cross` and a release do.
func TestOtherSystems(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: the source is the same as in the long run")
	}
	for _, system := range []string{"windows/amd64", "darwin/arm64"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			goos, goarch, _ := strings.Cut(system, "/")
			checker := typeChecker{
				sizes: types.SizesFor("gc", goarch), files: token.NewFileSet(), checked: map[string]*types.Package{},
			}
			ours := 0
			env := []string{"CGO_ENABLED=0", "GOOS=" + goos, "GOARCH=" + goarch}
			for _, p := range goList(t, env, "-deps", "-test", "./...") {
				if strings.HasPrefix(p.ImportPath, "wtptui") {
					ours++
				}
				for _, err := range checker.check(p) {
					t.Error(err)
				}
			}
			if ours < 50 {
				t.Errorf("only %d of the packages are of this module", ours)
			}
		})
	}
}

// typeChecker checks packages from their source, each after those that it imports.
type typeChecker struct {
	sizes   types.Sizes
	files   *token.FileSet
	checked map[string]*types.Package
}

// check returns the errors of a package of this module, with its test files. Of other packages it checks only
// declarations.
func (c *typeChecker) check(p goPackage) (errs []error) {
	switch {
	case p.ImportPath == "unsafe":
		c.checked[p.ImportPath] = types.Unsafe
		return nil
	case strings.HasSuffix(p.ImportPath, ".test"):
		return nil // This is the generated main package of the tests.
	}
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(c.files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return []error{err}
		}
		files = append(files, file)
	}
	ours := strings.HasPrefix(p.ImportPath, "wtptui")
	config := types.Config{
		Importer: importerFunc(func(path string) (*types.Package, error) {
			if other, ok := p.ImportMap[path]; ok {
				path = other
			}
			if done := c.checked[path]; done != nil {
				return done, nil
			}
			return nil, fmt.Errorf("%s imports %s, which comes later", p.ImportPath, path)
		}),
		Sizes:            c.sizes,
		IgnoreFuncBodies: !ours,
		Error: func(err error) {
			if ours {
				errs = append(errs, err)
			}
		},
	}
	c.checked[p.ImportPath], _ = config.Check(p.ImportPath, c.files, files, nil) // Errors are passed to config.Error.
	return errs
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
