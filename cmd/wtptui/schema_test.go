package main

import (
	gobytes "bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/doctor"
	"wtptui/cmd/wtptui/licenses"
	"wtptui/engine"
	"wtptui/engine/schematest"
	"wtptui/localserve/control"
)

// output is the output of a verb with --json.
type output struct {
	verb string
	// flag is the flag that changes the output, or several flags that do so together, separated by blanks; empty for none.
	flag string
	typ  reflect.Type
	// version is raised when a field is removed or changed.
	version int
}

func (o output) name() string {
	name := strings.ReplaceAll(o.verb, " ", "-")
	if o.flag != "" {
		name += "-" + strings.ReplaceAll(o.flag, " ", "-")
	}
	return name
}

// outputs returns all of them. If a verb has several, the first whose flags are all set applies.
func outputs() []output {
	return []output{
		{"add", "", reflect.TypeFor[[]engine.Site](), 1},
		{"config show", "", reflect.TypeFor[[]shownSetting](), 1},
		{"doctor", "", reflect.TypeFor[[]doctor.Finding](), 1},
		{"home", "", reflect.TypeFor[[]engine.Home](), 1},
		{"keys list", "", reflect.TypeFor[[]engine.Key](), 1},
		{"licenses", "", reflect.TypeFor[[]licenses.Module](), 1},
		{"limits", "", reflect.TypeFor[[]engine.Limits](), 1},
		{"ls", "bin", reflect.TypeFor[[]engine.Binned](), 1},
		{"ls", "", reflect.TypeFor[[]engine.Site](), 1},
		{"peers", "", reflect.TypeFor[[]engine.Peer](), 1},
		{"pin", "lists from", reflect.TypeFor[[]sharedSiteJSON](), 1},
		{"pin", "lists", reflect.TypeFor[[]listJSON](), 1},
		{"pin", "from", reflect.TypeFor[listJSON](), 1},
		{"publish", "watch", reflect.TypeFor[engine.Publication](), 1},
		{"publish", "loader", reflect.TypeFor[loaderReport](), 1}, // without a folder
		{"publish", "", reflect.TypeFor[publicationDocument](), 1},
		{"resolve", "", reflect.TypeFor[engine.Name](), 1},
		{"restore", "", reflect.TypeFor[[]control.Restored](), 1},
		{"show", "", reflect.TypeFor[engine.Detail](), 1},
		{"version", "", reflect.TypeFor[build](), 1},
		{"versions", "", reflect.TypeFor[[]engine.Version](), 1},
	}
}

