package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// changeKinds are the sections of a version in their order, as Keep a Changelog has them.
var changeKinds = []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}

var releaseHeading = regexp.MustCompile(`^\[?(\d+\.\d+\.\d+)\]? - (\d{4}-\d\d-\d\d)$`)

// CHANGELOG.md has the form of Keep a Changelog: what is not released comes first, then the versions with their dates,
// newest first; each has sections of known kinds, none of them empty. It also says how one learns of a new version.
func TestChangelogForm(t *testing.T) {
	t.Parallel()
	introduction, rest, ok := strings.Cut(readTop(t, "CHANGELOG.md"), "\n## ")
	if !ok || !strings.Contains(introduction, "How to learn of a new version") {
		t.Fatalf("it begins with\n%s", introduction)
	}
	newest := time.Now().AddDate(0, 0, 1) // The date may be that of another time zone.
	for i, version := range strings.Split(rest, "\n## ") {
		heading, body, _ := strings.Cut(version, "\n")
		release := releaseHeading.FindStringSubmatch(heading)
		switch {
		case i == 0 && heading == "Unreleased":
		case release == nil:
			t.Errorf("%q is neither Unreleased, at the top, nor a version with its date", heading)
		default:
			date, err := time.Parse(time.DateOnly, release[2])
			if err != nil || date.After(newest) {
				t.Errorf("%q is not older than the version above it: %v", heading, err)
			}
			newest = date
		}
		checkChanges(t, heading, body)
	}
}

// checkChanges checks the sections of a version.
func checkChanges(t *testing.T, version, body string) {
	t.Helper()
	next := 0
	for _, section := range strings.Split(body, "\n### ")[1:] {
		kind, list, _ := strings.Cut(section, "\n")
		at := slices.Index(changeKinds, kind)
		if at < next {
			t.Errorf("%s: the section %q is unknown, or in the wrong place: %q", version, kind, changeKinds)
		}
		next = at + 1
		if !strings.HasPrefix(strings.TrimSpace(list), "- ") {
			t.Errorf("%s: the section %q is no list", version, kind)
		}
	}
}
