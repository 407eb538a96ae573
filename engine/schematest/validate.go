package schematest

import (
	"bytes"
	"fmt"
	"net/url"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Validator validates JSON against the schemas of one document. It is strict: an object must have no field that its
// schema does not name, although the schemas allow such fields for later versions.
type Validator struct {
	compiler *jsonschema.Compiler
	location string
	compiled map[string]*jsonschema.Schema
}

// NewValidator returns a Validator for a document that is, or contains, JSON Schemas.
func NewValidator(document []byte) (*Validator, error) {
	v, err := newValidator(document, closeObjects)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// NewLenientValidator returns a Validator that allows fields that a schema does not name.
func NewLenientValidator(document []byte) (*Validator, error) {
	return newValidator(document, func(any) {})
}

func newValidator(document []byte, change func(any)) (*Validator, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, err
	}
	change(doc)
	v := &Validator{
		compiler: jsonschema.NewCompiler(), location: "file:///document.json", compiled: map[string]*jsonschema.Schema{},
	}
	v.compiler.DefaultDraft(jsonschema.Draft2020)
	v.compiler.AssertFormat()
	return v, v.compiler.AddResource(v.location, doc)
}

// closeObjects forbids unknown fields in objects with named fields.
func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, named := node["properties"].(map[string]any); named && node["type"] == "object" {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			closeObjects(child)
		}
	case []any:
		for _, child := range node {
			closeObjects(child)
		}
	}
}

// Check validates a JSON value against the schema at a JSON pointer (RFC 6901) of the document.
func (v *Validator) Check(pointer string, value []byte) error {
	schema, ok := v.compiled[pointer]
	if !ok {
		var err error
		if schema, err = v.compiler.Compile(v.location + "#" + (&url.URL{Path: pointer}).EscapedPath()); err != nil {
			return err
		}
		v.compiled[pointer] = schema
	}
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		return fmt.Errorf("this is no JSON: %w", err)
	}
	return schema.Validate(decoded)
}
