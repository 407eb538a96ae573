package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everyday are verbs that mean several things in a program of this kind: a function that has one of them as its whole
// name does not say what it does.
var everyday = []string{
	"ask", "enter", "grant", "hear", "hurry", "keep", "look", "nudge", "poke", "say", "tell", "urge", "visit", "voice",
	"want",
}

// notInDocComments are verbs that do not follow the name of a function in its doc comment: there it returns, reports
// or is something.
var notInDocComments = []string{"comes", "hands", "hears", "knows", "minds", "says", "wants"}

// No code is shorter than it is clear: no literal text is indexed, and no literal map chooses by a condition. Functions
// are named and described in the idiom of the standard library.
func TestCodeIsPlain(t *testing.T) {
	t.Parallel()
	files, parsed := token.NewFileSet(), 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		parsed++
		ast.Inspect(file, func(n ast.Node) bool {
			if problem := golf(n); problem != "" {
				t.Errorf("%s: %s", files.Position(n.Pos()), problem)
			}
			if f, ok := n.(*ast.FuncDecl); ok && !strings.HasSuffix(name, "_test.go") {
				checkFunction(t, files.Position(f.Pos()), f)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if parsed < 1000 {
		t.Errorf("only %d files were found", parsed)
	}
}

// golf returns what is wrong with an expression; empty if it is plain.
func golf(n ast.Node) string {
	var of ast.Expr
	switch n := n.(type) {
	case *ast.IndexExpr:
		of = n.X
	case *ast.SliceExpr:
		of = n.X
	default:
		return ""
	}
	switch of := of.(type) {
	case *ast.BasicLit:
		return "a literal text is indexed: write the if, or name the text"
	case *ast.CompositeLit:
		if m, ok := of.Type.(*ast.MapType); ok {
			if key, ok := m.Key.(*ast.Ident); ok && key.Name == "bool" {
				return "a literal map chooses by a condition: write the if"
			}
		}
	}
	return ""
}

func checkFunction(t *testing.T, at token.Position, f *ast.FuncDecl) {
	t.Helper()
	if slices.Contains(everyday, strings.ToLower(f.Name.Name)) {
		t.Errorf("%s: %s may mean several things: name what is done, and with what", at, f.Name.Name)
	}
	words := strings.Fields(f.Doc.Text())
	if len(words) > 1 && words[0] == f.Name.Name && slices.Contains(notInDocComments, words[1]) {
		t.Errorf("%s: %s %s …: it returns, reports or does something", at, f.Name.Name, words[1])
	}
}
