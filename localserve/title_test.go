package localserve

import "testing"

// TestTitleOfIndexPage promises that a site has the title of its index page, under any of its addresses, and of no
// other page.
func TestTitleOfIndexPage(t *testing.T) {
	const home, other = "<!doctype html><title>Home</title>", "<!doctype html><title>Other</title>"
	for name, c := range map[string]struct {
		files map[string]string
		path  string
		want  string
	}{
		"root":                      {map[string]string{"index.html": home}, "/", "Home"},
		"index.html":                {map[string]string{"index.html": home, "a.html": other}, "/index.html", "Home"},
		"without its ending":        {map[string]string{"index.html": home}, "/index", "Home"},
		"index.htm":                 {map[string]string{"index.htm": home}, "/index.htm", "Home"},
		"the first of several":      {map[string]string{"index.html": home, "index.htm": other}, "/index.html", "Home"},
		"not the second of several": {map[string]string{"index.html": home, "index.htm": other}, "/index.htm", ""},
		"in other letters":          {map[string]string{"INDEX.HTML": home}, "/INDEX.HTML", "Home"},
		"another page":              {map[string]string{"index.html": home, "a.html": other}, "/a.html", ""},
		"another folder's":          {map[string]string{"index.html": home, "a/index.html": other}, "/a/", ""},
		"not found":                 {map[string]string{"index.html": home, "404.html": other}, "/missing", ""},
		"the front page of an app": {
			map[string]string{"index.html": home, "_redirects": "/* /index.html 200"},
			"/deep/link", "Home",
		},
		"no front page, another one": {map[string]string{"a.html": other}, "/a.html", ""},
	} {
		s, m := startSite(t, c.files)
		for range 2 { // The second time, everything is known.
			m.Title = ""
			if got := s.get(c.path); m.Title != c.want {
				t.Errorf("%s: %s (%d) titled the site %q, want %q", name, c.path, got.status, m.Title, c.want)
			}
		}
	}
}
