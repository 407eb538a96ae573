package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// elsewhere are the web addresses that the texts link to. They are few, because no test can check whether they still
// exist.
var elsewhere = []string{
	"https://docs.github.com/pages",
	"https://github.com/charmbracelet/bubbletea",
	"https://go.dev/dl/",
	"https://keepachangelog.com/en/1.1.0/",
	"https://letsencrypt.org",
	"https://pkarr.org",
	"https://semver.org/spec/v2.0.0.html",
	"https://webtorrent.io",
}

var (
	markdownLink = regexp.MustCompile(`\]\(([^)\s]*)\)`)
	codeSpan     = regexp.MustCompile("`[^`]*`")
	notInAnchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// linkingTexts returns the documentation, and the texts for those who build, package or change the program.
func linkingTexts() []string {
	files := append(documentation(), filepath.Join("packaging", "README.md"))
	for _, name := range forDevelopers {
		files = append(files, filepath.Join("..", "..", name))
	}
	return files
}

// The links of all texts lead to existing files and headings, or to addresses in elsewhere.
func TestDocsLinks(t *testing.T) {
	anchors := map[string][]string{}
	for _, file := range linkingTexts() {
		if filepath.Base(file) != "CHANGELOG.md" { // It has the same headings for each version.
			anchors[absolute(t, file)] = anchorsOf(t, file)
		}
	}
	used := map[string]bool{}
	for _, file := range linkingTexts() {
		for _, link := range linksOf(t, file) {
			if strings.Contains(link, "://") {
				used[link] = true
				u, err := url.Parse(link)
				if err != nil || u.Scheme != "https" || u.Host == "" || !slices.Contains(elsewhere, link) {
					t.Errorf("%s leads to %s, which is not one of elsewhere", file, link)
				}
				continue
			}
			path, anchor, hasAnchor := strings.Cut(link, "#")
			target := absolute(t, file)
			if path != "" {
				target = filepath.Join(filepath.Dir(target), filepath.FromSlash(path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s leads to %s: %v", file, link, err)
			}
			if hasAnchor && !slices.Contains(anchors[target], anchor) {
				t.Errorf("%s leads to %s: %s has only the headings %q", file, link, target, anchors[target])
			}
		}
	}
	for _, link := range elsewhere {
		if !used[link] {
			t.Errorf("nothing leads to %s any more", link)
		}
	}
}

// linksOf returns the targets of the links in a file.
func linksOf(t *testing.T, file string) (links []string) {
	t.Helper()
	for _, line := range proseOf(t, file) {
		for _, m := range markdownLink.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
			links = append(links, m[1])
		}
	}
	return links
}

// anchorsOf returns the anchors of a file's headings, in the form that most renderers make: lower-case, with hyphens
// for blanks.
func anchorsOf(t *testing.T, file string) (anchors []string) {
	t.Helper()
	for _, line := range proseOf(t, file) {
		if !strings.HasPrefix(line, "#") {
			continue
		}
		text := strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#")))
		anchor := strings.ReplaceAll(notInAnchor.ReplaceAllString(text, ""), " ", "-")
		if slices.Contains(anchors, anchor) {
			t.Errorf("%s has two headings %q: no link can tell them apart", file, text)
		}
		anchors = append(anchors, anchor)
	}
	return anchors
}

// proseOf returns the lines of a file that are outside of fenced blocks.
func proseOf(t *testing.T, file string) (lines []string) {
	t.Helper()
	fenced := false
	for line := range strings.SplitSeq(readDoc(t, file), "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		if !fenced {
			lines = append(lines, line)
		}
	}
	return lines
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
