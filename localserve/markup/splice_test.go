package markup

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// TestSplice promises that any part of a file, read in any portions, is that part of the edited file.
func TestSplice(t *testing.T) {
	const file = "0123456789abcdefghijklmnopqrstuvwxyz"
	tests := map[string][]Edit{
		"none":     nil,
		"start":    {{0, 2, "START"}},
		"end":      {{34, 2, "the end"}},
		"all":      {{0, 36, "nothing is left"}},
		"adjacent": {{3, 2, "one"}, {5, 1, "two"}, {6, 4, "three"}},
		"shorter":  {{3, 10, "S"}, {20, 3, "longer"}, {24, 5, "s"}},
		"mixed":    {{0, 1, "00000"}, {9, 6, "-"}, {15, 1, "fffffff"}, {35, 1, "z!"}},
	}
	for name, edits := range tests {
		want, at := "", int64(0)
		for _, e := range edits {
			want += file[at:e.Offset] + e.Text
			at = e.Offset + int64(e.Length)
		}
		want += file[at:]
		s := NewSplice(strings.NewReader(file), int64(len(file)), edits)
		if size, err := s.Seek(0, io.SeekEnd); err != nil || size != int64(len(want)) {
			t.Fatalf("%s: size %d, %v; want %d", name, size, err, len(want))
		}
		for from := range len(want) + 1 {
			for to := from; to <= len(want); to++ {
				if _, err := s.Seek(int64(from), io.SeekStart); err != nil {
					t.Fatal(err)
				}
				got := make([]byte, to-from)
				if _, err := io.ReadFull(s, got); err != nil || string(got) != want[from:to] {
					t.Fatalf("%s: from %d to %d %q, want %q; %v", name, from, to, got, want[from:to], err)
				}
			}
		}
		if _, err := s.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(s, []byte(want)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWorstCaseTime promises that the time to scan a file is linear in its size.
func TestWorstCaseTime(t *testing.T) {
	size := 2 << 20
	if testing.Short() {
		size = 256 << 10
	}
	for name, tt := range map[string]struct {
		lang      Language
		start, of string
	}{
		"open tags":             {HTML, "", "<a href=\"<"},
		"tags in a script":      {HTML, "<script><!--", "<script"},
		"attributes":            {HTML, "<p", " a=b"},
		"many attributes":       {HTML, "", "<p a b c d e f g h i j k l m n o p q r s t u v w x y z>"},
		"comments":              {HTML, "", "<!--"},
		"dashes":                {HTML, "<!--", "--x"},
		"references":            {HTML, "<p style=\"(", "&#x26;"},
		"hosts":                 {HTML, "<a href='wtp://", "x."},
		"candidates":            {HTML, "<img srcset='", "a,("},
		"links":                 {HTML, "", "<a href=wtp://own.example>"},
		"strings":               {CSS, "url(wtp://own.example)", "\"'"},
		"urls":                  {CSS, "@font-face{src:url(wtp://own.example)", "url(x)format("},
		"formats":               {CSS, "@font-face{src:url(wtp://own.example/a.eot)", "url(\"a.eot\"format("},
		"parentheses":           {CSS, "url(wtp://own.example)", "url(image-set("},
		"regular expressions":   {Script, "import './a';", ";/["},
		"imports":               {Script, "", "import{"},
		"comments of a script":  {Script, "import './a';", "/*"},
		"templates of a script": {Script, "import './a';", "`${"},
	} {
		began := time.Now()
		file := tt.start + strings.Repeat(tt.of, size/len(tt.of))
		references(tt.lang, file)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%s: %s", name, took)
		} else if testing.Verbose() {
			t.Logf("%s: %s", name, took)
		}
	}
}

// FuzzRewrite promises that Splice and Stream have the same result, that a file without edits stays the same, and that
// a second pass finds nothing.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{
		"", "<a href=wtp://a.b/>", `<a href="wtp://own.example/x">`, "<a href='wtp://a.b",
		"<script><a href=wtp://a.b></script>", "<!--><a href=wtp://a.b/>", "<a/href=wtp://a.b>", "\xfe\xff\x00<",
		"<a href=wtp://a.b/ href=wtp://c.d/>", "<a =wtp://a.b/ href==x>", "<title>wtp://", "<\x00a href=wtp://a.b>",
		"<style>p{background:url(wtp://own.example/)}", `<img srcset="wtp://own.example/ 1x,wtp://own.example/ 2x">`,
		`<p style="x:url(&#119;tp://own.example)">`, `@import "wtp://own.example/"; p{src:url(wtp://own.example)}`,
		`<meta http-equiv=refresh content="1;url=wtp://a.b/">`, "<a href=wtp:&#x2f;&sol;a.b&#47;>",
		"<script><!--<script></script>--></script>", `import {a} from "./b"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file string) {
		references(Script, file)
		for _, lang := range []Language{HTML, XML, CSS} {
			references(lang, file)
			out, s := rewrite(t, lang, file)
			if len(s.Edits()) == 0 && out != file {
				t.Fatalf("%q became %q", file, out)
			}
			at := int64(0)
			for _, e := range s.Edits() {
				if e.Offset < at || e.Length <= 0 || e.Offset+int64(e.Length) > int64(len(file)) {
					t.Fatalf("%q: edits %v", file, s.Edits())
				}
				at = e.Offset + int64(e.Length)
			}
			if again, _ := rewrite(t, lang, out); again != out {
				t.Fatalf("%q becomes %q when it is rewritten again", out, again)
			}
			if len(out) == 0 {
				continue
			}
			splice := NewSplice(strings.NewReader(file), int64(len(file)), s.Edits())
			from := rand.Int64N(int64(len(out)))
			_, _ = splice.Seek(from, io.SeekStart)
			if part, err := io.ReadAll(iotest.HalfReader(splice)); err != nil || string(part) != out[from:] {
				t.Fatalf("%q from %d: %q, want %q (%v)", file, from, part, out[from:], err)
			}
		}
	})
}
