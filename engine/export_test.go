package engine

import (
	"strings"
	"testing"
)

func TestIsDotfile(t *testing.T) {
	for want, paths := range map[bool][]string{
		false: {"", "index.html", "a.b/c.d", ".well-known/security.txt", ".well-known"},
		true: {
			".htaccess", ".git/config", "deep/.ssh/id", ".well-known/.hidden", "a/.well-known/x", ".well-known2", "a/..b",
			"\u200b.git/config", " .bashrc", strings.Repeat("a/", MaxTextLength) + ".x",
		},
	} {
		for _, path := range paths {
			if got := IsDotfile(path); got != want {
				t.Errorf("%q: %t", path, got)
			}
			if len(path) < MaxTextLength && IsDotfile(Clean(path)) != want {
				t.Errorf("%q, clean: %t", path, !want)
			}
		}
	}
}

func TestDescribeDotfiles(t *testing.T) {
	const of = "files that are hidden or that other programs may obey: "
	for want, paths := range map[string][]string{
		"": {"index.html", ".well-known/x"},
		"has a file that is hidden or that other programs may obey: .x": {"index.html", ".x\x1b"},
		"has 2 " + of + ".a, b/.c":                                      {".a", "b", "b/.c"},
		"has 7 " + of + ".1, .2, .3, .4, .5, …":                         {".1", ".2", ".3", ".4", ".5", ".6", ".7"},
	} {
		if got := DescribeDotfiles(paths); got != want {
			t.Errorf("%q: %q, want %q", paths, got, want)
		}
	}
}

func TestUnsafeNameReason(t *testing.T) {
	for path, shown := range map[string]string{
		"index.html": "", "日本語/é.html": "", "caf\xe9.html": "", "\u0645\u06cc\u200c\u062e": "",
		"👩‍👩‍👧.png": "",
		"a\nb":      `"a\nb"`, "\x1b[2J": `"\x1b[2J"`, "a\x7f": `"a\x7f"`, "\u009b31m": `"\u009b31m"`, "x\x9b": `"x\x9b"`,
		"a\tb": `"a\tb"`, strings.Repeat("é", MaxTextLength) + "\n": `é… has`,
		"a\u202egnp.exe": `"a\u202egnp.exe"`, "\u2066x": `"\u2066x"`, "a\u2028b": `"a\u2028b"`, "dir\r/x": `"dir\r/x"`,
	} {
		got := UnsafeNameReason(path)
		if shown == "" && got != "" || !strings.Contains(got, shown) || got != Clean(got) {
			t.Errorf("%q: %q", path, got)
		}
	}
}
