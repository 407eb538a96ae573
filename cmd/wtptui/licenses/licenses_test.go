package licenses

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write notices.txt anew")

// preamble is the beginning of the notices.
const preamble = `These are the notices of wtptui and of all that is linked in it.

wtptui is under the MIT License, which comes first. std is the standard library of Go,
with what is vendored in it.

Modules under the MPL-2.0 are used as they are. Their source code is what their
repositories have under the version that is given here; the Go command fetches it:
go mod download -json MODULE@VERSION

`

// TestNoticesAreThoseOfTheLinkedModules compares notices.txt with the linked modules. With -update it writes the file.
func TestNoticesAreThoseOfTheLinkedModules(t *testing.T) {
	modules, err := collectModules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(modules) < 50 {
		t.Fatalf("only %d modules are linked", len(modules))
	}
	sections := map[string]*section{}
	for _, m := range modules {
		if m.Version != "" {
			m.Source, err = repositoryURL(m.Path)
		}
		if err = errors.Join(err, m.addTexts(sections)); err != nil {
			t.Errorf("%s %s: %v", m.Path, m.Version, err)
		}
	}
	want := render(sections)
	if want == notices || t.Failed() {
		return
	}
	if *update {
		if err := os.WriteFile("notices.txt", []byte(want), 0o644); err != nil { // It is for everybody.
			t.Fatal(err)
		}
		return
	}
	for _, difference := range differences(parse(notices), parse(want)) {
		t.Error(difference)
	}
	t.Error("notices.txt is not what is linked: look at what has changed, then make generate")
}

// render returns the notices: those of this program, of the standard library, then those of other modules in the order
// of their first module. Texts from source files come last, so that a module's own license precedes those of what it
// has adapted.
func render(sections map[string]*section) string {
	var all []*section
	for _, s := range sections {
		slices.SortFunc(s.modules, func(a, b *linkedModule) int { return compareModules(a.Module, b.Module) })
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *section) int {
		switch {
		case a.fromSource && !b.fromSource:
			return 1
		case b.fromSource && !a.fromSource:
			return -1
		}
		return cmp.Or(compareModules(a.modules[0].Module, b.modules[0].Module),
			strings.Compare(b.license, a.license), strings.Compare(a.text, b.text))
	})
	var b strings.Builder
	b.WriteString(preamble)
	for _, s := range all {
		b.WriteString(separator)
		for _, m := range s.modules {
			b.WriteString(moduleField + m.Path)
			if m.Version != "" {
				b.WriteString(" " + m.Version + " " + m.Source)
			}
			if !slices.Equal(m.Systems, allSystems) {
				b.WriteString(" " + strings.Join(m.Systems, " "))
			}
			b.WriteString("\n")
		}
		if s.license != "" {
			b.WriteString(licenseField + s.license + "\n")
		}
		b.WriteString("\n" + s.text)
	}
	return b.String()
}

// compareModules orders modules by path, after this program and the standard library.
func compareModules(a, b Module) int {
	rank := func(m Module) int {
		switch {
		case m.Path == "wtptui":
			return 0
		case m.Path == StandardLibrary:
			return 1
		}
		return 2
	}
	return cmp.Or(rank(a)-rank(b), strings.Compare(a.Path, b.Path))
}

