package markup

import (
	"slices"
	"strings"
	"testing"
)

// TestCSSIsRewritten checks each form in which CSS refers to a file.
func TestCSSIsRewritten(t *testing.T) {
	for _, sheet := range []string{
		`@import "@/a.css";`, `@IMPORT '@/a.css' screen;`, `@import url(@/a.css);`, `@import url("@/a.css") print;`,
		`@import/**/"@/a.css"`,
		`a{background:url(@/a.png)}`, `a{background:URL( @/a.png )}`, `a{background:url( "@/a.png" )}`,
		`a{background:url('@/a.png'),url(@/b.png)}`,
		`@font-face{src:url("@/f.woff2")format("woff2"),url(@/f.woff)}`, `a{cursor:url(@/c.cur),auto}`, `a{content:url(@)}`,
		`a{background:image-set("@/a.png" 1x, url(@/b.png) 2x)}`,
		`a{background:-webkit-image-set("@/a.png" type("image/png"), "@/b.png" 2x)}`,
		`a:after{content:"\"";background:url(@/a.png)}`, `@media print{a{background:url(@/a.png)}}`,
		`/* " */a{background:url(@/a.png)}`,
		`a{--x:url(@/a.png)}`, `a{background:url(@/a\).png)}`, `a{content:"broken` + "\n" + `}b{background:url(@/a.png)}`,
	} {
		in := func(address string) string {
			return strings.NewReplacer("@import", "@import", "@IMPORT", "@IMPORT", "@font", "@font", "@media", "@media", "@",
				address).Replace(sheet)
		}
		if got, _ := rewrite(t, CSS, in(own)); got != in(ownLocal) {
			t.Errorf("the site's own: %s", got)
		}
		if got, s := rewrite(t, CSS, in(other)); got != in(other) || len(s.ForeignParts()) == 0 {
			t.Errorf("another site's: %s, told about %q", got, s.ForeignParts())
		}
	}
}

func TestCSSIsUntouched(t *testing.T) {
	for _, sheet := range []string{
		"", `/* url(wtp://own.example/) */`, `a{content:"url(wtp://own.example/)"}`, `a{content:"wtp://own.example/"}`,
		`@namespace "wtp://own.example/";`,
		`a{x:curl(wtp://own.example/)}`, `a{background:url(x wtp://own.example/)}`,
		`a{background:url(a"b"wtp://own.example/)}`, `/* url(wtp://own.example/)`,
		`@import url(x.css) "wtp://own.example/";`, `\`, `url(`, `url("`, `url(\`, `@`, `image-set(`,
		`a{b:c("wtp://own.example/")}`,
	} {
		if got, _ := rewrite(t, CSS, sheet); got != sheet {
			t.Errorf("%q became %q", sheet, got)
		}
	}
}

func TestReferencesOfCSS(t *testing.T) {
	tests := map[string][]string{
		`@import "a.css"; @import url(b.css) screen; @import url(c.css) print; p{}`: {
			"1 a.css", "1 b.css", "5 c.css",
		},
		`p{background:url(a.png) , url('b.png')}`: {
			"3 a.png", "3 b.png",
		},
		`p{background:url(data:image/png;base64,x);fill:url(#id)}`: nil,
		`p{background:image-set("a.png" 1x, "b.png" 2x)}`: {
			"3 a.png", "3 b.png",
		},
		`@font-face{font-family:"x";src:url(f.woff2),url(f.woff)}`: {
			"2 f.woff2",
		},
		`@font-face{src:url(f.eot);src:url(f.eot?#iefix)format("embedded-opentype"),url("f.woff2")` +
			` format('woff2'),url(f.ttf)}`: {
			"2 f.woff2",
		},
		`@font-face{src:local("f:x"),url(f.svg#f) format("svg"),url(f.ttf) format(truetype)}`: {
			"2 f.ttf",
		},
		`@font-face{src:url(f.eot)}@font-face{src:url(g.woff2);unicode-range:U+0000-00FF,U+131}`: {
			"2 g.woff2",
		},
		`@font-face{src:url(f.woff2);unicode-range:U+0400-045F}@font-face{src:url(g.woff2);unicode-range:u+20-7e}`: {
			"5 f.woff2", "2 g.woff2",
		},
		`@font-face{src:url(f.woff2)` + "\n" +
			`}p{src:url(g.woff2)}`: {"2 f.woff2", "3 g.woff2"},
		`@font-face{src:url(f.woff2)`: {"2 f.woff2"},
	}
	for sheet, want := range tests {
		if got := references(CSS, sheet); !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %q\nwant %q", sheet, got, want)
		}
	}
}
