//go:build !windows && !darwin

package register

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newHandler returns a handler on a desktop without programs: no xdg-mime is in the PATH.
func newHandler(t *testing.T, program string, args ...string) (h Handler, dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("PATH", dir)
	return Handler{Program: program, Args: args, Getenv: func(name string) string {
		return map[string]string{"HOME": dir, "XDG_DATA_DIRS": filepath.Join(dir, "system")}[name]
	}}, dir
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

func TestAddAndRemoveRestoreTheFiles(t *testing.T) {
	for name, before := range map[string]string{
		"nothing": "",
		"others": "# mine\n[Default Applications]\ntext/html=firefox.desktop\n\n" +
			"[Added Associations]\ntext/html=firefox.desktop;\n",
		"no defaults": "[Added Associations]\ntext/html=firefox.desktop;\n",
	} {
		t.Run(name, func(t *testing.T) {
			h, dir := newHandler(t, "/usr/bin/wtptui")
			apps := filepath.Join(dir, ".config", "mimeapps.list")
			if before != "" {
				if err := writeIfChanged(apps, []byte(before)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // The second call changes nothing.
				s, err := h.Add(context.Background())
				if err != nil || !s.Ours || s.Program != "/usr/bin/wtptui open -- %u" {
					t.Fatalf("%+v, %v", s, err)
				}
			}
			got := readFile(t, apps)
			keepsText := strings.Contains(got, strings.TrimSpace(before))
			if strings.Count(got, "x-scheme-handler/wtp=wtptui.desktop") != 1 || !keepsText && name == "no defaults" {
				t.Errorf("mimeapps.list:\n%s", got)
			}
			for range 2 {
				if err := h.Remove(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if got := readFile(t, apps); got != before {
				t.Errorf("mimeapps.list afterwards:\n%s\nwant\n%s", got, before)
			}
			if s, err := h.State(context.Background()); err != nil || s.Ours || s.Program != "" {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// TestHangingHelperIsKilled has a program of the desktop that never ends.
func TestHangingHelperIsKilled(t *testing.T) {
	h, dir := newHandler(t, "/usr/bin/wtptui")
	h.helperTimeout = 50 * time.Millisecond
	helper := filepath.Join(dir, "xdg-mime")
	if err := os.WriteFile(helper, []byte("#!/bin/sh\nexec /bin/sleep 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err := h.Add(context.Background()); err != nil || !s.Ours {
		t.Fatalf("%+v, %v", s, err)
	}
}

func TestHandlersOfOtherPrograms(t *testing.T) {
	h, dir := newHandler(t, "/usr/bin/wtptui")
	apps := filepath.Join(dir, ".config", "mimeapps.list")
	const other = "[Default Applications]\nx-scheme-handler/wtp=other.desktop;more.desktop\n"
	if err := writeIfChanged(apps, []byte(other)); err != nil {
		t.Fatal(err)
	}
	if s, err := h.State(context.Background()); err != nil || s.Ours || s.Program != "other.desktop" {
		t.Errorf("%+v, %v", s, err)
	}
	if err := h.Remove(context.Background()); err != nil || readFile(t, apps) != other {
		t.Errorf("%v: another's registration is changed: %s", err, readFile(t, apps))
	}
	if _, err := h.Add(context.Background()); err != nil ||
		!strings.Contains(readFile(t, apps), "=wtptui.desktop;other.desktop;more.desktop\n") {
		t.Errorf("%v: %s", err, readFile(t, apps))
	}
	// After the program has moved, registering again updates the entry.
	moved := h
	moved.Program = "/opt/wtptui"
	if s, err := moved.State(context.Background()); err != nil || s.Ours {
		t.Errorf("%+v, %v", s, err)
	}
	if err := h.Remove(context.Background()); err != nil || readFile(t, apps) != other {
		t.Errorf("%v: %s", err, readFile(t, apps))
	}
	// An entry of a package counts.
	if err := writeIfChanged(filepath.Join(dir, "system", "applications", entryName), h.desktopEntry()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(apps); err != nil {
		t.Fatal(err)
	}
	if s, err := h.State(context.Background()); err != nil || !s.Ours || !strings.Contains(s.Where, "system") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestUnwritableFolderIsReported(t *testing.T) {
	h, dir := newHandler(t, "/usr/bin/wtptui")
	if err := os.WriteFile(filepath.Join(dir, ".local"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Add(context.Background()); err == nil ||
		!strings.Contains(err.Error(), "cannot write the desktop entry") {
		t.Error(err)
	}
}

// TestExecLine has the quoting of the specification, section "The Exec key".
func TestExecLine(t *testing.T) {
	for want, words := range map[string][]string{
		`/usr/bin/wtptui open -- %u`:               {"/usr/bin/wtptui", "open", "--"},
		`"/a b/wtptui" --data-dir "/c%%d" open %u`: {"/a b/wtptui", "--data-dir", "/c%d", "open"},
		`"/\\"q\\$x\\` + "`" + `\\\\y" %u`:         {"/\"q$x`\\y"},
		`"" %u`:                                    {""},
	} {
		if got := execLine(words); got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	}
}

func TestAppletScript(t *testing.T) {
	const want = "on open location address\n" +
		"\tdo shell script \"'/a b/it'\\\\''s' 'open' '--' \" & quoted form of address\n" +
		"end open location\n"
	if got := appletScript([]string{"/a b/it's", "open", "--"}); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
