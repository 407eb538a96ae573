package publish

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"wtptui/engine"
	"wtptui/ui/format"
)

// maxCompletions is the largest number of folders that are offered.
const maxCompletions = 200

// Completion is the result of completing a path that is being typed.
type Completion struct {
	// Text is the typed text, Value its completion; the same when there are several.
	Text, Value string
	// Names are the folders that begin with the typed text, when there are several, sorted.
	Names []string
	// Problem is why there are none, for a person.
	Problem string
}

// Complete completes the last part of a path with the folder that begins with it, as far as that is unambiguous. It
// reads the disk: it is for commands.
func Complete(text string) Completion {
	c := Completion{Text: text, Value: text}
	if text == "~" {
		c.Value = "~" + string(filepath.Separator)
		return c
	}
	dir, prefix := filepath.Split(text)
	abs, err := Absolute(dir)
	if err != nil {
		c.Problem = engine.Message(err)
		return c
	}
	entries, err := os.ReadDir(abs)
	if err != nil {
		c.Problem = "could not read " + engine.Clean(abs) + ": " + reasonText(err)
		return c
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !hasPrefixFold(name, prefix) || !format.IsVisible(name) || strings.HasPrefix(name, ".") &&
			!strings.HasPrefix(prefix, ".") {
			continue
		}
		if e.IsDir() || e.Type()&fs.ModeSymlink != 0 && isDir(filepath.Join(abs, name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	switch len(names) {
	case 0:
		c.Problem = "no folder there starts with " + engine.Clean(prefix)
		if prefix == "" {
			c.Problem = "there are no folders in " + engine.Clean(abs)
		}
		return c
	case 1:
		c.Value = dir + names[0] + string(filepath.Separator)
		return c
	}
	c.Value = dir + commonPrefix(names, prefix)
	for _, name := range names[:min(len(names), maxCompletions)] {
		c.Names = append(c.Names, engine.Clean(name))
	}
	return c
}

// hasPrefixFold compares as the system's file names do.
func hasPrefixFold(name, prefix string) bool {
	if len(name) < len(prefix) {
		return false
	}
	if runtime.GOOS == "windows" {
		return strings.EqualFold(name[:len(prefix)], prefix)
	}
	return strings.HasPrefix(name, prefix)
}

// commonPrefix returns the longest common prefix of all names: at least prefix, and whole characters only.
func commonPrefix(names []string, prefix string) string {
	first, last := []rune(names[0]), []rune(names[len(names)-1])
	n := 0
	for n < len(first) && n < len(last) && first[n] == last[n] {
		n++
	}
	if s := string(first[:n]); len(s) > len(prefix) {
		return s
	}
	return prefix
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Absolute returns an absolute path for a typed one; "~" is the person's home folder and an empty text the current one.
// It asks the system: it is for commands.
func Absolute(text string) (string, error) {
	if path, ok := strings.CutPrefix(text, "~"); ok && (path == "" || os.IsPathSeparator(path[0])) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", &engine.Error{
				Op: "publish: find home", Kind: engine.Unavailable, Msg: "it is not known what ~ is: write the whole path",
				Err: err,
			}
		}
		return filepath.Join(home, path), nil
	}
	abs, err := filepath.Abs(text)
	if err != nil {
		return "", &engine.Error{
			Op: "publish: find folder", Kind: engine.Unavailable, Msg: "the current folder is gone: write the whole path",
			Err: err,
		}
	}
	return abs, nil
}

// Path returns the path that was meant by a text that was typed, pasted, or dropped from a file manager: terminals put
// quotes around it or backslashes into it, and some drop a file: URL.
func Path(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 1 && (text[0] == '\'' || text[0] == '"') && text[len(text)-1] == text[0] {
		return text[1 : len(text)-1]
	}
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" {
		return filepath.FromSlash(u.Path)
	}
	if runtime.GOOS == "windows" {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) && strings.IndexByte(` '"()&;!$#[]{}*?<>|\`+"`", text[i+1]) >= 0 {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// LooksLikePath reports whether a pasted text is a path rather than an address; it examines only the text.
func LooksLikePath(text string) bool {
	path := Path(text)
	if path == "" || strings.ContainsAny(path, "\n\r\x00") || strings.HasSuffix(strings.ToLower(path), ".torrent") {
		return false
	}
	begins := func(prefix string) bool { return strings.HasPrefix(path, prefix) }
	return filepath.IsAbs(path) || slices.ContainsFunc([]string{"~/", "./", "../"}, begins)
}

// reasonText returns the system's message of an error, without the path.
func reasonText(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return engine.Clean(err.Error())
}
