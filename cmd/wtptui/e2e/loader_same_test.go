package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// The loader answers the site's requests as the plain website does: statuses, redirects, headers, every byte.
func TestLoaderAnswersAsThePlainWebsite(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{"odd": makeOddSite(t)})
	s := h.sites["odd"]
	browser := startBrowser(t)
	plain, _ := newChromiumViewer(t, browser)
	plain.open(s.root + loaderPath[1:] + "plain?to=/")
	plain.waitTrue(t, "the plain website", "document.title === 'Odd' && !document.getElementById('site')")
	want := plain.fetchResponses(t, responsesScript(oddPaths))
	for name, start := range map[string]func(*testing.T) viewer{
		"Chromium": func(t *testing.T) viewer {
			o, _ := newChromiumViewer(t, browser)
			return o
		},
		"Firefox": func(t *testing.T) viewer {
			o, _ := newFirefoxViewer(t)
			return o
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := start(t)
			o.open(s.root)
			o.waitPage(t, s, "", "Odd")
			o.waitWorker(t)
			o.waitComplete(t)
			before := len(s.requestedPaths())
			got := o.fetchResponses(t, inFrame(responsesScript(oddPaths)))
			for i := range want {
				got[i].compare(t, want[i])
			}
			for _, path := range s.requestedPaths()[before:] {
				if !strings.HasPrefix(path, "/wtptui-") && path != "/favicon.ico" && path != "/posted" {
					t.Errorf("the home was asked for %s", path)
				}
			}
		})
	}
}

// pageResponse is the response that a page gets for a request to its own site.
type pageResponse struct {
	Asked  string
	Error  string // what a browser says when there is no answer
	Status int
	URL    string // without the root, after redirects
	Header map[string]string
	Size   int
	Sum    string
}

func (o viewer) fetchResponses(t *testing.T, expression string) []pageResponse {
	t.Helper()
	var all []pageResponse
	if err := json.Unmarshal([]byte(o.evalString(t, expression)), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// compare reports an error for each difference between a response of the loader and that of the plain website.
func (a pageResponse) compare(t *testing.T, plain pageResponse) {
	t.Helper()
	if a.Error != plain.Error || a.Status != plain.Status || a.URL != plain.URL {
		t.Errorf("%s: %s %d %s, and plainly %s %d %s",
			a.Asked, a.Error, a.Status, a.URL, plain.Error, plain.Status, plain.URL)
		return
	}
	const csp, ours = "content-security-policy", "default-src 'none'"
	// What is not the site's is the program's own, of which the loader has others.
	fault := plain.Status >= 400 && strings.HasPrefix(plain.Header["content-type"], "text/plain")
	if fault || strings.HasPrefix(plain.Header[csp], ours) {
		if strings.HasPrefix(a.Header["content-type"], "text/html") && !strings.HasPrefix(a.Header[csp], ours) {
			t.Errorf("%s: a page of the loader's own has %q", a.Asked, a.Header)
		}
		return
	}
	for _, name := range comparedHeaders {
		if got, want := a.Header[name], plain.Header[name]; got != want {
			t.Errorf("%s: %s %q, and plainly %q", a.Asked, name, got, want)
		}
	}
	if a.Size != plain.Size || a.Sum != plain.Sum {
		t.Errorf("%s: %d bytes %s, and plainly %d %s", a.Asked, a.Size, a.Sum, plain.Size, plain.Sum)
	}
}

// comparedHeaders are the headers that pages use, except for ETags, of which each side has its own.
var comparedHeaders = []string{
	"content-type", "content-range", "cache-control", "content-security-policy", "x-content-type-options", "x-robots-tag",
	"referrer-policy", "allow",
}

// responsesScript returns an expression that requests paths, and parts of files, and resolves to the responses.
func responsesScript(paths []string) string {
	type ask struct {
		Path    string            `json:"path"`
		Headers map[string]string `json:"headers"`
		Method  string            `json:"method"`
	}
	var asks []ask
	for _, path := range paths {
		asks = append(asks, ask{path, nil, "GET"})
	}
	for _, part := range []string{"0-9", "299990-", "-7", "100-99999999", "300000-", "-0", "5-2", "x"} {
		asks = append(asks, ask{"/big.bin", map[string]string{"Range": "bytes=" + part}, "GET"})
	}
	asks = append(asks, ask{"/sub/", nil, "HEAD"}, ask{"/posted", nil, "POST"},
		ask{"/none", map[string]string{"Accept": "text/html"}, "GET"},
		ask{"/sub/", map[string]string{"If-None-Match": "*"}, "GET"},
		ask{"/sub/", map[string]string{"If-None-Match": `"x"`}, "GET"})
	return fmt.Sprintf(`Promise.all(%s.map(async ({path, headers, method}) => {
		const Asked = [method, path, headers?.Range ?? ''].join(' ')
		try {
			const r = await fetch(location.origin + path, { method, headers: headers ?? {}, cache: 'no-store' })
			const body = await r.arrayBuffer()
			const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', body))
			const Sum = [...digest].map((b) => b.toString(16).padStart(2, '0')).join('')
			const URL = r.url.slice(location.origin.length)
			return { Asked, Status: r.status, URL, Header: Object.fromEntries(r.headers), Size: body.byteLength, Sum }
		} catch (e) {
			return { Asked, Error: e.name }
		}
	})).then(JSON.stringify)`, toJSON(asks))
}

func toJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // It is text.
	}
	return string(text)
}

