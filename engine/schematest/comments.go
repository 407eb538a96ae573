package schematest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// module is the path of the module whose types are described.
const module = "wtptui"

// comments are the doc comments of the module's types.
type comments struct {
	root     string                         // the module's folder
	packages map[string]map[string]*typeDoc // by import path and name
}

// typeDoc is what comments say of a type.
type typeDoc struct {
	text   string
	fields map[string]string // by the field's name in Go
	values []valueDoc        // the constants of the type
}

type valueDoc struct{ value, text string }

func newComments() (*comments, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return &comments{root: dir, packages: map[string]map[string]*typeDoc{}}, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, errors.New("there is no go.mod here or above")
		}
		dir = filepath.Dir(dir)
	}
}

// of returns what is said of a type of the module.
func (c *comments) of(t reflect.Type) (*typeDoc, error) {
	path := strings.TrimSuffix(t.PkgPath(), "_test")
	docs, ok := c.packages[path]
	if !ok {
		folder, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			return nil, fmt.Errorf("%s is no type of this module", t)
		}
		var err error
		if docs, err = parsePackage(filepath.Join(c.root, filepath.FromSlash(folder))); err != nil {
			return nil, err
		}
		c.packages[path] = docs
	}
	doc, ok := docs[t.Name()]
	if !ok {
		return nil, fmt.Errorf("the source of %s was not found", t)
	}
	return doc, nil
}

func parsePackage(dir string) (map[string]*typeDoc, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	docs := map[string]*typeDoc{}
	var constants []*ast.ValueSpec
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, decl := range file.Decls {
			general, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range general.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					docs[spec.Name.Name] = docOf(general, spec)
				case *ast.ValueSpec:
					constants = append(constants, spec)
				}
			}
		}
	}
	for _, c := range constants {
		addConstant(docs, c)
	}
	return docs, nil
}

func docOf(decl *ast.GenDecl, spec *ast.TypeSpec) *typeDoc {
	doc := &typeDoc{text: plain(spec.Doc), fields: map[string]string{}}
	if doc.text == "" {
		doc.text = plain(decl.Doc)
	}
	fields, ok := spec.Type.(*ast.StructType)
	if !ok {
		return doc
	}
	names := namesInJSON(fields)
	before := "" // the last comment, which may be about the fields after its own, too
	for _, f := range fields.Fields.List {
		text := plain(f.Doc)
		if line := plain(f.Comment); line != "" {
			text = strings.TrimSpace(text + " " + line)
		}
		for _, name := range f.Names {
			said := text
			if said == "" && mentions(before, name.Name) {
				said = before
			}
			doc.fields[name.Name] = inJSON(said, names)
		}
		if text != "" {
			before = text
		}
	}
	return doc
}

// namesInJSON maps the names of a struct's fields.
func namesInJSON(fields *ast.StructType) map[string]string {
	names := map[string]string{}
	for _, f := range fields.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, err := strconv.Unquote(f.Tag.Value)
		if err != nil {
			continue
		}
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		for _, ident := range f.Names {
			names[ident.Name] = name
		}
	}
	return names
}

var word = regexp.MustCompile(`[\pL\pN_.]+`)

// inJSON replaces the names of fields by those that they have in JSON.
func inJSON(text string, names map[string]string) string {
	return word.ReplaceAllStringFunc(text, func(w string) string {
		bare := strings.TrimRight(w, ".")
		if name := names[bare]; name != "" {
			return "`" + name + "`" + w[len(bare):]
		}
		return w
	})
}

func mentions(text, name string) bool {
	for _, w := range word.FindAllString(text, -1) {
		if strings.TrimRight(w, ".") == name {
			return true
		}
	}
	return false
}

func addConstant(docs map[string]*typeDoc, spec *ast.ValueSpec) {
	of, ok := spec.Type.(*ast.Ident)
	if !ok || docs[of.Name] == nil || len(spec.Values) != 1 {
		return
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		return
	}
	text := plain(spec.Doc)
	if text == "" {
		text = plain(spec.Comment)
	}
	// What a constant is called in Go is of no concern to who reads JSON.
	text = strings.TrimPrefix(text, spec.Names[0].Name+" is ")
	docs[of.Name].values = append(docs[of.Name].values, valueDoc{value, text})
}

// plain is the text of a comment in one line for each paragraph.
func plain(c *ast.CommentGroup) string {
	paragraphs := strings.Split(strings.TrimSpace(c.Text()), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.ReplaceAll(p, "\n", " ")
	}
	return strings.Join(paragraphs, "\n\n")
}
