package control

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/schematest"
)

var update = flag.Bool("update", false, "write openapi.json and the tables of the documentation")

const openAPIFile = "openapi.json"

// TestOpenAPI keeps openapi.json the description of the table of routes. `make generate` writes it.
func TestOpenAPI(t *testing.T) {
	want := describeRoutes(t)
	validator, err := schematest.NewLenientValidator(readFile(t, "testdata/openapi-3.1-schema-2022-10-07.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validator.Check("", want); err != nil {
		t.Errorf("the description is not by OpenAPI 3.1: %v", err)
	}
	got := readFile(t, openAPIFile)
	if bytes.Equal(got, want) {
		return
	}
	if !*update {
		t.Fatal("openapi.json is not what the code says: make generate")
	}
	if bytes.Contains(got, []byte(versionText())) {
		broken, err := schematest.BreakingChanges(got, want)
		if err != nil {
			t.Fatal(err)
		}
		for _, what := range broken {
			t.Errorf("%s: whoever relies on it is to be told by a higher Protocol", what)
		}
	}
	if !t.Failed() {
		writeFile(t, openAPIFile, want)
	}
}

// versionText returns the text that only a description of this Protocol contains.
func versionText() string { return `"version": "` + strconv.Itoa(Protocol) + `"` }

// document is a description in the format of OpenAPI 3.1.
type document struct {
	OpenAPI    string                          `json:"openapi"`
	Info       map[string]any                  `json:"info"`
	Dialect    string                          `json:"jsonSchemaDialect"`
	Servers    []map[string]string             `json:"servers"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components map[string]any                  `json:"components"`
}

type operation struct {
	ID          string           `json:"operationId"`
	Summary     string           `json:"summary"`
	Parameters  []map[string]any `json:"parameters,omitempty"`
	RequestBody map[string]any   `json:"requestBody,omitempty"`
	Responses   map[string]any   `json:"responses"`
}

const apiDescription = "Whoever may open the socket may do everything, and nobody else anything: there is no other " +
	"authentication. The host in the URL is read by nobody.\n\nFields, requests and values of enumerations are added " +
	"without notice: clients pass over what they do not know. What is taken away or changes its meaning raises the " +
	"version of the protocol, which every request but `/hello` has to name in the header `" + versionHeader + "`.\n\n" +
	"A list without elements may be null. Of a stream, the schema is that of each line."

func describeRoutes(t *testing.T) []byte {
	t.Helper()
	d, err := schematest.NewDescriber("#/components/schemas/")
	if err != nil {
		t.Fatal(err)
	}
	d.NullLists = true
	doc := document{
		OpenAPI: "3.1.0",
		Info: map[string]any{
			"title": "wtptui control", "version": strconv.Itoa(Protocol), "description": apiDescription,
			"license": map[string]string{"name": "MIT", "identifier": "MIT"},
		},
		Dialect: schematest.Dialect,
		Servers: []map[string]string{{"url": "http://wtptui", "description": "The socket control.sock in the data folder."}},
		Paths:   map[string]map[string]operation{},
	}
	failed := describeType(t, d, reflect.TypeFor[failure]())
	for _, r := range routes() {
		if doc.Paths[r.path] == nil {
			doc.Paths[r.path] = map[string]operation{}
		}
		doc.Paths[r.path][strings.ToLower(r.method)] = describeRoute(t, d, r)
	}
	doc.Components = map[string]any{
		"schemas": d.Defs,
		"parameters": map[string]any{"protocol": map[string]any{
			"name": versionHeader, "in": "header", "required": true,
			"description": "The version of the protocol that the client speaks; another one than the server's is a conflict.",
			"schema":      map[string]any{"type": "integer", "const": Protocol},
		}},
		"responses": map[string]any{"failure": map[string]any{
			"description": "What went wrong, and what to do.",
			"content":     map[string]any{"application/json": map[string]any{"schema": failed}},
		}},
	}
	text, err := schematest.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func describeType(t *testing.T, d *schematest.Describer, typ reflect.Type) *schematest.Schema {
	t.Helper()
	s, err := d.Describe(typ)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func describeRoute(t *testing.T, d *schematest.Describer, r route) operation {
	t.Helper()
	op := operation{ID: strings.TrimPrefix(r.path, "/"), Summary: r.summary, Responses: map[string]any{}}
	if !r.anyVersion {
		op.Parameters = append(op.Parameters, map[string]any{"$ref": "#/components/parameters/protocol"})
	}
	for _, p := range r.query {
		schema := map[string]any{"type": "string"}
		if p.number {
			schema = map[string]any{"type": "integer", "minimum": 1}
		}
		op.Parameters = append(op.Parameters, map[string]any{
			"name": p.name, "in": "query", "required": p.required, "description": p.description, "schema": schema,
		})
	}
	if r.request != nil {
		schema, err := d.Inline(r.request)
		if err != nil {
			t.Fatal(err)
		}
		op.RequestBody = map[string]any{
			"required": true, "content": map[string]any{"application/json": map[string]any{"schema": schema}},
		}
	}
	packed := map[string]any{"type": "string", "format": "binary"}
	if r.requestMedia != "" {
		content := map[string]any{r.requestMedia: map[string]any{"schema": packed}}
		op.RequestBody = map[string]any{"required": true, "content": content}
	}
	switch {
	case r.replyMedia != "":
		op.Responses["200"] = map[string]any{
			"description": "A packed tar.", "content": map[string]any{r.replyMedia: map[string]any{"schema": packed}},
		}
	case r.reply == nil:
		op.Responses["204"] = map[string]any{"description": "It is done."}
	default:
		media, text := "application/json", "The answer."
		if r.lines {
			media, text = "application/jsonl", "Any number of lines, each a JSON document."
		}
		op.Responses["200"] = map[string]any{
			"description": text,
			"content":     map[string]any{media: map[string]any{"schema": describeType(t, d, r.reply)}},
		}
	}
	for _, kind := range append([]engine.Kind{engine.Conflict}, r.errorKinds...) {
		if kind != engine.Conflict || !r.anyVersion {
			op.Responses[strconv.Itoa(httpStatus(kind))] = map[string]any{"$ref": "#/components/responses/failure"}
		}
	}
	op.Responses["default"] = map[string]any{"$ref": "#/components/responses/failure"}
	return op
}

// documentation is the page about the protocol.
const documentation = "../../cmd/wtptui/docs/control.md"

// TestDocumentation keeps the tables of the documentation, and the version in its examples, what the code says.
// `make generate` writes them.
func TestDocumentation(t *testing.T) {
	got := string(readFile(t, documentation))
	want := got
	for name, table := range map[string]string{"routes": routeTable(), "statuses": statusTable()} {
		begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
		before, rest, ok := strings.Cut(want, begin)
		_, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the %s", documentation, name)
		}
		want = before + begin + table + end + after
	}
	var lines []string
	for line := range strings.SplitSeq(want, "\n") {
		if before, after, ok := strings.Cut(line, versionHeader+": "); ok {
			line = before + versionHeader + ": " + strconv.Itoa(Protocol) + strings.TrimLeft(after, "0123456789")
		}
		lines = append(lines, line)
	}
	want = strings.Join(lines, "\n")
	switch {
	case got == want:
	case *update:
		writeFile(t, documentation, []byte(want))
	default:
		t.Errorf("%s is not what the code says: make generate", documentation)
	}
}

func routeTable() string {
	var b strings.Builder
	b.WriteString("| request | takes | gives | errors | what it does |\n|---|---|---|---|---|\n")
	for _, r := range routes() {
		var query, kinds []string
		for _, p := range r.query {
			q := p.name + "=…"
			if !p.required {
				q = "[" + q + "]"
			}
			query = append(query, q)
		}
		path := r.path
		if len(query) > 0 {
			path += "?" + strings.Join(query, "&")
		}
		for _, kind := range r.errorKinds {
			kinds = append(kinds, "`"+string(kind)+"`")
		}
		gives, takes := typeName(r.reply), shape(r.request)
		if r.replyMedia != "" {
			gives = r.replyMedia
		}
		if r.requestMedia != "" {
			takes = r.requestMedia
		}
		if r.lines {
			gives += ", one a line"
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s | %s | %s |\n",
			r.method, path, takes, gives, strings.Join(kinds, " "), r.summary)
	}
	return b.String()
}

// typeName returns the name of a type in openapi.json, if it has one there.
func typeName(t reflect.Type) string {
	switch {
	case t == nil:
		return ""
	case t == reflect.TypeFor[[]byte]():
		return "base64"
	case t.Kind() == reflect.Slice:
		return "list of " + typeName(t.Elem())
	}
	name := t.Name()
	return "`" + strings.ToUpper(name[:1]) + name[1:] + "`"
}

// shape returns the fields of a request's body.
func shape(t reflect.Type) string {
	if t == nil {
		return ""
	}
	return "`" + shapeOf(t) + "`"
}

func shapeOf(t reflect.Type) string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if ft := t.Field(i).Type; ft.Kind() == reflect.Struct && ft != reflect.TypeFor[engine.Time]() {
			name += ": " + shapeOf(ft)
		}
		names = append(names, name)
	}
	return "{" + strings.Join(names, ", ") + "}"
}

func statusTable() string {
	var b strings.Builder
	b.WriteString("| `kind` | status |\n|---|---|\n")
	for _, s := range statuses {
		fmt.Fprintf(&b, "| `%s` | %d %s |\n", s.kind, s.status, http.StatusText(s.status))
	}
	return b.String()
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil { // It is for everybody to read.
		t.Fatal(err)
	}
}
