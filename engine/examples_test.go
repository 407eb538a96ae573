package engine_test

import (
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// withExamples are the packages that are used from outside of their own folder without knowing what is in them.
var withExamples = []string{
	"engine", "engine/fake", "engine/publish", "engine/resolve", "engine/swarm/netsim", "engine/watch",
	"localserve/control", "store",
}

// Packages that are used from outside have examples, which run with the tests and whose output is compared.
func TestPackagesHaveExamples(t *testing.T) {
	t.Parallel()
	for _, pkg := range withExamples {
		name := filepath.Join("..", filepath.FromSlash(pkg), "example_test.go")
		source, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%s has no examples: %v", pkg, err)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		examples := doc.Examples(file)
		if len(examples) == 0 {
			t.Errorf("%s has no examples", pkg)
		}
		for _, example := range examples {
			if example.Output == "" && !example.EmptyOutput {
				t.Errorf("%s: Example%s is not run: it has no output", pkg, example.Name)
			}
		}
	}
}
