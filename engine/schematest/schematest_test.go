package schematest_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/schematest"
)

// Color is how a Sample looks.
type Color string

// The colors.
const (
	Red  Color = "red" // like a rose
	Blue Color = "blue"
)

// Base is in others.
type Base struct {
	// ID is unique.
	ID uint64 `json:"id"`
}

// Sample is one of everything.
type Sample struct {
	Base

	// Low and High are its bounds, At none.
	Low   int         `json:"low"`
	High  int64       `json:"high,omitempty"`
	At    engine.Time `json:"at"`
	Color Color       `json:"color"` // what one sees
	// Next are others, in Color.
	Next   []Sample        `json:"next"`
	Data   []byte          `json:"data"`
	By     map[string]bool `json:"by"`
	Either *Base           `json:"either"`
	Maybe  *Base           `json:"maybe,omitempty"`
	hidden bool
}

func describe(t *testing.T) []byte {
	t.Helper()
	s, err := schematest.Document("urn:sample", "Sample", "", reflect.TypeFor[Sample]())
	if err != nil {
		t.Fatal(err)
	}
	text, err := schematest.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDescribe(t *testing.T) {
	text := string(describe(t))
	for _, want := range []string{
		"`low` and `high` are its bounds, `at` none.", "Color is how a Sample looks.",
		"- \\\"red\\\": like a rose", `"minimum": 0`,
		`"date-time"`, `"contentEncoding": "base64"`, "what one sees", "Base is in others.", "`id` is unique.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it:\n%s", want, text)
		}
	}
	if n := strings.Count(text, "are its bounds"); n != 3 {
		t.Errorf("a comment is for %d fields, want 3", n)
	}
	if strings.Contains(text, "hidden") {
		t.Error("a field that is not written is described")
	}
}

func TestCheck(t *testing.T) {
	document := describe(t)
	strict, err := schematest.NewValidator(document)
	if err != nil {
		t.Fatal(err)
	}
	whole := Sample{Next: []Sample{}, Data: []byte{1}, By: map[string]bool{"a": true}, Color: Red, hidden: true}
	good, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := strict.Check("", good); err != nil {
		t.Errorf("what Go writes: %v", err)
	}
	for was, is := range map[string]string{
		`"low":0`: `"low":"0"`, `"low":0,`: ``, `"id":0`: `"id":-1`, `"at":null`: `"at":"now"`, `"red"`: `"green"`,
		`{"id"`: `{"new":1,"id"`, `"next":[]`: `"next":null`,
	} {
		bad := strings.Replace(string(good), was, is, 1)
		if bad == string(good) || strict.Check("", []byte(bad)) == nil {
			t.Errorf("%s passes", bad)
		}
	}
	lenient, err := schematest.NewLenientValidator(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := lenient.Check("", []byte(strings.Replace(string(good), `{"id"`, `{"new":1,"id"`, 1))); err != nil {
		t.Errorf("what a later version adds: %v", err)
	}
}

func TestBroken(t *testing.T) {
	before := string(describe(t))
	for _, change := range []struct {
		was, is string
		broken  bool
	}{
		{`"blue"`, `"blue", "green"`, false},
		{`are its bounds`, `bound it`, false},
		{`"low": {`, `"new": {"type": "string"}, "low": {`, false},
		{`"low": {`, `"lower": {`, true},
		{`"type": "boolean"`, `"type": "string"`, true},
		{`"type": [`, `"type": ["integer",`, true},
		{`"blue"`, `"azure"`, true},
		{`"low",`, ``, true},
	} {
		after := strings.Replace(before, change.was, change.is, 1)
		found, err := schematest.BreakingChanges([]byte(before), []byte(after))
		if err != nil || after == before || (len(found) > 0) != change.broken {
			t.Errorf("%s for %s: %v, %v", change.is, change.was, found, err)
		}
	}
}

func TestNoPlaceInJSON(t *testing.T) {
	for _, typ := range []reflect.Type{
		reflect.TypeFor[struct{ A chan int }](), reflect.TypeFor[chan int](), reflect.TypeFor[strings.Builder](),
	} {
		if _, err := schematest.Document("", "", "", typ); err == nil {
			t.Errorf("%s is described", typ)
		}
	}
}
