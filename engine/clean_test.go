package engine

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                  "plain",
		"  two \t\r\n lines  ":   "two lines",
		"\x1b]0;title\x07x":      "]0;titlex",
		"a\u202etxt.exe":         "atxt.exe",
		"a\u2066b\u2069c\u200bd": "abcd",
		"\u009b31mred":           "31mred",
		"\xff\xfeok\x00":         "ok",
		"日本語 👩‍👩‍👧":              "日本語 👩‍👩‍👧",
		"e\u0301":                "e\u0301",
		"tag\U000e0041":          "tag",
		"a\u2028b":               "a b",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	got := Clean(strings.Repeat("é", 3*MaxTextLength))
	if utf8.RuneCountInString(got) != MaxTextLength || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text becomes %d runes", utf8.RuneCountInString(got))
	}
}

func TestDisplayPath(t *testing.T) {
	for in, want := range map[string]string{
		"a/b c.html": "a/b c.html", "caf\xe9/men\xfc.html": `caf\xe9/men\xfc.html`, "\xc3": `\xc3`,
		"é\xff\x1b\u202e": `é\xff`, "a\ufffd": "a",
	} {
		if got := DisplayPath(in); got != want || got != Clean(got) {
			t.Errorf("DisplayPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31m\u202e\u009b ok \t x")
	f.Fuzz(func(t *testing.T, in string) {
		out := Clean(in)
		if again := Clean(out); again != out {
			t.Fatalf("Clean(%q) = %q, cleaned again %q", in, out, again)
		}
		if !utf8.ValidString(out) || utf8.RuneCountInString(out) > MaxTextLength {
			t.Fatalf("Clean(%q) = %q", in, out)
		}
		for _, r := range out {
			if r < ' ' || (r >= 0x7f && r <= 0x9f) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
				t.Fatalf("Clean(%q) left %U", in, r)
			}
		}
	})
}
