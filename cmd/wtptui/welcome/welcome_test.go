package welcome_test

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"wtptui/cmd/wtptui/welcome"
	"wtptui/ui/keys"
)

// maxSiteBytes bounds the size of the whole site: it is in every binary.
const maxSiteBytes = 60_000

func TestSiteIsSmallAndSelfContained(t *testing.T) {
	size := 0
	site := welcome.FS()
	err := fs.WalkDir(site, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(site, name)
		if err != nil {
			return err
		}
		size += len(data)
		for _, link := range links(t, name, data) {
			target := path.Join(path.Dir(name), link)
			if strings.HasPrefix(link, "/") {
				target = path.Join(".", strings.TrimPrefix(link, "/"))
			}
			if target == "." {
				target = "index.html"
			}
			if _, err := fs.Stat(site, target); err != nil {
				t.Errorf("%s links to %s, which is not in the site", name, link)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > maxSiteBytes {
		t.Errorf("the site has %d bytes, more than %d", size, maxSiteBytes)
	}
}

// externalReference finds references to other places, except XML namespaces.
var externalReference = regexp.MustCompile(`(?i)(https?:)?//[a-z]|@import|url\(`)

// links returns the links of a page. It reports whatever would be fetched from elsewhere, and whatever would run.
func links(t *testing.T, name string, data []byte) []string {
	t.Helper()
	text := strings.ReplaceAll(string(data), `xmlns="http://www.w3.org/2000/svg"`, "")
	text = regexp.MustCompile(`wtp://\S*`).ReplaceAllString(text, "")
	if found := externalReference.FindString(text); found != "" {
		t.Errorf("%s has %q in it: the site must be whole by itself", name, found)
	}
	if path.Ext(name) != ".html" {
		return nil
	}
	var found []string
	for z := html.NewTokenizer(bytes.NewReader(data)); z.Next() != html.ErrorToken; {
		token := z.Token()
		if token.Data == "script" || token.Data == "iframe" {
			t.Errorf("%s has a %s", name, token.Data)
		}
		for _, attr := range token.Attr {
			if attr.Key == "href" || attr.Key == "src" {
				found = append(found, attr.Val)
			}
		}
	}
	if len(found) == 0 {
		t.Errorf("%s links to nothing, not even its style", name)
	}
	return found
}

// TestKeysInThePagesExist compares the keys in the pages with the table of the dashboard's keys.
func TestKeysInThePagesExist(t *testing.T) {
	var known []string
	for _, b := range keys.All() {
		known = append(known, strings.Fields(b.Label())...)
	}
	pages, err := fs.Glob(welcome.FS(), "*.html")
	if err != nil || len(pages) < 4 {
		t.Fatalf("the pages are %v (%v)", pages, err)
	}
	for _, name := range pages {
		page, err := fs.ReadFile(welcome.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile(`<kbd>([^<]+)</kbd>`).FindAllSubmatch(page, -1)
		for _, m := range named {
			if key := string(m[1]); !slices.Contains(known, key) {
				t.Errorf("%s names the key %s, which does nothing", name, key)
			}
		}
		if name == "keys.html" && len(named) < 20 {
			t.Errorf("%s names %d keys only", name, len(named))
		}
	}
}
