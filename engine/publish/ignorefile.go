package publish

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/engine/publish/ignore"
)

// IgnoreFile is a file in the folder that lists patterns of files that are not published, in the syntax of
// gitignore(5).
const IgnoreFile = ".wtpignore"

// maxIgnoreFile is the maximum size of that file, in bytes.
const maxIgnoreFile = 1 << 20

// maxNamedPaths is how many of the paths that the file leaves out are named in the finding.
const maxNamedPaths = 8

// ignoreRules holds the patterns of the folder's IgnoreFile, and what they left out so far.
type ignoreRules struct {
	list  ignore.List
	count int
	names []string // the first of them, as findings show paths
}

// readIgnoreFile returns the content of the folder's IgnoreFile; empty if there is none.
func (f *Folder) readIgnoreFile() (string, error) {
	info, err := f.stat(IgnoreFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", UnreadableError(IgnoreFile, err)
	case !info.Mode().IsRegular(): // Opening a pipe would block until a writer opens it.
		return "", invalid("%s is not a file: it should be a list of patterns", IgnoreFile)
	case info.Size() > maxIgnoreFile:
		return "", invalid("%s is over 1 MiB, which is too long for a list of patterns", IgnoreFile)
	}
	data, err := fs.ReadFile(f.fsys, IgnoreFile)
	if err != nil {
		return "", UnreadableError(IgnoreFile, err)
	}
	return string(data), nil
}

func (i *ignoreRules) load(f *Folder) error {
	text, err := f.readIgnoreFile()
	if err != nil {
		return err
	}
	if i.list, err = ignore.Parse(text); err != nil {
		return invalid("%s: %v: correct it", IgnoreFile, err)
	}
	return nil
}

// leavesOut reports whether the file leaves out a path, and counts it.
func (i *ignoreRules) leavesOut(name string, dir bool) bool {
	if !i.list.Matches(name, dir) {
		return false
	}
	if i.count++; len(i.names) < maxNamedPaths {
		i.names = append(i.names, engine.DisplayPath(name))
	}
	return true
}

// finding returns the finding that lists what the file leaves out; ok is false if that is nothing.
func (i *ignoreRules) finding() (f engine.Finding, ok bool) {
	if i.count == 0 {
		return f, false
	}
	why := "its patterns leave out " + strings.Join(i.names, ", ")
	if more := i.count - len(i.names); more > 0 {
		why += fmt.Sprintf(", and %d more", more)
	}
	return engine.Finding{Path: IgnoreFile, Code: engine.FindingIgnored, Choice: engine.ChoiceLeaveOut, Why: why}, true
}

// ignoreLine returns the line for an IgnoreFile that leaves out only that path; ok is false if there is no such line.
func ignoreLine(name string, dir bool) (line string, ok bool) {
	if line = ignore.Pattern(name, dir); strings.ContainsAny(line, "\r\n") {
		return "", false
	}
	list, err := ignore.Parse(line)
	return line, err == nil && list.Matches(name, dir)
}

// AddIgnored adds lines to the folder's IgnoreFile, which is created if necessary. Existing content is not changed;
// lines that it has already are not added.
func (f *Folder) AddIgnored(lines []string) error {
	if f.root == nil || len(lines) == 0 {
		return nil
	}
	text, err := f.readIgnoreFile()
	if err != nil {
		return err
	}
	end := "\n"
	if strings.Contains(text, "\r\n") {
		end = "\r\n"
	}
	there := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var more strings.Builder
	if text != "" && !strings.HasSuffix(text, "\n") {
		more.WriteString(end)
	}
	added := false
	for _, line := range lines {
		if !slices.Contains(there, line) {
			more.WriteString(line + end)
			added = true
		}
	}
	if !added {
		return nil
	}
	if err := f.append(IgnoreFile, more.String()); err != nil {
		return wrapError(
			engine.Unavailable, err, "%s could not be written (%s): make the folder writable, or put these lines into it: %s",
			IgnoreFile, errorReason(err), strings.Join(lines, " "),
		)
	}
	return nil
}

// append appends text to a file. It is on the disk when it returns.
func (f *Folder) append(name, text string) error {
	out, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = out.WriteString(text)
	return errors.Join(err, out.Sync(), out.Close())
}
