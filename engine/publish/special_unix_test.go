//go:build unix

package publish

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"wtptui/engine"
)

// addSpecialFiles adds files that only some systems have.
func addSpecialFiles(t *testing.T, dir string, want map[string]string) {
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err == nil { // The path may be too long for one.
		t.Cleanup(func() { _ = l.Close() })
		want["socket"] = "special:leave out "
	}
	if err := os.WriteFile(dir+"/bad\xff", nil, 0o600); err == nil { // Some systems know better.
		want[`bad\xff`] = "bad-name:refuse "
	}
	want["pipe"] = "special:leave out "
}

// A .wtpignore that is not a small regular file is an error, and a pipe is not opened.
func TestIgnoreFileThatIsNotAFile(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a huge file": func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 1<<40))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeTree(t, "site", map[string]string{"index.html": "x"})
			if err := put(filepath.Join(dir, IgnoreFile)); err != nil {
				t.Skip("needs such a thing: ", err)
			}
			f, ended := open(t, dir), make(chan error, 1)
			go func() {
				_, err := f.Check(t.Context(), Rules{Now: afterLastChange()}, nil)
				ended <- err
			}()
			select {
			case err := <-ended:
				expectKind(t, err, engine.Invalid)
			case <-time.After(time.Minute):
				t.Error("the check waits for it")
			}
		})
	}
}

// Paths that are not UTF-8, or are displayed in another form, can be left out and kept by either form.
func TestLeaveOutByExactName(t *testing.T) {
	const latin, two = "caf\xe9/men\xfc.html", "two  blanks.html"
	for name, c := range map[string]struct {
		leaveOut []string
		files    string
		refused  string
	}{
		"nothing":          {nil, "index.html two  blanks.html", `caf\xe9`},
		"as it is":         {[]string{latin}, "index.html two  blanks.html", ""},
		"as it is shown":   {[]string{`caf\xe9/men\xfc.html`}, "index.html two  blanks.html", ""},
		"its folder":       {[]string{"caf\xe9/"}, "index.html two  blanks.html", ""},
		"another one":      {[]string{"caf/men.html", "caf\xe8/men\xfc.html"}, "index.html two  blanks.html", `caf\xe9`},
		"not all of it":    {[]string{"caf\xe9/other.html"}, "index.html two  blanks.html", `caf\xe9/men\xfc.html`},
		"two blanks":       {[]string{latin, two}, "index.html", ""},
		"two shown as one": {[]string{latin, "two blanks.html"}, "index.html", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeTree(t, "site", map[string]string{"index.html": "<title>x</title>", two: "<title>x</title>"})
			if os.Mkdir(filepath.Dir(filepath.Join(dir, latin)), 0o700) != nil ||
				os.WriteFile(filepath.Join(dir, latin), nil, 0o600) != nil {
				t.Skip("needs a file system that takes such names")
			}
			p := check1(t, open(t, dir), Rules{LeaveOut: c.leaveOut})
			if got := strings.Join(filePaths(p), " "); got != c.files {
				t.Errorf("published are %q, want %q", got, c.files)
			}
			var refused []string
			for _, f := range p.Refused() {
				refused = append(refused, f.Path)
			}
			if got := strings.Join(refused, " "); got != c.refused {
				t.Errorf("refused are %q, want %q", got, c.refused)
			}
		})
	}
}
