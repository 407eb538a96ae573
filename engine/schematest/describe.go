package schematest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"wtptui/engine"
)

// Describer describes types. What has a name of its own is described once, and referred to.
type Describer struct {
	// Defs are the named types that were described so far.
	Defs map[string]*Schema
	// RefPrefix is where they will be found, "#/$defs/".
	RefPrefix string
	// NullLists reports whether a list without elements may be null.
	NullLists bool
	// Input reports whether the values are read and not written: no field has to be there.
	Input bool

	types map[string]reflect.Type // of Defs
	docs  *comments
}

// NewDescriber returns one that finds the comments in the module around the present folder.
func NewDescriber(refPrefix string) (*Describer, error) {
	docs, err := newComments()
	if err != nil {
		return nil, err
	}
	return &Describer{Defs: map[string]*Schema{}, RefPrefix: refPrefix, types: map[string]reflect.Type{}, docs: docs}, nil
}

var (
	timeType = reflect.TypeFor[engine.Time]()
	rawType  = reflect.TypeFor[json.RawMessage]()
)

// Describe returns the schema of a type. The error is about a type that has no place in JSON here.
func (d *Describer) Describe(t reflect.Type) (*Schema, error) {
	switch {
	case t == timeType:
		return &Schema{Type: []string{"string", "null"}, Format: "date-time"}, nil
	case t == rawType, t.Kind() == reflect.Interface:
		return &Schema{}, nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return &Schema{Type: "boolean"}, nil
	case reflect.Int, reflect.Int64:
		return &Schema{Type: "integer"}, nil
	case reflect.Uint64:
		return &Schema{Type: "integer", Minimum: new(int)}, nil
	case reflect.Float64:
		return &Schema{Type: "number"}, nil
	case reflect.String:
		if t.PkgPath() == "" {
			return &Schema{Type: "string"}, nil
		}
		return d.named(t, d.enum)
	case reflect.Struct:
		if t.Name() == "" {
			return nil, fmt.Errorf("%s has no name", t)
		}
		return d.named(t, d.object)
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return d.container(t)
	default:
		return nil, fmt.Errorf("%s has no place in JSON", t)
	}
}

func (d *Describer) container(t reflect.Type) (*Schema, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return &Schema{Type: d.list("string"), ContentEncoding: "base64"}, nil
	}
	elem, err := d.Describe(t.Elem())
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case reflect.Slice:
		return &Schema{Type: d.list("array"), Items: elem}, nil
	case reflect.Map:
		return &Schema{Type: "object", AdditionalProperties: elem}, nil
	default:
		return &Schema{AnyOf: []*Schema{elem, {Type: "null"}}}, nil
	}
}

// list is the type of what Go writes as null if it is nil.
func (d *Describer) list(name string) any {
	if d.NullLists {
		return []string{name, "null"}
	}
	return name
}

// named refers to a type that has a name, and describes it if that has not been done.
func (d *Describer) named(t reflect.Type, describe func(reflect.Type) (*Schema, error)) (*Schema, error) {
	name := defName(t)
	if d.Input {
		name = t.String() // It is written out, and called nothing.
	}
	if known, ok := d.types[name]; ok && known != t {
		return nil, fmt.Errorf("%s and %s have the same name", known, t)
	}
	if _, ok := d.types[name]; !ok {
		d.types[name] = t
		s, err := describe(t)
		if err != nil {
			return nil, err
		}
		d.Defs[name] = s
	}
	return &Schema{Ref: d.RefPrefix + name}, nil
}

// defName is the name of a type with a capital.
func defName(t reflect.Type) string {
	name := []rune(t.Name())
	name[0] = unicode.ToUpper(name[0])
	return string(name)
}

func (d *Describer) enum(t reflect.Type) (*Schema, error) {
	doc, err := d.docs.of(t)
	if err != nil {
		return nil, err
	}
	s := &Schema{Type: "string", Description: doc.text}
	for _, v := range doc.values {
		s.Enum = append(s.Enum, v.value)
		if v.text != "" {
			s.Description += fmt.Sprintf("\n\n- %q: %s", v.value, v.text)
		}
	}
	return s, nil
}

func (d *Describer) object(t reflect.Type) (*Schema, error) {
	doc, err := d.docs.of(t)
	if err != nil {
		return nil, err
	}
	s := &Schema{Type: "object", Description: doc.text}
	fields, err := d.fields(t)
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		s.Properties = append(s.Properties, f.Property)
		if !f.optional && !d.Input {
			s.Required = append(s.Required, f.Name)
		}
	}
	return s, nil
}

type field struct {
	Property

	optional bool
}

// fields describes those of a struct, with those of the structs that it embeds.
func (d *Describer) fields(t reflect.Type) ([]field, error) {
	doc, err := d.docs.of(t)
	if err != nil {
		return nil, err
	}
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			embedded, err := d.fields(f.Type)
			if err != nil {
				return nil, err
			}
			all = append(all, embedded...)
			continue
		case !f.IsExported() || name == "-":
			continue
		case name == "":
			return nil, fmt.Errorf("%s.%s has no name in JSON", t, f.Name)
		}
		optional := strings.HasPrefix(options, "omit")
		ft := f.Type
		if ft.Kind() == reflect.Pointer && optional {
			ft = ft.Elem()
		}
		s, err := d.Describe(ft)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, f.Name, err)
		}
		s.Description = doc.fields[f.Name]
		all = append(all, field{Property{name, s}, optional})
	}
	return all, nil
}

// Document returns the schema of a type as a document of its own.
func Document(id, title, description string, t reflect.Type) (*Schema, error) {
	d, err := NewDescriber("#/$defs/")
	if err != nil {
		return nil, err
	}
	s, err := d.Describe(t)
	if err != nil {
		return nil, err
	}
	s.Dialect, s.ID, s.Title, s.Description, s.Defs = Dialect, id, title, description, d.Defs
	return s, nil
}

// Inline returns the schema of a type that is read, with what it refers to written out.
func (d *Describer) Inline(t reflect.Type) (*Schema, error) {
	own := &Describer{
		Defs: map[string]*Schema{}, RefPrefix: "#", NullLists: true, Input: true,
		types: map[string]reflect.Type{}, docs: d.docs,
	}
	s, err := own.Describe(t)
	if err != nil {
		return nil, err
	}
	return own.expand(s), nil
}

func (d *Describer) expand(s *Schema) *Schema {
	if s == nil {
		return nil
	}
	whole := *s
	if s.Ref != "" {
		whole = *d.Defs[strings.TrimPrefix(s.Ref, d.RefPrefix)]
		if s.Description != "" {
			whole.Description = s.Description
		}
	}
	whole.Items = d.expand(whole.Items)
	whole.AdditionalProperties = d.expand(whole.AdditionalProperties)
	whole.Properties = slices.Clone(whole.Properties)
	for i := range whole.Properties {
		whole.Properties[i].Schema = d.expand(whole.Properties[i].Schema)
	}
	return &whole
}
