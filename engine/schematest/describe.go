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

// Describer makes schemas of types. A named type is described once, in Defs, and referred to.
type Describer struct {
	// Defs are the named types that have been described.
	Defs map[string]*Schema
	// RefPrefix is the prefix of references to Defs, "#/$defs/".
	RefPrefix string
	// NullLists reports whether an empty list may be null.
	NullLists bool
	// Input reports whether the values are read, not written: then no field is required.
	Input bool

	types map[string]reflect.Type // the types of Defs
	docs  *docComments
}

// NewDescriber returns a Describer for types of the module around the working directory.
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

// Describe returns the schema of a type. The error is about a type that is not supported in JSON here.
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
		return d.refTo(t, d.describeEnum)
	case reflect.Struct:
		if t.Name() == "" {
			return nil, fmt.Errorf("%s has no name", t)
		}
		return d.refTo(t, d.describeObject)
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return d.describeContainer(t)
	default:
		return nil, fmt.Errorf("%s has no place in JSON", t)
	}
}

func (d *Describer) describeContainer(t reflect.Type) (*Schema, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
		return &Schema{Type: d.nullable("string"), ContentEncoding: "base64"}, nil
	}
	elem, err := d.Describe(t.Elem())
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case reflect.Slice:
		return &Schema{Type: d.nullable("array"), Items: elem}, nil
	case reflect.Map:
		return &Schema{Type: "object", AdditionalProperties: elem}, nil
	default:
		return &Schema{AnyOf: []*Schema{elem, {Type: "null"}}}, nil
	}
}

// nullable returns the JSON type of a Go value that is written as null if it is nil.
func (d *Describer) nullable(name string) any {
	if d.NullLists {
		return []string{name, "null"}
	}
	return name
}

// refTo returns a reference to a named type, and describes the type if it is not in Defs yet.
func (d *Describer) refTo(t reflect.Type, describe func(reflect.Type) (*Schema, error)) (*Schema, error) {
	name := defName(t)
	if d.Input {
		name = t.String() // It is expanded, so its name is not shown.
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

// defName returns the name of a type with a capital first letter.
func defName(t reflect.Type) string {
	name := []rune(t.Name())
	name[0] = unicode.ToUpper(name[0])
	return string(name)
}

func (d *Describer) describeEnum(t reflect.Type) (*Schema, error) {
	doc, err := d.docs.find(t)
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

func (d *Describer) describeObject(t reflect.Type) (*Schema, error) {
	doc, err := d.docs.find(t)
	if err != nil {
		return nil, err
	}
	s := &Schema{Type: "object", Description: doc.text}
	fields, err := d.describeFields(t)
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

// describeFields describes the fields of a struct, with those of embedded structs.
func (d *Describer) describeFields(t reflect.Type) ([]field, error) {
	doc, err := d.docs.find(t)
	if err != nil {
		return nil, err
	}
	var all []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			embedded, err := d.describeFields(f.Type)
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

// Document returns the schema of a type as a complete document.
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

// Inline returns the schema of a type that is read, with all references expanded.
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
