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

// home is a desktop without any program: no xdg-mime is on the path.
func home(t *testing.T, program string, args ...string) (h Handler, dir string) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("PATH", dir)
	return Handler{Program: program, Args: args, Getenv: func(name string) string {
		return map[string]string{"HOME": dir, "XDG_DATA_DIRS": filepath.Join(dir, "system")}[name]
	}}, dir
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

func TestAddAndRemove(t *testing.T) {
	for name, before := range map[string]string{
		"nothing":     "",
		"others":      "# mine\n[Default Applications]\ntext/html=firefox.desktop\n\n[Added Associations]\ntext/html=firefox.desktop;\n",
		"no defaults": "[Added Associations]\ntext/html=firefox.desktop;\n",
	} {
		t.Run(name, func(t *testing.T) {
			h, dir := home(t, "/usr/bin/wtptui")
			apps := filepath.Join(dir, ".config", "mimeapps.list")
			if before != "" {
				if err := writeChanged(apps, []byte(before)); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // Twice is as good as once.
				s, err := h.Add(context.Background())
				if err != nil || !s.Ours || s.Program != "/usr/bin/wtptui open -- %u" {
					t.Fatalf("%+v, %v", s, err)
				}
			}
			if got := read(t, apps); strings.Count(got, "x-scheme-handler/wtp=wtptui.desktop") != 1 || !strings.Contains(got, strings.TrimSpace(before)) && name == "no defaults" {
				t.Errorf("mimeapps.list:\n%s", got)
			}
			for range 2 {
				if err := h.Remove(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			if got := read(t, apps); got != before {
				t.Errorf("mimeapps.list afterwards:\n%s\nwant\n%s", got, before)
			}
			if s, err := h.State(context.Background()); err != nil || s.Ours || s.Program != "" {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// TestHelperHangs: a program of the desktop that never ends keeps nobody.
func TestHelperHangs(t *testing.T) {
	h, dir := home(t, "/usr/bin/wtptui")
	h.helperTime = 50 * time.Millisecond
	if err := os.WriteFile(filepath.Join(dir, "xdg-mime"), []byte("#!/bin/sh\nexec /bin/sleep 1000\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err := h.Add(context.Background()); err != nil || !s.Ours {
		t.Fatalf("%+v, %v", s, err)
	}
}

func TestOtherHandlers(t *testing.T) {
	h, dir := home(t, "/usr/bin/wtptui")
	apps := filepath.Join(dir, ".config", "mimeapps.list")
	const other = "[Default Applications]\nx-scheme-handler/wtp=other.desktop;more.desktop\n"
	if err := writeChanged(apps, []byte(other)); err != nil {
		t.Fatal(err)
	}
	if s, err := h.State(context.Background()); err != nil || s.Ours || s.Program != "other.desktop" {
		t.Errorf("%+v, %v", s, err)
	}
	if err := h.Remove(context.Background()); err != nil || read(t, apps) != other {
		t.Errorf("%v: another's registration is changed: %s", err, read(t, apps))
	}
	if _, err := h.Add(context.Background()); err != nil || !strings.Contains(read(t, apps), "=wtptui.desktop;other.desktop;more.desktop\n") {
		t.Errorf("%v: %s", err, read(t, apps))
	}
	// The program has moved: registering again mends it.
	moved := h
	moved.Program = "/opt/wtptui"
	if s, err := moved.State(context.Background()); err != nil || s.Ours {
		t.Errorf("%+v, %v", s, err)
	}
	if err := h.Remove(context.Background()); err != nil || read(t, apps) != other {
		t.Errorf("%v: %s", err, read(t, apps))
	}
	// One that came with a package counts.
	if err := writeChanged(filepath.Join(dir, "system", "applications", entryName), h.entry()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(apps); err != nil {
		t.Fatal(err)
	}
	if s, err := h.State(context.Background()); err != nil || !s.Ours || !strings.Contains(s.Where, "system") {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestUnwritable(t *testing.T) {
	h, dir := home(t, "/usr/bin/wtptui")
	if err := os.WriteFile(filepath.Join(dir, ".local"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Add(context.Background()); err == nil || !strings.Contains(err.Error(), "cannot write the desktop entry") {
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
	const want = "on open location address\n\tdo shell script \"'/a b/it'\\\\''s' 'open' '--' \" & quoted form of address\nend open location\n"
	if got := appletScript([]string{"/a b/it's", "open", "--"}); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