// A reader navigates in a site as in any other: by links with odd names, redirects, parts of pages, back and forward,
// and reloading, and finds the same pages at the same addresses as on the plain website.
func TestLoaderNavigatesAsAPlainWebsite(t *testing.T) {
	t.Parallel()
	h := startLocalHome(t, map[string]string{
		"chromium": makeOddSite(t), "chromiumpages": makeReaderSite(t, "One"),
		"firefox": makeOddSite(t), "firefoxpages": makeReaderSite(t, "One"),
	})
	for browser, start := range viewerStarters {
		t.Run(browser, func(t *testing.T) {
			t.Parallel()
			o, name := start(t), strings.ToLower(browser)
			h.sites[name].followOddLinks(t, o)
			h.sites[name+"pages"].followPageLinks(t, o)
		})
	}
}

func (s loaderSite) followOddLinks(t *testing.T, o viewer) {
	t.Helper()
	o.open(s.root)
	o.waitPage(t, s, "", "Odd")
	o.waitWorker(t)
	o.waitComplete(t)
	for _, step := range []struct{ link, path, title string }{
		{"sub/", "sub/", "Sub"},
		{"100%25.html", "100%25.html", "100%"},
		{"old", "sub/", "Sub"},
		{"moved/x.html", "sub/x.html", "X"},
		{"a%20b%20%231.html?q=1#h", "a%20b%20%231.html?q=1#h", "a b #1"},
		{"none", "none", "Nothing here"},
		{"list/", "list/", "Index of /list"},
	} {
		o.evalString(t, inFrame(fmt.Sprintf("document.querySelector('a[href=%q]').click()", step.link)))
		o.waitPage(t, s, step.path, step.title)
		o.evalString(t, "history.back()")
		o.waitPage(t, s, "", "Odd")
	}
	for _, step := range []struct{ path, title string }{
		{"a%20b%20%231.html?q=1#h", "a b #1"},
		{"%C3%BC/%C3%A9.html", "Umlaut"},
		{"q%3F.html", "q?"},
		{"none", "Nothing here"},
	} {
		o.open(s.root + step.path)
		o.waitPage(t, s, step.path, step.title)
	}
}

const partInView = "document.getElementById('part').getBoundingClientRect().top < innerHeight"

func (s loaderSite) followPageLinks(t *testing.T, o viewer) {
	t.Helper()
	const deep = "sub/third.html#part"
	o.open(s.root + deep)
	o.waitPage(t, s, deep, "One third")
	o.waitTrueInFrame(t, "the part to be in view", partInView)
	o.waitWorker(t)
	o.open(s.root)
	o.waitPage(t, s, "", "One first")
	o.followLink(t, s, "second.html", "One second")
	o.followLink(t, s, deep, "One third")
	o.waitTrueInFrame(t, "the part to be in view", partInView)
	for _, step := range []struct{ move, path, title string }{
		{"history.back()", "second.html", "One second"},
		{"history.back()", "", "One first"},
		{"history.forward()", "second.html", "One second"},
		{"history.forward()", deep, "One third"},
		{"setTimeout(() => location.reload())", deep, "One third"},
		{"history.go(-2)", "", "One first"},
	} {
		// What is about to leave has a mark.
		o.evalString(t, "void (document.getElementById('site').contentWindow.leaving = true, "+step.move+")")
		o.waitTrueInFrame(t, step.move, "!window.leaving")
		o.waitPage(t, s, step.path, step.title)
	}
	o.evalString(t, inFrame("void (location.hash = 'x')"))
	o.waitPage(t, s, "#x", "One first")
	o.evalString(t, inFrame("void (document.title = 'One renamed')"))
	o.waitPage(t, s, "#x", "One renamed")
}
