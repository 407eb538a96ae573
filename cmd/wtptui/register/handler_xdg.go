//go:build !windows && !darwin

package register

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// entryName is the desktop entry's file name, which is its identity too.
const entryName = "wtptui.desktop"

const mimeType = "x-scheme-handler/" + Scheme

func (h Handler) entry() []byte {
	return []byte("[Desktop Entry]\nType=Application\nName=wtptui\nComment=Open wtp:// sites in the browser\n" +
		"Exec=" + execLine(h.words()) + "\nTerminal=false\nNoDisplay=true\nMimeType=" + mimeType + ";\nCategories=Network;\n")
}

// execLine quotes a command by the rules of the Desktop Entry Specification, and adds the field code for the URL. A
// desktop runs it without a shell.
func execLine(words []string) string {
	// Inside quotes, these are escaped; the file's own escaping doubles each backslash again.
	quoted := strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	var b strings.Builder
	for _, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\r\"'\\><~|&;$*?#()`%") {
			w = `"` + quoted.Replace(w) + `"`
		}
		b.WriteString(w + " ")
	}
	return b.String() + "%u"
}

func (h Handler) home(variable string, below ...string) string {
	if dir := h.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(append([]string{h.Getenv("HOME")}, below...)...)
}

func (h Handler) entryPath() string {
	return filepath.Join(h.home("XDG_DATA_HOME", ".local", "share"), "applications", entryName)
}

// appsPath is where the person's choice of programs is kept (freedesktop.org's "Association between MIME types and
// applications").
func (h Handler) appsPath() string {
	return filepath.Join(h.home("XDG_CONFIG_HOME", ".config"), "mimeapps.list")
}

func (h Handler) add(ctx context.Context) error {
	if err := writeChanged(h.entryPath(), h.entry()); err != nil {
		return failed("write the desktop entry", err)
	}
	h.tell(ctx, "xdg-mime", "default", entryName, mimeType)
	// Where there is no xdg-mime, or where it only speaks to one desktop, the standard's own file says it.
	err := h.editApps(func(l *appsList) { l.choose(mimeType, entryName) })
	h.tell(ctx, "update-desktop-database", filepath.Dir(h.entryPath()))
	return err
}

func (h Handler) remove(ctx context.Context) error {
	if err := os.Remove(h.entryPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed("remove the desktop entry", err)
	}
	err := h.editApps(func(l *appsList) { l.drop(mimeType, entryName) })
	if _, missing := os.Stat(filepath.Dir(h.entryPath())); missing == nil {
		h.tell(ctx, "update-desktop-database", filepath.Dir(h.entryPath()))
	}
	return err
}

// helperTime is how long a program of the desktop may take.
const helperTime = 5 * time.Second

// tell runs a program of the desktop, if there is one. What it does is checked afterwards by what is in the files, so
// it does not matter whether it works, or ever ends.
func (h Handler) tell(ctx context.Context, name string, args ...string) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(h.helperTime, helperTime))
	defer cancel()
	if path, err := exec.LookPath(name); err == nil {
		_ = exec.CommandContext(ctx, path, args...).Run()
	}
}

func (h Handler) editApps(edit func(*appsList)) error {
	data, err := os.ReadFile(h.appsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed("read the list of programs", err)
	}
	list := parseApps(data)
	edit(list)
	if changed := list.bytes(); !bytes.Equal(changed, data) {
		return failed("write the list of programs", writeChanged(h.appsPath(), changed))
	}
	return nil
}

func (h Handler) state(context.Context) (State, error) {
	data, err := os.ReadFile(h.appsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return State{}, failed("read the list of programs", err)
	}
	chosen := parseApps(data).chosen(mimeType)
	entry, err := os.ReadFile(h.entryPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return State{}, failed("read the desktop entry", err)
	}
	switch {
	case chosen != "" && chosen != entryName:
		return State{Program: chosen, Where: h.appsPath()}, nil
	case chosen == "" || entry == nil:
		return h.systemState(), nil
	}
	return State{Program: execOf(entry), Ours: bytes.Equal(entry, h.entry()), Where: h.entryPath()}, nil
}

// systemState tells of the entry that a package of the system has brought along: it is as good as one of the person's
// own.
func (h Handler) systemState() State {
	dirs := filepath.SplitList(h.Getenv("XDG_DATA_DIRS"))
	if len(dirs) == 0 {
		dirs = []string{"/usr/local/share", "/usr/share"}
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, "applications", entryName)
		if entry, err := os.ReadFile(path); err == nil {
			return State{Program: execOf(entry), Ours: true, Where: path}
		}
	}
	return State{Where: h.appsPath()}
}

func execOf(entry []byte) string {
	for line := range strings.SplitSeq(string(entry), "\n") {
		if command, ok := strings.CutPrefix(line, "Exec="); ok {
			return command
		}
	}
	return entryName
}
