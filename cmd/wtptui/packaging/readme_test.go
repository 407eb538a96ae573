package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// All that the README of an archive refers to exists there, or in the program.
func TestArchiveReadme(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(sourceTree, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := archiveReadme(source, isInArchive)
	if err != nil {
		t.Fatal(err)
	}
	text := string(readme)
	for _, m := range markdownLink.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[2], "https://") && !isInArchive(m[2]) {
			t.Errorf("it links to %s, which is in no archive", m[2])
		}
	}
	topics := regexp.MustCompile("`wtptui help ([a-z]+)`").FindAllStringSubmatch(text, -1)
	if len(topics) < 10 {
		t.Errorf("it names only the topics %q", topics)
	}
	for _, m := range topics {
		_, err := os.Stat(filepath.Join("..", "docs", m[1]+".md"))
		if err != nil && m[1] != "topic" {
			t.Errorf("it names the topic %s: %v", m[1], err)
		}
	}
	for _, part := range []string{"<!--", "-->", "go run", "go test", "`make", "cmd/wtptui", "screenshots"} {
		if strings.Contains(text, part) {
			t.Errorf("it has %q, which is for the source tree:\n%s", part, text)
		}
	}
	for _, part := range []string{
		"\n## Run it\n\nThe program is one static binary", "\n## The first minute\n", "[MIT](LICENSE)",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("it lacks %q:\n%s", part, text)
		}
	}
}

// The texts name the packages as they are called, and only flags that the installer has.
func TestReadmesNameWhatIsMade(t *testing.T) {
	t.Parallel()
	read := func(path string) string {
		text, err := os.ReadFile(filepath.Join(sourceTree, path))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	texts, installer := read("cmd/wtptui/packaging/README.md"), read("cmd/wtptui/packaging/install.sh")
	for _, format := range []string{deb, rpm, archlinux, apk} {
		if name := testRelease.packageName(format, "amd64"); strings.Count(texts, name) < 2 {
			t.Errorf("%s is not called %s in the table and in the command that installs it", format, name)
		}
	}
	if archive := archiveName("1.2.3", "linux", "amd64"); !strings.Contains(texts, "`"+archive+"`") {
		t.Errorf("the archive is not called %s", archive)
	}
	packageFile := regexp.MustCompile(`wtptui[_-][0-9][^ \x60]*\.(?:deb|rpm|apk|pkg\.tar\.zst)`)
	for _, text := range []string{texts, read("README.md")} {
		for _, name := range packageFile.FindAllString(text, -1) {
			known := func(format string) bool { return testRelease.packageName(format, "amd64") == name }
			if !slices.ContainsFunc([]string{deb, rpm, archlinux, apk}, known) {
				t.Errorf("there is no package %s", name)
			}
		}
		for _, line := range regexp.MustCompile(`install\.sh (--[a-z]+)`).FindAllStringSubmatch(text, -1) {
			if !strings.Contains(installer, "\n  "+line[1]+" ") {
				t.Errorf("the installer has no %s", line[1])
			}
		}
	}
}

func TestArchiveReadmeParts(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"a\n\n<!-- source:begin -->\n![b](c.png)\n<!-- source:end -->\n\nd\n": "a\n\nd\n",
		"<!-- archive:begin\na\narchive:end -->\n" +
			"<!-- source:begin -->\nb\n<!-- source:end -->\n\nc\n": "a\n\nc\n",
		"A [long\nlink](cmd/wtptui/docs/owners.md#a-key).\n":        "A long\nlink (`wtptui help owners`).\n",
		"| a | [b](CONTRIBUTING.md) |\n| c | [d](CHANGELOG.md) |\n": "| c | [d](CHANGELOG.md) |\n",
		"[a](https://a.example/)":                                   "[a](https://a.example/)",
	} {
		if got, err := archiveReadme([]byte(source), isInArchive); err != nil || string(got) != want {
			t.Errorf("%q becomes %q, want %q: %v", source, got, want, err)
		}
	}
	if _, err := archiveReadme([]byte("[a](cmd/wtptui/packaging/README.md)"), isInArchive); err == nil {
		t.Error("a link to a file that is in no archive is accepted")
	}
}
