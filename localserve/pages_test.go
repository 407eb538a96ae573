package localserve

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// elements parses a page and returns its elements by name.
func elements(t *testing.T, body string) map[string][]*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]*html.Node{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			found[n.Data] = append(found[n.Data], n)
		}
	}
	return found
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestServerPages(t *testing.T) {
	o := &memoryOpener{
		Sites: map[string]engine.Content{domain: &memorySite{Files: map[string]string{"a/b/x.txt": "x"}}},
	}
	s := startServer(t, Config{
		Opener: o, Version: "v1.2.3-<test>", LoadingDelay: 10 * time.Millisecond, StallTimeout: 20 * time.Millisecond,
	})
	pages := map[string]reply{
		"about":   s.request("GET", "", "/", typed...),
		"confirm": s.request("GET", hash, "/", followed...),
		"listing": s.get("/a/b/", typed...),
		"missing": s.get("/no", typed...),
		"refused": s.get("//x/", typed...),
		"foreign": s.request("GET", "x.y", "/", typed...),
	}
	o.BeforeOpen = waitForContext
	pages["loading"] = s.get("/", typed...)
	for name, got := range pages {
		policy := got.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") ||
			!strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", name, policy)
		}
		referrer, ok := map[string]string{"about": "origin", "confirm": "same-origin"}[name]
		if !ok {
			referrer = "no-referrer"
		}
		if got.header.Get("Content-Type") != utf8HTML || got.header.Get("Referrer-Policy") != referrer {
			t.Errorf("%s: %v", name, got.header)
		}
		found := elements(t, got.body)
		for _, not := range []string{"script", "iframe", "form", "img", "object", "base"} {
			if len(found[not]) > 0 && (not != "form" || name != "about") {
				t.Errorf("%s: has <%s>", name, not)
			}
		}
		if len(found["h1"]) != 1 || len(found["title"]) != 1 || len(found["style"]) != 1 {
			t.Fatalf("%s: h1, title, style: %d, %d, %d", name, len(found["h1"]), len(found["title"]), len(found["style"]))
		}
		// The browser applies the style only if it has the hash that the policy names.
		sum := sha256.Sum256([]byte(found["style"][0].FirstChild.Data))
		if !strings.Contains(policy, base64.StdEncoding.EncodeToString(sum[:])) {
			t.Errorf("%s: the policy does not name the style", name)
		}
	}
	if body := pages["about"].body; !strings.Contains(body, "v1.2.3-&lt;test&gt;") ||
		!strings.Contains(body, "http://localhost:"+s.port+"/wtp/") {
		t.Errorf("the bare host's page:\n%s", body)
	}
	if strings.Contains(pages["about"].body, domain) {
		t.Error("the bare host's page names a site")
	}
}

// TestListingEscapesNames promises that names are shown as text, whatever they contain (threat 9).
func TestListingEscapesNames(t *testing.T) {
	names := []string{
		"<img src=x onerror=alert(1)>.txt", `"><script>alert(1)<!--`, "javascript:alert(1)", "//evil.com", "a&amp;b",
		"x' onmouseover='1",
		"{{.Host}}", "rtl\u202etxt.exe", "new\nline\x1b[31m", "\xff\xfe", "\u200b", " blank ", "%2e%2e", "ä€😀",
		strings.Repeat("long", 75),
	}
	files := map[string]string{"sub/<b>/y": "yy"}
	for _, name := range names {
		if !strings.Contains(name, "/") {
			files["sub/"+name] = "content of " + name
		}
	}
	s, m := startSite(t, files)
	got := s.get("/sub/", typed...)
	if got.status != 200 || strings.ContainsAny(got.body, "\u202e\x1b") {
		t.Fatalf("status %d", got.status)
	}
	found := elements(t, got.body)
	for _, not := range []string{"script", "img", "b"} {
		if len(found[not]) > 0 {
			t.Errorf("a name became <%s>", not)
		}
	}
	links := map[string]bool{}
	for _, a := range found["a"] {
		links[attr(a, "href")] = true
		for _, at := range a.Attr {
			if at.Key != "href" {
				t.Errorf("a link has %s", at.Key)
			}
		}
	}
	// Each link leads to the file of exactly that name.
	list, _ := m.List("sub")
	for _, e := range list {
		if e.Dir {
			continue
		}
		reached := false
		for l := range links {
			if rest, ok := strings.CutPrefix(l, "./"); ok && rest != "" && !strings.HasPrefix(rest, ".") {
				reached = reached || s.get("/sub/"+rest).body == "content of "+e.Name
			}
		}
		if !reached {
			t.Errorf("no link leads to %q", e.Name)
		}
	}
	if !links["./%3Cb%3E/"] || !links["../"] {
		t.Errorf("links: %v", links)
	}
}

func TestListingOfManyLevels(t *testing.T) {
	s, _ := startSite(t, map[string]string{
		"a/b/c/one.txt": "1", "a/b/c/two.bin": strings.Repeat("x", 1500), "a/b/c/d/x": "",
	})
	got := s.get("/a/b/c/", typed...)
	for _, want := range []string{
		`<a href="../../../"><bdi>` + domain, `<a href="./../../"><bdi>a<`, `<a href="./../"><bdi>b<`, `<a href="./"><bdi>c<`,
		"1 folder, 2 files, 1.5 KB", "<td>1.5 KB</td>", "<td>1 B</td>", `<a href="./d/">`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("no %s in\n%s", want, got.body)
		}
	}
	if d, f := strings.Index(got.body, "./d/"), strings.Index(got.body, "./one.txt"); d > f {
		t.Error("a folder comes after a file")
	}
}

// TestListingETag promises that an unchanged listing is not sent again.
func TestListingETag(t *testing.T) {
	s, m := startSite(t, map[string]string{"a/x.txt": "x"})
	got := s.get("/a/")
	tag := got.header.Get("ETag")
	if tag == "" || got.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%v", got.header)
	}
	if again := s.get("/a/", "If-None-Match: "+tag); again.status != 304 || again.body != "" {
		t.Errorf("again: %d", again.status)
	}
	m.Files["a/y.txt"] = "y"
	if changed := s.get("/a/", "If-None-Match: "+tag); changed.status != 200 {
		t.Errorf("changed: %d", changed.status)
	}
}
