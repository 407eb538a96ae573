package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/e2e/peers"
)

func manualPages(t *testing.T) map[string]string {
	t.Helper()
	defaults, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"wtptui.1":        manualPage(testRoot(t), defaults, "2026-01-02"),
		"wtptui-config.5": configPage(defaults, "2026-01-02"),
	}
}

// The pages have the sections of a manual page in their usual order.
func TestManualPageSections(t *testing.T) {
	t.Parallel()
	pages := manualPages(t)
	for name, want := range map[string][]string{
		"wtptui.1": {
			"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS", "KEYS", "FILES", "ENVIRONMENT", "EXIT STATUS",
			"EXAMPLES", "SEE ALSO", "BUGS",
		},
		"wtptui-config.5": {
			"NAME", "SYNOPSIS", "DESCRIPTION", "SETTINGS", "PUBLIC HOMES", "TABLES", "FILES", "EXAMPLES", "SEE ALSO",
		},
	} {
		var got []string
		for line := range strings.Lines(pages[name]) {
			if section, ok := strings.CutPrefix(line, ".SH "); ok {
				got = append(got, strings.Trim(section, "\"\n"))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has the sections %q, want %q", name, got, want)
		}
	}
}

// The pages have all verbs, some flags, all settings and all tables.
func TestManualPages(t *testing.T) {
	pages := manualPages(t)
	escaped := func(s string) string { return strings.ReplaceAll(s, "-", `\-`) }
	for _, cmd := range visibleVerbs(testRoot(t))[1:] {
		if usage := `.SS "` + verbPath(cmd); !strings.Contains(pages["wtptui.1"], usage) {
			t.Errorf("wtptui(1) has no %s", usage)
		}
	}
	for _, flag := range []string{"--leave-out", "--data-dir", "--ascii", "--copies", "--yes"} {
		if !strings.Contains(pages["wtptui.1"], escaped(flag)+`\fR`) {
			t.Errorf("wtptui(1) has no %s", flag)
		}
	}
	defaults, err := defaultSettings()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range defaults.options() {
		if !strings.Contains(pages["wtptui-config.5"], ".TP\n\\fB"+escaped(o.name)+`\fR (`) {
			t.Errorf("wtptui-config(5) has no setting %s", o.name)
		}
	}
	for _, table := range []string{keysTable, hooksTable, labelsTable, schedulesTable, fleetTable, commandsTable} {
		if !strings.Contains(pages["wtptui-config.5"], `.SS "[`+table) {
			t.Errorf("wtptui-config(5) has no table [%s]", table)
		}
	}
	for kind, fields := range tableFields {
		for _, field := range append(fields, hookFields()...) {
			if !strings.Contains(pages["wtptui-config.5"], `\fB`+escaped(field)+`\fR`) {
				t.Errorf("wtptui-config(5) says nothing of %s in [%s.NAME] or [hooks]", field, kind)
			}
		}
	}
}

// mandoc finds nothing wrong with the pages.
func TestManualPagesInMandoc(t *testing.T) {
	peers.Require(t, peers.MandocTool)
	for name, page := range manualPages(t) {
		cmd := exec.CommandContext(t.Context(), "mandoc", "-Tlint", "-W", "warning")
		cmd.Stdin = strings.NewReader(page)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
