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

// modulePath is the path of the module whose types are described.
const modulePath = "wtptui"

// docComments holds the doc comments of the module's types.
type docComments struct {
	root     string                         // the module's folder
	packages map[string]map[string]*typeDoc // by import path and name
}

// typeDoc holds the comments of a type.
type typeDoc struct {
	text   string
	fields map[string]string // by the field's name in Go
	values []valueDoc        // the constants of the type
}

type valueDoc struct{ value, text string }

func newComments() (*docComments, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return &docComments{root: dir, packages: map[string]map[string]*typeDoc{}}, nil
		}
		if dir == filepath.Dir(dir) {
			return nil, errors.New("there is no go.mod here or above")
		}
		dir = filepath.Dir(dir)
	}
}

// find returns the comments of a type of the module.
func (c *docComments) find(t reflect.Type) (*typeDoc, error) {
	path := strings.TrimSuffix(t.PkgPath(), "_test")
	docs, ok := c.packages[path]
	if !ok {
		folder, ours := strings.CutPrefix(path, modulePath+"/")
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
					docs[spec.Name.Name] = parseType(general, spec)
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

func parseType(decl *ast.GenDecl, spec *ast.TypeSpec) *typeDoc {
	doc := &typeDoc{text: commentText(spec.Doc), fields: map[string]string{}}
	if doc.text == "" {
		doc.text = commentText(decl.Doc)
	}
	fields, ok := spec.Type.(*ast.StructType)
	if !ok {
		return doc
	}
	names := jsonFieldNames(fields)
	before := "" // the last comment, which may be about the fields after its own, too
	for _, f := range fields.Fields.List {
		text := commentText(f.Doc)
		if line := commentText(f.Comment); line != "" {
			text = strings.TrimSpace(text + " " + line)
		}
		for _, name := range f.Names {
			said := text
			if said == "" && mentions(before, name.Name) {
				said = before
			}
			doc.fields[name.Name] = replaceFieldNames(said, names)
		}
		if text != "" {
			before = text
		}
	}
	return doc
}

// jsonFieldNames returns the JSON names of a struct's fields by their Go names.
func jsonFieldNames(fields *ast.StructType) map[string]string {
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

// replaceFieldNames replaces the Go names of fields by their JSON names.
func replaceFieldNames(text string, names map[string]string) string {
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
	text := commentText(spec.Doc)
	if text == "" {
		text = commentText(spec.Comment)
	}
	// The Go name of a constant is of no use to a reader of JSON.
	text = strings.TrimPrefix(text, spec.Names[0].Name+" is ")
	docs[of.Name].values = append(docs[of.Name].values, valueDoc{value, text})
}

// commentText returns the text of a comment with each paragraph in one line.
func commentText(c *ast.CommentGroup) string {
	paragraphs := strings.Split(strings.TrimSpace(c.Text()), "\n\n")
	for i, p := range paragraphs {
		paragraphs[i] = strings.ReplaceAll(p, "\n", " ")
	}
	return strings.Join(paragraphs, "\n\n")
}
