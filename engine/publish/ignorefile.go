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

// IgnoreFile is a file in the folder itself that lists, in the syntax of gitignore(5), what is not to be published.
const IgnoreFile = ".wtpignore"

// maxIgnore bounds the size of that file, in bytes.
const maxIgnore = 1 << 20

// maxNamed is how many paths that the file leaves out are named.
const maxNamed = 8

// ignored is what the folder's IgnoreFile leaves out.
type ignored struct {
	list  ignore.List
	count int
	names []string // the first of them, as findings show paths
}

// readIgnoreFile returns what the folder's IgnoreFile says; empty when there is none.
func (f *Folder) readIgnoreFile() (string, error) {
	info, err := f.stat(IgnoreFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", Unreadable(IgnoreFile, err)
	case !info.Mode().IsRegular(): // Whoever opens a pipe waits for a writer.
		return "", invalid("%s is not a file: it should be a list of patterns", IgnoreFile)
	case info.Size() > maxIgnore:
		return "", invalid("%s is over 1 MiB: that is no list of patterns", IgnoreFile)
	}
	data, err := fs.ReadFile(f.fsys, IgnoreFile)
	if err != nil {
		return "", Unreadable(IgnoreFile, err)
	}
	return string(data), nil
}

func (i *ignored) read(f *Folder) error {
	text, err := f.readIgnoreFile()
	if err != nil {
		return err
	}
	if i.list, err = ignore.Parse(text); err != nil {
		return invalid("%s: %v: correct it", IgnoreFile, err)
	}
	return nil
}

// leavesOut reports whether the file leaves out a path.
func (i *ignored) leavesOut(name string, dir bool) bool {
	if !i.list.Matches(name, dir) {
		return false
	}
	if i.count++; len(i.names) < maxNamed {
		i.names = append(i.names, engine.ShownPath(name))
	}
	return true
}

// finding says all that the file leaves out; ok is false when that is nothing.
func (i *ignored) finding() (f engine.Finding, ok bool) {
	if i.count == 0 {
		return f, false
	}
	why := "its patterns leave out " + strings.Join(i.names, ", ")
	if more := i.count - len(i.names); more > 0 {
		why += fmt.Sprintf(", and %d more", more)
	}
	return engine.Finding{Path: IgnoreFile, Code: engine.FindingIgnored, Choice: engine.LeftOut, Why: why}, true
}

// ignoreLine returns the line of an IgnoreFile that leaves out just that path; ok is false when no line can.
func ignoreLine(name string, dir bool) (line string, ok bool) {
	if line = ignore.Pattern(name, dir); strings.ContainsAny(line, "\r\n") {
		return "", false
	}
	list, err := ignore.Parse(line)
	return line, err == nil && list.Matches(name, dir)
}

// AddIgnored adds lines to the folder's IgnoreFile, which is made if there is none. What is there stays as it is; lines that
// are there already are not added again.
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
		return failed(engine.Unavailable, err, "%s could not be written (%s): make the folder writable, or put these lines into it: %s",
			IgnoreFile, reason(err), strings.Join(lines, " "))
	}
	return nil
}

// append adds text to the end of a file, on the disk when it returns.
func (f *Folder) append(name, text string) error {
	out, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = out.WriteString(text)
	return errors.Join(err, out.Sync(), out.Close())
}
