package licenses

import (
	_ "embed" // for notices
	"runtime"
	"slices"
	"strings"
)

//go:embed notices.txt
var notices string

// StandardLibrary is the path of the standard library, which is listed as a module.
const StandardLibrary = "std"

// Module is a module that is linked in wtptui.
type Module struct {
	// Path is the module's path; std is the Go standard library.
	Path string `json:"path"`
	// Version is the module's version. The program's own parts have that of the program, and std has that of Go.
	Version string `json:"version"`
	// License is an SPDX license expression.
	License string `json:"license"`
	// Systems are those for which the module is linked, as Go calls them: darwin, linux, windows.
	Systems []string `json:"systems"`
	// Source is the URL of the repository that has the module's source code; empty for the program's own parts.
	Source string `json:"source"`
	// Notices are the texts that must accompany every copy: licenses with their copyright lines, and other notices.
	// The command line prints them with --full, and for a MODULE.
	Notices []string `json:"notices"`
}

// Notices returns the notices of all modules as one text.
func Notices() string { return notices }

// Modules returns all modules, sorted by path. The program's own parts have the given version.
func Modules(version string) []Module {
	modules := parse(notices)
	for i := range modules {
		switch m := &modules[i]; {
		case m.Path == StandardLibrary:
			m.Version = runtime.Version()
		case m.Version == "":
			m.Version = version
		}
	}
	return modules
}

// separator precedes each section of the notices. A section consists of lines with one field each, an empty line and a
// text. Several modules can share a section.
var separator = strings.Repeat("=", 80) + "\n"

// The names of the fields. The value of a module field is the module's path, version and source, separated by blanks,
// followed by the systems for which it is linked unless it is linked for all. The program's own parts, and std, have
// neither version nor source.
const (
	moduleField  = "Module: "
	licenseField = "License: "
)

// allSystems are the systems that wtptui is built for.
var allSystems = []string{"darwin", "linux", "windows"}

// parse returns the modules in a text like notices, sorted by path. The license of a module with several texts joins
// the licenses of all.
func parse(text string) []Module {
	var modules []Module
	for _, section := range strings.Split(text, separator)[1:] {
		head, notice, _ := strings.Cut(section, "\n\n")
		license := ""
		var described []Module
		for line := range strings.Lines(head) {
			line = strings.TrimSuffix(line, "\n")
			if value, ok := strings.CutPrefix(line, moduleField); ok {
				described = append(described, parseModule(value))
			} else {
				license = strings.TrimPrefix(line, licenseField)
			}
		}
		for _, m := range described {
			i := slices.IndexFunc(modules, func(other Module) bool { return other.Path == m.Path })
			if i < 0 {
				i = len(modules)
				modules = append(modules, m)
			}
			modules[i].addNotice(license, notice)
		}
	}
	slices.SortFunc(modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return modules
}

func parseModule(value string) Module {
	words := strings.Fields(value)
	m := Module{Path: words[0], Systems: allSystems}
	if len(words) > 2 {
		m.Version, m.Source = words[1], words[2]
	}
	if len(words) > 3 {
		m.Systems = words[3:]
	}
	return m
}

// addNotice adds a text. Its license is an SPDX expression, or empty if it is not a license.
func (m *Module) addNotice(license, notice string) {
	m.Notices = append(m.Notices, notice)
	switch {
	case m.License == "":
		m.License = license
	case license != "" && !slices.Contains(strings.Split(m.License, " AND "), license):
		m.License += " AND " + license
	}
}
