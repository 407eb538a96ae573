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

// entryName is the file name of the desktop entry, and its identity.
const entryName = "wtptui.desktop"

const mimeType = "x-scheme-handler/" + Scheme

func (h Handler) desktopEntry() []byte {
	return []byte("[Desktop Entry]\nType=Application\nName=wtptui\nComment=Open wtp:// sites in the browser\n" +
		"Exec=" + execLine(h.commandWords()) + "\nTerminal=false\nNoDisplay=true\nMimeType=" + mimeType +
		";\nCategories=Network;\n")
}

// execLine quotes a command by the rules of the Desktop Entry Specification, and adds the field code for the URL. A
// desktop runs it without a shell.
func execLine(words []string) string {
	// These are escaped inside quotes; the file's own escaping doubles each backslash again.
	quoted := strings.NewReplacer(
		`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	var b strings.Builder
	for _, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n\r\"'\\><~|&;$*?#()`%") {
			w = `"` + quoted.Replace(w) + `"`
		}
		b.WriteString(w + " ")
	}
	return b.String() + "%u"
}

func (h Handler) xdgDir(variable string, below ...string) string {
	if dir := h.Getenv(variable); filepath.IsAbs(dir) {
		return dir
	}
	return filepath.Join(append([]string{h.Getenv("HOME")}, below...)...)
}

func (h Handler) entryPath() string {
	return filepath.Join(h.xdgDir("XDG_DATA_HOME", ".local", "share"), "applications", entryName)
}

// appsPath returns the path of the file with the person's choice of programs (freedesktop.org's "Association between
// MIME types and applications").
func (h Handler) appsPath() string {
	return filepath.Join(h.xdgDir("XDG_CONFIG_HOME", ".config"), "mimeapps.list")
}

func (h Handler) add(ctx context.Context) error {
	if err := writeIfChanged(h.entryPath(), h.desktopEntry()); err != nil {
		return wrapError("write the desktop entry", err)
	}
	h.runHelper(ctx, "xdg-mime", "default", entryName, mimeType)
	// If there is no xdg-mime, or if it only supports one desktop, the file of the standard has the choice.
	err := h.editApps(func(l *appsList) { l.setDefault(mimeType, entryName) })
	h.runHelper(ctx, "update-desktop-database", filepath.Dir(h.entryPath()))
	return err
}

func (h Handler) remove(ctx context.Context) error {
	if err := os.Remove(h.entryPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrapError("remove the desktop entry", err)
	}
	err := h.editApps(func(l *appsList) { l.removeProgram(mimeType, entryName) })
	if _, missing := os.Stat(filepath.Dir(h.entryPath())); missing == nil {
		h.runHelper(ctx, "update-desktop-database", filepath.Dir(h.entryPath()))
	}
	return err
}

// defaultHelperTimeout is how long a program of the desktop may take.
const defaultHelperTimeout = 5 * time.Second

// runHelper runs a program of the desktop, if it is installed. Its errors are ignored: the files are checked
// afterwards.
func (h Handler) runHelper(ctx context.Context, name string, args ...string) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(h.helperTimeout, defaultHelperTimeout))
	defer cancel()
	if path, err := exec.LookPath(name); err == nil {
		_ = exec.CommandContext(ctx, path, args...).Run()
	}
}

func (h Handler) editApps(edit func(*appsList)) error {
	data, err := os.ReadFile(h.appsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return wrapError("read the list of programs", err)
	}
	list := parseApps(data)
	edit(list)
	if changed := list.bytes(); !bytes.Equal(changed, data) {
		return wrapError("write the list of programs", writeIfChanged(h.appsPath(), changed))
	}
	return nil
}

func (h Handler) state(context.Context) (State, error) {
	data, err := os.ReadFile(h.appsPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return State{}, wrapError("read the list of programs", err)
	}
	chosen := parseApps(data).defaultProgram(mimeType)
	entry, err := os.ReadFile(h.entryPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return State{}, wrapError("read the desktop entry", err)
	}
	switch {
	case chosen != "" && chosen != entryName:
		return State{Program: chosen, Where: h.appsPath()}, nil
	case chosen == "" || entry == nil:
		return h.systemState(), nil
	}
	return State{Program: execFrom(entry), Ours: bytes.Equal(entry, h.desktopEntry()), Where: h.entryPath()}, nil
}

// systemState returns the state of an entry that a package of the system has installed, which is as good as one of the
// person's own.
func (h Handler) systemState() State {
	dirs := filepath.SplitList(h.Getenv("XDG_DATA_DIRS"))
	if len(dirs) == 0 {
		dirs = []string{"/usr/local/share", "/usr/share"}
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, "applications", entryName)
		if entry, err := os.ReadFile(path); err == nil {
			return State{Program: execFrom(entry), Ours: true, Where: path}
		}
	}
	return State{Where: h.appsPath()}
}

func execFrom(entry []byte) string {
	for line := range strings.SplitSeq(string(entry), "\n") {
		if command, ok := strings.CutPrefix(line, "Exec="); ok {
			return command
		}
	}
	return entryName
}