// TestSchemas compares the schemas with the types. `make generate` writes them.
func TestSchemas(t *testing.T) {
	written := map[string]bool{}
	for _, o := range outputs() {
		file := filepath.Join("schemas", o.name()+".json")
		written[filepath.Base(file)] = true
		got, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		want := describeOutput(t, o)
		if gobytes.Equal(got, want) {
			continue
		}
		if !*update {
			t.Errorf("%s is not what the code says: make generate", file)
			continue
		}
		if gobytes.Contains(got, []byte(schemaID(o))) {
			broken, err := schematest.BreakingChanges(got, want)
			if err != nil {
				t.Fatal(err)
			}
			if len(broken) > 0 {
				t.Errorf("%s: %s: whoever relies on it is to be told by a higher version", file, strings.Join(broken, ", "))
				continue
			}
		}
		if err := os.WriteFile(file, want, 0o644); err != nil { // It is for everybody to read.
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir("schemas")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !written[f.Name()] {
			t.Errorf("schemas/%s is of nothing that is printed", f.Name())
		}
	}
}

func schemaID(o output) string { return fmt.Sprintf("urn:wtptui:schema:%s:%d", o.name(), o.version) }

func describeOutput(t *testing.T, o output) []byte {
	t.Helper()
	flag, description := "", "Fields, and values of enumerations, are added without notice: "+
		"pass over what you do not know. A list without elements is empty, and never null."
	if o.flag != "" {
		flag = " --" + strings.ReplaceAll(o.flag, " ", " --")
	}
	cmd := commandNamed(t, o.verb)
	if cmd.Flags().Lookup("watch") != nil && (o.verb != "publish" || o.flag == "watch") {
		description = "With --watch, one such document a line. " + description
	}
	schema, err := schematest.Document(schemaID(o), "wtptui "+o.verb+flag+" --json", description, o.typ)
	if err != nil {
		t.Fatal(err)
	}
	text, err := schematest.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func commandNamed(t *testing.T, verb string) *cobra.Command {
	t.Helper()
	cmd, rest, err := rootForTests().Find(strings.Fields(verb))
	if err != nil || len(rest) > 0 {
		t.Fatalf("there is no verb %s", verb)
	}
	return cmd
}

func rootForTests() *cobra.Command {
	settings, err := defaultSettings()
	if err != nil {
		panic(err) // They are embedded.
	}
	return newProgram(processEnvironment(), settings, nil).root()
}

// Every verb with --json has a schema.
func TestEveryVerbHasASchema(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if flag := cmd.Flags().Lookup("json"); flag != nil {
			verb := strings.TrimPrefix(cmd.CommandPath(), "wtptui ")
			if !slices.ContainsFunc(outputs(), func(o output) bool { return o.verb == verb }) {
				t.Errorf("%s has --json and no schema: add it to outputs", verb)
			}
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(rootForTests())
}

// outputOf returns the output of a command line; false without --json.
func outputOf(args []string) (output, bool) {
	cmd, rest, err := rootForTests().Find(args)
	if err != nil || cmd.ParseFlags(rest) != nil || !flagsAreGiven(cmd.Flags(), "json") {
		return output{}, false
	}
	verb := strings.TrimPrefix(cmd.CommandPath(), "wtptui ")
	for _, o := range outputs() {
		switch {
		case o.verb != verb:
		case o.name() == "publish-loader" && cmd.Flags().NArg() > 0:
		case o.flag == "", flagsAreGiven(cmd.Flags(), o.flag):
			return o, true
		}
	}
	return output{}, false
}

// flagsAreGiven reports whether all flags in names, separated by blanks, are set.
func flagsAreGiven(flags *pflag.FlagSet, names string) bool {
	for name := range strings.FieldsSeq(names) {
		if f := flags.Lookup(name); f == nil || !f.Changed || f.Value.String() == "false" {
			return false
		}
	}
	return true
}

// schemaReport is the environment variable with the path of a file. Each run of the program that prints JSON appends a
// line to it: the schema with which the output was compared, and what is wrong.
const schemaReport = "WTPTUI_TEST_SCHEMAS"

// recordOutput records the output of a run. done compares it with its schema.
func recordOutput(args []string, env *environment) (done func()) {
	o, ok := outputOf(args)
	report := os.Getenv(schemaReport)
	if !ok || report == "" {
		return func() {}
	}
	var printed gobytes.Buffer
	env.stdout = io.MultiWriter(env.stdout, &printed)
	return func() {
		line := o.name()
		if printed.Len() == 0 {
			return
		}
		if err := checkOutput(o, printed.Bytes()); err != nil {
			line = fmt.Sprintf("%s %v: %q", o.name(), args, err)
		}
		f, err := os.OpenFile(report, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err) // A test that cannot report an error must not pass.
		}
		defer f.Close()
		fmt.Fprintln(f, line)
	}
}

// checkOutput compares the output, one document or several, with the schema.
func checkOutput(o output, printed []byte) error {
	document, err := schema(o.name())
	if err != nil {
		return err
	}
	validator, err := schematest.NewValidator(document)
	if err != nil {
		return err
	}
	for documents := json.NewDecoder(gobytes.NewReader(printed)); ; {
		var raw json.RawMessage
		switch err := documents.Decode(&raw); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if err := validator.Check("", raw); err != nil {
			return err
		}
	}
}

// reportSchemas makes a script fail if any output does not match its schema.
func reportSchemas(env *testscript.Env) {
	report := filepath.Join(env.WorkDir, ".schemas")
	env.Setenv(schemaReport, report)
	env.Defer(func() {
		for _, line := range schemaLines(report) {
			if strings.Contains(line, " ") {
				panic("what was printed is not by its schema: " + line) // It is too late for Fatalf.
			}
		}
	})
}

func schemaLines(report string) []string {
	data, err := os.ReadFile(report)
	if err != nil {
		return nil // Nothing was printed.
	}
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}

// checkSchemasSeen fails unless some output was compared with each schema in this script.
func checkSchemasSeen(ts *testscript.TestScript, _ bool, _ []string) {
	seen := schemaLines(ts.Getenv(schemaReport))
	for _, o := range outputs() {
		if !slices.ContainsFunc(seen, func(line string) bool { return strings.Fields(line)[0] == o.name() }) {
			ts.Fatalf("nothing was printed by the schema %s", o.name())
		}
	}
}
