package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// mostMethods is how many methods a type may have. One with more has several matters: each of them is a type of its own
// that the larger one has and calls. Cutting its files does not make it smaller, and neither do functions that take it.
const mostMethods = 25

func TestTypesStaySmall(t *testing.T) {
	methods := packageMethods(t, "..")
	for owner, names := range methods {
		if len(names) > mostMethods {
			t.Errorf("%s has %d methods, more than %d: give what they know to types of its own", owner, len(names), mostMethods)
		}
	}
	if known := methods["engine/fake.Engine"]; !known["Watch"] || !known["Close"] {
		t.Errorf("of engine/fake.Engine only %v were found", known)
	}
}

// packageMethods returns the names of the methods of each type below root, without tests. A method that each system has
// its own file for counts once.
func packageMethods(t *testing.T, root string) map[string]map[string]bool {
	t.Helper()
	methods := map[string]map[string]bool{}
	eachFile(t, root, func(pkg, name string) error {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			owner := pkg + "." + receiver(f.Recv.List[0].Type)
			if methods[owner] == nil {
				methods[owner] = map[string]bool{}
			}
			methods[owner][f.Name.Name] = true
		}
		return nil
	})
	return methods
}

// receiver is the name of a receiver's type, without pointer and type parameters.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.ParenExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
