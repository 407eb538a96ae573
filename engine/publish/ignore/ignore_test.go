package ignore

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var cases = []struct {
	patterns string
	path     string
	dir      bool
	want     bool
}{
	{"*.log", "a.log", false, true},
	{"*.log", "x/y/a.log", false, true},
	{"*.log", "a.logs", false, false},
	{"/a", "a", false, true},
	{"/a", "b/a", false, false},
	{"b/a", "b/a", false, true},
	{"b/a", "c/b/a", false, false},
	{"tmp/", "tmp", true, true},
	{"tmp/", "tmp", false, false},
	{"tmp/", "x/tmp", true, true},
	{"**/tmp", "x/y/tmp", false, true},
	{"**/tmp", "tmp", false, true},
	{"a/**", "a/b/c", false, true},
	{"a/**/b", "a/b", false, true},
	{"a/**/b", "a/x/y/b", false, true},
	{"a*c", "abc", false, true},
	{"a*c", "ab/c", false, false},
	{"a?c", "abc", false, true},
	{"a?c", "a/c", false, false},
	{"*.log\n!keep.log", "keep.log", false, false},
	{"!keep.log\n*.log", "keep.log", false, true},
	{"# a", "# a", false, false},
	{`\#a`, "#a", false, true},
	{`\!a`, "!a", false, true},
	{"[a-c].txt", "b.txt", false, true},
	{"[!a-c].txt", "b.txt", false, false},
	{"[!a-c].txt", "d.txt", false, true},
	{"[]x].txt", "].txt", false, true},
	{"a.b", "aXb", false, false},
	{"é*", "éü", false, true},
	{"a  ", "a", false, true},
	{`a\ `, "a ", false, true},
	{"", "a", false, false},
	{"/", "a", false, false},
	{"a\r\nb\r\n", "b", false, true},
}

func TestMatches(t *testing.T) {
	for _, c := range cases {
		l, err := Parse(c.patterns)
		if err != nil {
			t.Errorf("%q: %v", c.patterns, err)
			continue
		}
		if got := l.Matches(c.path, c.dir); got != c.want {
			t.Errorf("%q and %q (folder: %v): %v, want %v", c.patterns, c.path, c.dir, got, c.want)
		}
	}
}

// Git itself is the judge of the cases above.
func TestMatchesAsGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir := t.TempDir()
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).Output()
		return string(out), err
	}
	if _, err := git("init", "-q"); err != nil {
		t.Skip("git cannot make a repository here")
	}
	for _, c := range cases {
		if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte(c.patterns), 0o600); err != nil {
			t.Fatal(err)
		}
		path := c.path
		if c.dir {
			path += "/"
		}
		out, err := git("-c", "core.excludesFile=", "check-ignore", "--no-index", "-v", "--", path)
		ignored := err == nil && !strings.Contains(strings.SplitN(out, "\t", 2)[0], ":!")
		if ignored != c.want {
			t.Errorf("%q and %q: git says %v, the table %v", c.patterns, path, ignored, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, p := range []string{"[a", `a\`, "[z-a]", strings.Repeat("a", maxPattern+1)} {
		if _, err := Parse("ok\n" + p); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%.20q: %v", p, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range cases {
		f.Add(c.patterns, c.path)
	}
	f.Fuzz(func(_ *testing.T, patterns, path string) {
		if l, err := Parse(patterns); err == nil {
			l.Matches(path, false)
		}
	})
}
