package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	testSum      = "h1:DMTTonx5m65Ic0GOoRY2c16WCbHxOOw6xxezuLaBpcU="
	incompatible = "v1.10.2+incompatible"
)

// testInfo is what the linker could have written into a wtptui.
func testInfo() *buildinfo.BuildInfo {
	return &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "wtptui", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "github.com/spf13/cobra", Version: incompatible, Sum: testSum},
			{Path: "github.com/pion/stun/v4", Version: "v4.0.1", Sum: testSum},
		},
		Settings: []debug.BuildSetting{
			{Key: "-trimpath", Value: "true"}, {Key: "CGO_ENABLED", Value: "0"}, {Key: "GOOS", Value: "linux"},
		},
	}
}

func testModules() []linkedModule {
	return []linkedModule{
		{"github.com/spf13/cobra", incompatible, "Apache-2.0", "https://github.com/spf13/cobra"},
		{"github.com/pion/stun/v4", "v4.0.1", "MIT AND BSD-3-Clause", "https://github.com/pion/stun"},
		{"golang.org/x/windows", "v1.0.0", "MIT", "https://go.googlesource.com/windows"}, // not linked in this one
		{"std", "go1.26.8", "BSD-3-Clause", ""},
		{"wtptui", "1.2.3", "MIT", ""},
	}
}

func TestBillOfMaterials(t *testing.T) {
	t.Parallel()
	bom, err := billOfMaterials(testInfo(), "1.2.3+git5", testModules())
	if err != nil {
		t.Fatal(err)
	}
	c := bom.Metadata.Component
	if c.Name != "wtptui" || c.Version != "1.2.3+git5" || c.PackageURL != "pkg:generic/wtptui@1.2.3%2Bgit5" {
		t.Errorf("it is of %+v", c)
	}
	want := []struct{ name, version, url, license string }{
		{"stdlib", "1.26.8", "pkg:golang/stdlib@1.26.8", "BSD-3-Clause"},
		{"github.com/spf13/cobra", incompatible, "pkg:golang/github.com/spf13/cobra@v1.10.2%2Bincompatible", "Apache-2.0"},
		{"github.com/pion/stun/v4", "v4.0.1", "pkg:golang/github.com/pion/stun/v4@v4.0.1", "MIT AND BSD-3-Clause"},
	}
	if len(*bom.Components) != len(want) {
		t.Fatalf("it has %d components, want %d", len(*bom.Components), len(want))
	}
	for i, c := range *bom.Components {
		license := (*c.Licenses)[0].Expression
		if license == "" {
			license = (*c.Licenses)[0].License.ID
		}
		if w := want[i]; c.Name != w.name || c.Version != w.version || c.PackageURL != w.url || license != w.license {
			t.Errorf("got %s %s %q %s, want %+v", c.Name, c.Version, c.PackageURL, license, w)
		}
		hashed := strings.HasPrefix(c.PackageURL, "pkg:golang/github.com/")
		if (c.Hashes != nil) != hashed || hashed && len((*c.Hashes)[0].Value) != 64 {
			t.Errorf("%s has the hashes %v", c.Name, c.Hashes)
		}
	}
}

// A binary whose modules differ from those that are listed is refused.
func TestUnlistedModulesAreRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*debug.Module){
		"`wtptui licenses` does not list it": func(m *debug.Module) { m.Path = "a.example/new" },
		"`wtptui licenses` lists v4.0.1":     func(m *debug.Module) { m.Version = "v4.0.2" },
		"has the checksum":                   func(m *debug.Module) { m.Sum = "h1:AAAA" },
	} {
		info := testInfo()
		change(info.Deps[1])
		if _, err := billOfMaterials(info, "1.2.3", testModules()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

// The output matches the schema of CycloneDX 1.6, and is the same each time.
func TestSBOMMatchesTheSchema(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	modules := []linkedModule{{"wtptui", "", "MIT", ""}, {"std", "", "BSD-3-Clause AND MIT", ""}}
	for _, dep := range info.Deps {
		m := linkedModule{dep.Path, dep.Version, "MIT", "https://" + dep.Path}
		if dep.Replace != nil {
			m.Source = ""
		}
		modules = append(modules, m)
	}
	licenses, err := json.Marshal(modules)
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := writeSBOM(out, program, "1.2.3", licenses); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same binary gives two texts")
	}
	document, err := jsonschema.UnmarshalJSON(&second)
	if err != nil {
		t.Fatal(err)
	}
	schema := cycloneDXSchema(t)
	if err := schema.Validate(document); err != nil {
		t.Error(err)
	}
	document.(map[string]any)["components"].([]any)[0].(map[string]any)["licenses"] = "MIT"
	if err := schema.Validate(document); err == nil {
		t.Error("the schema takes anything")
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(&first, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if len(*bom.Components) != len(info.Deps)+1 || bom.Metadata.Component.Hashes == nil {
		t.Errorf("it has %d components, want %d and the program's hash", len(*bom.Components), len(info.Deps)+1)
	}
}

// cycloneDXSchema returns the official schema, which is part of the library.
func cycloneDXSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go")
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for _, name := range []string{"bom-1.6.schema.json", "spdx.schema.json", "jsf-0.82.schemax.json"} {
		f, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "schema", name))
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(f)
		f.Close()
		if err == nil {
			err = compiler.AddResource("http://cyclonedx.org/schema/"+strings.Replace(name, "schemax", "schema", 1), document)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile("http://cyclonedx.org/schema/bom-1.6.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
