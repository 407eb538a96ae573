package badge

import (
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/ui/format"
)

func TestName(t *testing.T) {
	hash := "951e" + strings.Repeat("0", 32) + "fcbd"
	for _, c := range []struct {
		host, title string
		w           int
		want        string
	}{
		{"wiki.pub", "Wiki mirror", 40, "Wiki mirror (wiki.pub)"},
		{"wiki.pub", "Wiki mirror of all", 23, "Wiki mirror… (wiki.pub)"},
		{"wiki.pub", "Wiki mirror of all", 22, "wiki.pub"},
		{"wiki.pub", "Wiki mirror", 21, "wiki.pub"},
		{"wiki.pub", "Wiki", 15, "Wiki (wiki.pub)"},
		{"wiki.pub", "WIKI.pub", 40, "wiki.pub"},
		{"wiki.pub", "", 40, "wiki.pub"},
		{"wiki.pub", "", 4, "…pub"},
		{hash, "Wiki mirror", 40, "Wiki mirror (951e…fcbd)"},
		{hash, "Wiki mirror", 22, "Wiki mirror (951e…)"},
		{hash, "Wiki mirror of all", 20, "Wiki mirror… (951e…)"},
		{hash, "Wiki mirror of all", 19, "Wiki mirror of all"},
		{hash, "Wiki mirror of all", 18, "Wiki mirror of all"},
		{hash, "Wiki mirror", 11, "Wiki mirror"},
		{hash, "Wiki mirror", 6, "Wiki …"},
		{hash, "", 60, "951e0000…fcbd"},
		{hash, "", 0, ""},
	} {
		got := Name(engine.Site{Host: c.host, Title: c.title}, c.w)
		if got != c.want || format.Width(got) > c.w {
			t.Errorf("%s, %q in %d: %q, want %q", c.host, c.title, c.w, got, c.want)
		}
	}
}