// differences returns a sentence for each module whose listed entry differs from how it is linked.
func differences(listed, linked []Module) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, m := range linked {
		i := slices.IndexFunc(listed, func(l Module) bool { return l.Path == m.Path })
		switch {
		case i < 0:
			add("%s %s (%s) is newly linked: see that it is wanted", m.Path, m.Version, m.License)
		case listed[i].Version != m.Version:
			add("%s is linked as %s and listed as %s", m.Path, m.Version, listed[i].Version)
		case listed[i].License != m.License:
			add("%s %s has been %s and is %s", m.Path, m.Version, listed[i].License, m.License)
		case !slices.Equal(listed[i].Systems, m.Systems):
			add("%s %s is linked for %v and listed for %v", m.Path, m.Version, m.Systems, listed[i].Systems)
		case !slices.Equal(listed[i].Notices, m.Notices):
			add("%s %s has other notices than are listed", m.Path, m.Version)
		}
	}
	for _, l := range listed {
		if !slices.ContainsFunc(linked, func(m Module) bool { return l.Path == m.Path }) {
			add("%s %s is no longer linked", l.Path, l.Version)
		}
	}
	return all
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	listed := []Module{
		{Path: "a.example/gone", Version: "v1.0.0", License: "MIT", Systems: allSystems},
		{Path: "a.example/newer", Version: "v1.0.0", License: "MIT", Systems: allSystems},
		{Path: "a.example/other", Version: "v1.0.0", License: "MIT", Systems: allSystems},
		{Path: "a.example/same", Version: "v1.0.0", License: "MIT", Systems: allSystems, Notices: []string{"x"}},
		{Path: "a.example/system", Version: "v1.0.0", License: "MIT", Systems: []string{"windows"}},
		{Path: "a.example/text", Version: "v1.0.0", License: "MIT", Systems: allSystems, Notices: []string{"x"}},
	}
	linked := []Module{
		{Path: "a.example/new", Version: "v0.1.0", License: "ISC", Systems: allSystems},
		{Path: "a.example/newer", Version: "v1.0.1", License: "MIT", Systems: allSystems},
		{Path: "a.example/other", Version: "v1.0.0", License: "MPL-2.0", Systems: allSystems},
		{Path: "a.example/same", Version: "v1.0.0", License: "MIT", Systems: allSystems, Notices: []string{"x"}},
		{Path: "a.example/system", Version: "v1.0.0", License: "MIT", Systems: allSystems},
		{Path: "a.example/text", Version: "v1.0.0", License: "MIT", Systems: allSystems, Notices: []string{"y"}},
	}
	want := []string{
		"a.example/new v0.1.0 (ISC) is newly linked: see that it is wanted",
		"a.example/newer is linked as v1.0.1 and listed as v1.0.0",
		"a.example/other v1.0.0 has been MIT and is MPL-2.0",
		"a.example/system v1.0.0 is linked for [darwin linux windows] and listed for [windows]",
		"a.example/text v1.0.0 has other notices than are listed",
		"a.example/gone v1.0.0 is no longer linked",
	}
	if got := differences(listed, linked); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// parse reads what render has written.
func TestModulesAreParsedFromTheNotices(t *testing.T) {
	t.Parallel()
	modules := Modules("1.2.3")
	if !slices.IsSortedFunc(modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the modules are not sorted")
	}
	for _, want := range []struct {
		path, version, license, source string
		systems                        []string
		notices                        int
	}{
		{"wtptui", "1.2.3", "MIT", "", allSystems, 1},
		{"std", runtime.Version(), "BSD-3-Clause AND MIT", "", allSystems, 2},
		{"github.com/spf13/cobra", "v", "Apache-2.0", "https://github.com/spf13/cobra", allSystems, 1},
		{
			"github.com/inconshreveable/mousetrap", "v", "Apache-2.0", "https://github.com/inconshreveable/mousetrap",
			[]string{"windows"},
			1,
		},
		{"github.com/miekg/dns", "v", "BSD-3-Clause", "https://github.com/miekg/dns", allSystems, 2},
		{"golang.org/x/net", "v", "BSD-3-Clause", "https://go.googlesource.com/net", allSystems, 1},
	} {
		i := slices.IndexFunc(modules, func(m Module) bool { return m.Path == want.path })
		if i < 0 {
			t.Errorf("%s is not listed", want.path)
			continue
		}
		m := modules[i]
		if !strings.HasPrefix(m.Version, want.version) || m.License != want.license || m.Source != want.source ||
			!slices.Equal(m.Systems, want.systems) || len(m.Notices) != want.notices {
			t.Errorf("got %+v, want %+v", m, want)
		}
	}
	for _, m := range modules {
		for _, notice := range m.Notices {
			if len(notice) < 50 || !strings.Contains(Notices(), separator) || !strings.Contains(Notices(), notice) {
				t.Errorf("%s has the notice %q", m.Path, notice)
			}
		}
	}
}

func TestRecognizeLicense(t *testing.T) {
	t.Parallel()
	mit, err := os.ReadFile("../../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, want, wrong string }{
		{"a license", string(mit), "MIT", ""},
		{"one in a longer text", strings.Repeat("What else is to be said.\n", 28) + string(mit), "", "is not known (5"},
		{"no license", "All rights reserved.", "", "is not known (0%"},
		{"none that is allowed", gpl, "", "GPL-3.0-or-later, which is not in allowed"},
		{"one that is allowed and one that is not", string(mit) + gpl, "", "GPL-3.0-or-later, which is not in allowed"},
	} {
		got, err := recognizeLicense(c.text)
		if got != c.want || (err != nil) != (c.wrong != "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

const gpl = `This program is free software: you can redistribute it and/or modify it under the terms of the GNU
General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your
option) any later version.

This program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied
warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.
`
