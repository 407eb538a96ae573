package main

import (
	"context"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// parseRelease returns the release that the flags of a command line describe.
func parseRelease(ctx context.Context, args ...string) (release, error) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	parsed := releaseFlags(flags)
	if err := flags.Parse(args); err != nil {
		return release{}, err
	}
	return parsed(ctx)
}

func TestReleaseFlags(t *testing.T) {
	t.Parallel()
	const date, home = "-date=1767323045", "-homepage=https://a.example/"
	tests := []struct {
		name    string
		args    []string
		refused string
	}{
		{"plain", []string{"-version=1.2.3", date}, ""},
		{"before a version", []string{"-version=1.2.3~rc1", date}, ""},
		{"after a version", []string{"-version=0.0.0+git", date}, ""},
		{"published", []string{"-version=1.2.3", date, home, "-releases=https://a.example/v{version}/"}, ""},
		{"no version", []string{date}, "-version"},
		{"a version that Arch Linux cannot have", []string{"-version=1.2.3-1", date}, "-version"},
		{"a version that Alpine cannot have", []string{"-version=1.2.3~nightly", date}, "-version"},
		{"a version with something of a shell", []string{"-version=1.2.3;id", date}, "-version"},
		{"no home page", []string{"-version=1.2.3", date, "-releases=https://a.example/"}, "-homepage"},
		{"no URL", []string{"-version=1.2.3", date, "-homepage=a.example"}, "-homepage"},
		{"a URL with a quote", []string{"-version=1.2.3", date, home, "-releases=https://a.example/'"}, "-releases"},
		{"a maintainer with a quote", []string{"-version=1.2.3", date, `-maintainer="A" <a@a.example>`}, "-maintainer"},
		{"no date", []string{"-version=1.2.3", "-date=yesterday"}, "-date"},
		{"before all dates", []string{"-version=1.2.3", "-date=0"}, "-date"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := parseRelease(t.Context(), test.args...)
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("it says %v", err)
				}
				return
			}
			if want := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC); err != nil || !r.Date.Equal(want) {
				t.Errorf("%v, %v", r.Date, err)
			}
		})
	}
}

// Without -date, the date is that of the commit. Without a commit, the error says what to do.
func TestReleaseDateIsThatOfTheCommit(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	date, err := releaseDate(t.Context(), filepath.Join(root, "missing"), "")
	if err == nil || !strings.Contains(err.Error(), "give a -date") {
		t.Errorf("no repository: %v, %v", date, err)
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"commit", "--quiet", "--allow-empty", "--message=all"}} {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", root}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@a.example",
			"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@a.example", "GIT_COMMITTER_DATE=1767323045 +0200")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, text)
		}
	}
	if date, err := releaseDate(t.Context(), root, ""); err != nil || date.Format(time.RFC3339) != "2026-01-02T03:04:05Z" {
		t.Errorf("%v, %v", date, err)
	}
}

func TestVersionsOfFormats(t *testing.T) {
	t.Parallel()
	for version, want := range map[string][4]string{
		"1.2.3":      {"1.2.3", "1.2.3", "1.2.3", "1.2.3"},
		"1.2.3~rc1":  {"1.2.3~rc1", "1.2.3~rc1", "1.2.3rc1", "1.2.3_rc1"},
		"1.2.3+git5": {"1.2.3+git5", "1.2.3+git5", "1.2.3+git5", "1.2.3_git5"},
	} {
		r := release{Version: version}
		if got := [4]string{r.For(deb), r.For(rpm), r.For(archlinux), r.For(apk)}; got != want {
			t.Errorf("%s: %q instead of %q", version, got, want)
		}
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for folder, want := range map[string]string{
		"https://a.example/v{version}/{version}": "https://a.example/v1.2.3/1.2.3/file",
		"https://a.example/latest/":              "https://a.example/latest/file",
	} {
		r, err := parseRelease(t.Context(), "-version=1.2.3", "-date=1", "-homepage=https://a.example", "-releases="+folder)
		if got := r.URL("file"); err != nil || got != want {
			t.Errorf("%q, %v instead of %q", got, err, want)
		}
	}
}

// The installer of a published release knows its URL and version; of another one it has to be told. An installer
// without the lines to replace is refused.
func TestInstallerWithDefaults(t *testing.T) {
	t.Parallel()
	installer, err := os.ReadFile("install.sh")
	if err != nil {
		t.Fatal(err)
	}
	got, err := installerWithDefaults(installer, testRelease)
	const want = "\ndefault_url='https://get.a.example/v{version}'\ndefault_version='1.2.3'\n"
	if err != nil || !strings.Contains(string(got), want) {
		t.Errorf("%v\n%s", err, got)
	}
	unpublished := testRelease
	unpublished.Releases = ""
	if got, err := installerWithDefaults(installer, unpublished); err != nil || string(got) != string(installer) {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := installerWithDefaults(got, testRelease); err == nil {
		t.Error("it has no such lines")
	}
}
