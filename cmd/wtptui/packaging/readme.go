package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	// sourcePart is a part of the README that is for the source tree alone.
	sourcePart = regexp.MustCompile(`(?s)<!-- source:begin -->\n.*?<!-- source:end -->\n+`)
	// archiveComment is around a part that is for archives alone, and a comment in the source tree.
	archiveComment = regexp.MustCompile(`(?s)<!-- archive:begin\n(.*?)archive:end -->\n`)

	markdownLink = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
	// topicFile is a text that `wtptui help` shows.
	topicFile = regexp.MustCompile(`^cmd/wtptui/docs/([a-z]+)\.md(#.*)?$`)
)

// archiveReadme returns the README for archives. Parts that are for the source tree alone are left out, and so are rows
// of tables that link to its files. A link to a topic of the documentation becomes the command that shows it. Any other
// link must lead to a file of the archives.
func archiveReadme(readme []byte, isInArchive func(path string) bool) ([]byte, error) {
	text := sourcePart.ReplaceAllString(string(readme), "")
	text = archiveComment.ReplaceAllString(text, "$1\n")
	var kept strings.Builder
	for line := range strings.Lines(text) {
		link := markdownLink.FindStringSubmatch(line)
		if strings.HasPrefix(line, "|") && link != nil && !isInArchive(link[2]) && !topicFile.MatchString(link[2]) {
			continue
		}
		kept.WriteString(line)
	}
	var err error
	text = markdownLink.ReplaceAllStringFunc(kept.String(), func(link string) string {
		m := markdownLink.FindStringSubmatch(link)
		switch topic := topicFile.FindStringSubmatch(m[2]); {
		case topic != nil:
			return m[1] + " (`wtptui help " + topic[1] + "`)"
		case strings.HasPrefix(m[2], "https://"), strings.HasPrefix(m[2], "#"), isInArchive(m[2]):
			return link
		}
		err = fmt.Errorf("README.md links to %s, which is in no archive: put that part between <!-- source:begin --> "+
			"and <!-- source:end -->", m[2])
		return link
	})
	return []byte(text), err
}

// isInArchive reports whether the archives for all systems contain a file.
func isInArchive(path string) bool {
	return slices.ContainsFunc(shipped, func(c content) bool { return c.archive == path && c.systems == "" })
}
