package engine

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ExportRequest selects where a site's files are written, and which of them.
type ExportRequest struct {
	// Dir is the absolute path of a folder on the engine's machine. It is created; if it exists, it must be empty.
	Dir string `json:"dir"`
	// Dotfiles reports whether files for which IsDotfile is true are written too.
	Dotfiles bool `json:"dotfiles"`
}

// IsDotfile reports whether a part of a file's path, raw or clean, begins with a dot. Listings hide such files, and
// programs obey some of them (.htaccess, .git/hooks). Files below .well-known (RFC 8615) are for visitors and are not
// dotfiles.
func IsDotfile(path string) bool {
	for i, part := range strings.Split(path, "/") {
		// Some file systems ignore invisible characters.
		part = Clean(part)
		if strings.HasPrefix(part, ".") && (i > 0 || part != ".well-known") {
			return true
		}
	}
	return false
}

const (
	// maxNamedDotfiles is the maximum number of files that DescribeDotfiles names.
	maxNamedDotfiles = 5
	// maxShownPath is how much of a path is shown within a sentence, in runes.
	maxShownPath = 80
)

// DescribeDotfiles returns how many of a site's files are dotfiles, with the names of the first ones, as the rest of a
// sentence that begins with the site; empty if there are none.
func DescribeDotfiles(paths []string) string {
	var named []string
	count := 0
	for _, path := range paths {
		if !IsDotfile(path) {
			continue
		}
		count++
		if len(named) < maxNamedDotfiles {
			named = append(named, truncatePath(Clean(path)))
		}
	}
	switch {
	case count == 0:
		return ""
	case count == 1:
		return "has a file that is hidden or that other programs may obey: " + named[0]
	case count > len(named):
		named = append(named, "…")
	}
	const many = "has %d files that are hidden or that other programs may obey: %s"
	return fmt.Sprintf(many, count, strings.Join(named, ", "))
}

// truncatePath cuts a path that is too long for a sentence.
func truncatePath(path string) string {
	if runes := []rune(path); len(runes) > maxShownPath {
		return string(runes[:maxShownPath]) + "…"
	}
	return path
}

// UnsafeNameReason returns why no file may be written under a path that comes from a torrent: the name would look like
// another one in a listing, or control a terminal. It is empty for a safe path.
func UnsafeNameReason(path string) string {
	if !strings.ContainsFunc(strings.ToValidUTF8(path, ""), isDeceptive) && !hasBareControl(path) {
		return ""
	}
	return "its file " + truncatePath(Clean(strconv.Quote(path))) + " has control characters in its name, " +
		"by which a terminal or a person can be deceived, and nothing was written: " +
		"a torrent client that renames such files can fetch the site"
}

// isDeceptive reports whether a character is a control (C0, C1, DEL), a separator of lines or of paragraphs, or lets
// the text after it run in another direction. Other characters that cannot be seen are in the names of many languages.
func isDeceptive(r rune) bool {
	return unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// hasBareControl reports whether a path has a byte that is no part of a character of UTF-8, and that is a control (C1)
// to a terminal that does not know UTF-8.
func hasBareControl(path string) bool {
	for i, r := range path {
		if r == unicode.ReplacementChar && path[i] >= 0x80 && path[i] <= 0x9f {
			return true
		}
	}
	return false
}
