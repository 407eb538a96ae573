package markup

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// benchmarkPage returns a page of about 1 MiB with 1,000 links to a site.
func benchmarkPage(site string) []byte {
	text := strings.Repeat("<p class=entry>Some <em>words</em> of text, and an <img src=picture.png> between them.</p>\n",
		11)
	return []byte("<!doctype html><title>x</title>" +
		strings.Repeat(`<li><a href="`+site+`/page">A link</a></li>`+text, 1000))
}

func BenchmarkScan(b *testing.B) {
	pages := map[string][]byte{"links": benchmarkPage(other), "plain": benchmarkPage("")}
	for name, page := range pages {
		for _, refs := range []bool{false, true} {
			if refs {
				name += "Needs"
			}
			b.Run(name, func(b *testing.B) {
				b.SetBytes(int64(len(page)))
				opts := Options{SiteRoot: siteRoot}
				if refs {
					opts.OnReference = func(string, engine.Urgency) {}
				}
				for b.Loop() {
					NewScanner(HTML, opts).Scan(page)
				}
			})
		}
	}
	b.Run("tokenizerOnly", func(b *testing.B) {
		b.SetBytes(int64(len(pages["plain"])))
		for b.Loop() {
			z := html.NewTokenizer(strings.NewReader(string(pages["plain"])))
			for z.Next() != html.ErrorToken {
			}
		}
	})
}
