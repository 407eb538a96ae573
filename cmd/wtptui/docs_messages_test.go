package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	number       = regexp.MustCompile(`\d+`)
	joinedString = regexp.MustCompile(`" \+\n\s*"`)
	commentLine  = regexp.MustCompile(`(?m)^\s*//.*$`)
)

// TestDocsTroubleshootingQuotesMessages promises that a reader of the page on troubleshooting can find what is on the
// screen: each message in the first columns of its tables is in the program's source, or on a screen of its tests.
func TestDocsTroubleshootingQuotesMessages(t *testing.T) {
	t.Parallel()
	texts := programTexts(t)
	quoted := 0
	for line := range strings.Lines(readDoc(t, docFile("troubleshooting"))) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		seen := strings.Split(line, "|")[1]
		for _, found := range codeInText.FindAllStringSubmatch(seen, -1) {
			message := strings.Trim(found[1], " …")
			quoted++
			if !strings.Contains(texts, message) && !strings.Contains(texts, number.ReplaceAllString(message, "%d")) {
				t.Errorf("the program does not say %q", message)
			}
		}
	}
	if quoted < 5 {
		t.Errorf("found only %d messages", quoted)
	}
}

// programTexts returns the program's source without tests and comments, each message in one line, and the screens of
// the dashboard's tests.
func programTexts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if extension := filepath.Ext(path); extension != ".go" && extension != ".golden" {
			return nil
		}
		text, err := os.ReadFile(path)
		all.Write(commentLine.ReplaceAll(joinedString.ReplaceAll(text, nil), nil))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
