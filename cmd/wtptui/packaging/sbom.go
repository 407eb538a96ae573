package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// linkedModule is a module in the output of `wtptui licenses --json`.
type linkedModule struct {
	Path, Version, License, Source string
}

// standardLibrary is the path under which licenses lists the standard library.
const standardLibrary = "std"

// writeSBOM writes the bill of materials of a binary that build has made: all modules that are linked in it, as
// CycloneDX 1.6. licenses is what `wtptui licenses --json` prints. The same binary and licenses give the same bytes:
// there is no serial number and no time.
func writeSBOM(w io.Writer, path, version string, licenses []byte) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var modules []linkedModule
	if err := json.Unmarshal(licenses, &modules); err != nil {
		return fmt.Errorf("wtptui licenses --json: %w", err)
	}
	bom, err := billOfMaterials(info, version, modules)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(binary)
	bom.Metadata.Component.Hashes = sha256Hash(sum[:])
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6)
}

// billOfMaterials describes a binary by what the linker has written into it.
func billOfMaterials(info *debug.BuildInfo, version string, modules []linkedModule) (*cdx.BOM, error) {
	bom := cdx.NewBOM()
	program, err := newComponent(info.Main, version, modules)
	if err != nil {
		return nil, err
	}
	program.Type = cdx.ComponentTypeApplication
	program.PackageURL = packageURL("generic", info.Main.Path, version)
	bom.Metadata = &cdx.Metadata{
		Lifecycles: &[]cdx.Lifecycle{{Phase: cdx.LifecyclePhaseBuild}},
		Tools: &cdx.ToolsChoice{Components: &[]cdx.Component{
			{Type: cdx.ComponentTypeApplication, Name: "wtptui/cmd/wtptui/packaging", Version: version},
		}},
		Component:  &program,
		Properties: buildEnvironment(info),
	}
	deps := []*debug.Module{{Path: standardLibrary, Version: info.GoVersion}}
	var components []cdx.Component
	var refs []string
	for _, dep := range append(deps, info.Deps...) {
		c, err := newComponent(*dep, version, modules)
		if err != nil {
			return nil, err
		}
		components = append(components, c)
		refs = append(refs, c.BOMRef)
	}
	bom.Components = &components
	// The binary does not say which of them depends on which.
	bom.Dependencies = &[]cdx.Dependency{{Ref: program.BOMRef, Dependencies: &refs}}
	return bom, nil
}

// newComponent returns the component for a module. The program itself has the program's version.
func newComponent(m debug.Module, version string, modules []linkedModule) (cdx.Component, error) {
	i := slices.IndexFunc(modules, func(l linkedModule) bool { return l.Path == m.Path })
	if i < 0 {
		return cdx.Component{}, fmt.Errorf("%s is linked, and `wtptui licenses` does not list it", m.Path)
	}
	listedModule := modules[i]
	c := cdx.Component{
		BOMRef: m.Path, Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version,
		Licenses: licenseChoice(listedModule.License),
	}
	switch {
	case listedModule.Source == "" && m.Path == standardLibrary:
		// Databases of vulnerabilities know the standard library by these names.
		number := strings.TrimPrefix(m.Version, "go")
		c.Name, c.Version = "stdlib", number
		c.PackageURL = packageURL("golang", c.Name, number)
		c.CPE = "cpe:2.3:a:golang:go:" + number + ":*:*:*:*:*:*:*"
		return c, nil
	case listedModule.Source == "":
		c.Version = version
		return c, nil
	case listedModule.Version != m.Version:
		return c, fmt.Errorf("%s %s is linked, and `wtptui licenses` lists %s", m.Path, m.Version, listedModule.Version)
	}
	c.PackageURL = packageURL("golang", m.Path, m.Version)
	c.ExternalReferences = &[]cdx.ExternalReference{{Type: cdx.ERTypeVCS, URL: listedModule.Source}}
	// As cyclonedx-gomod has it: the hash in go.sum is the SHA-256 of a list of the module's files with their hashes.
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil || len(sum) != sha256.Size {
		return c, fmt.Errorf("%s %s has the checksum %q", m.Path, m.Version, m.Sum)
	}
	c.Hashes = sha256Hash(sum)
	return c, nil
}

func sha256Hash(sum []byte) *[]cdx.Hash {
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}}
}

// licenseChoice returns the license or expression that CycloneDX has for an SPDX expression.
func licenseChoice(expression string) *cdx.Licenses {
	if strings.Contains(expression, " ") {
		return &cdx.Licenses{{Expression: expression}}
	}
	return &cdx.Licenses{{License: &cdx.License{ID: expression}}}
}

// packageURL returns the URL of a package: https://github.com/package-url/purl-spec
func packageURL(kind, path, version string) string {
	return "pkg:" + kind + "/" + path + "@" + url.QueryEscape(version)
}

// buildEnvironment returns the variables that the binary was built with, under the names that cyclonedx-gomod uses.
func buildEnvironment(info *debug.BuildInfo) *[]cdx.Property {
	var properties []cdx.Property
	for _, s := range info.Settings {
		if s.Key == strings.ToUpper(s.Key) && !strings.HasPrefix(s.Key, "-") {
			properties = append(properties, cdx.Property{Name: "cdx:gomod:build:env:" + s.Key, Value: s.Value})
		}
	}
	return &properties
}
