package e2e_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

const squareSVG = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40">` +
	`<rect width="60" height="40" fill="#a40"/></svg>`

// routedSite is an application of one page, whose _redirects catch all paths.
func routedSite() comparedSite {
	page := func(title string) string {
		return `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/assets/app.css"><title>` + title +
			"</title><h1>" + title + "</h1>"
	}
	return comparedSite{
		name: "routed",
		files: map[string]string{
			"_redirects": "# from to status\n/before  /after/  301\n/moved/*  /after/:splat  302\n" +
				"/people/:name  /after/who.html  200\n" +
				"/gone  /none.html  404\n/*  /index.html  200\n",
			"index.html": `<!doctype html><html lang="en" data-pending><meta charset="utf-8"><title>App</title>
<link rel="stylesheet" href="/assets/app.css"><div id="app"></div><img src="/assets/logo.svg" alt="">
<script type="module" src="/assets/app.js"></script>`,
			"assets/app.js": `import { name } from './name.js'
const answers = await Promise.all(['/data/list.json', '/data/none.json'].map((path) => fetch(path)))
const shown = answers.map((a) => a.status + ' ' + a.headers.get('Content-Type').split(';')[0])
document.title = name + location.pathname
document.getElementById('app').innerHTML = '<h1>' + location.pathname + '</h1><p>' + location.search +
	location.hash + '</p><p>' + shown + '</p><pre></pre>'
document.querySelector('pre').textContent = await answers[0].text()
delete document.documentElement.dataset.pending`,
			"assets/name.js":   "export const name = 'App at '",
			"assets/app.css":   "body { font-family: sans-serif; background: #eef } h1 { color: #036 }",
			"assets/logo.svg":  squareSVG,
			"data/list.json":   `{"items": [1, 2, 3]}`,
			"after/index.html": page("After"), "after/who.html": page("Who"), "after/x.html": page("X"),
			"none.html":        page("None"),
			"moved/stays.html": page("A file"),
		},
		nginx: `location = /before { return 301 /after/; }
			location ~ ^/moved/(.*)$ { try_files $uri @moved; }
			location @moved { rewrite ^/moved/(.*)$ /after/$1 redirect; }
			location ~ ^/people/[^/]+$ { try_files $uri /after/who.html; }
			location = /gone { return 404; }
			error_page 404 /none.html;
			location / { try_files $uri $uri/ /index.html; }`,
		pages: []string{
			"", "deep/link/here?x=1#part", "before", "moved/x.html", "moved/stays.html", "people/ada", "gone", "after",
			"data/list.json",
		},
	}
}

// fallbackSite has a page for any address that a person navigates to, but no fallback for pictures.
func fallbackSite() comparedSite {
	return comparedSite{
		name: "fallback",
		files: map[string]string{
			"index.html": `<!doctype html><meta charset="utf-8"><title>Home</title><h1>Home</h1>` +
				`<a href="/trips/2026/march">March</a>`,
			"200.html": `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/site.css">
<link rel="stylesheet" href="/missing.css"><h1>Any route</h1>
<img src="/picture.svg"><img src="/missing.svg" alt="missing"><script src="/missing.js"></script>
<script>document.title = location.pathname</script>`,
			"about/index.html": "<!doctype html><meta charset=utf-8><title>About</title><h1>About</h1>",
			"site.css":         "h1 { background: gold }",
			"picture.svg":      squareSVG,
		},
		nginx: `error_page 404 = @route;
			location / { try_files $uri $uri/ =404; }
			location @route {
				types {}
				default_type text/plain;
				if ($http_sec_fetch_mode != navigate) { return 404 "There is no such file."; }
				rewrite ^ /200.html last;
			}`,
		pages: []string{"", "trips/2026/march?day=2", "about", "about/", "about/more/"},
	}
}

// missingPageSite has a page of its own for missing files.
func missingPageSite() comparedSite {
	return comparedSite{
		name: "missing",
		files: map[string]string{
			"index.html": `<!doctype html><meta charset="utf-8"><title>Home</title><h1>Home</h1>` +
				`<img src="none.png" alt="none"><script src="none.js"></script>`,
			"404.html": `<!doctype html><meta charset="utf-8"><title>Not here</title><style>h1 { color: teal }</style>` +
				`<h1>Not here</h1><script>document.title += location.pathname</script>`,
		},
		nginx: "error_page 404 /404.html;",
		pages: []string{"", "nothing/here.html", "nothing/", "none.png"},
	}
}

// mirroredSite is a site as old ones were mirrored: names that programs made, indexes with short extensions, texts that
// are not Unicode, links with a slash too many.
func mirroredSite(t *testing.T) comparedSite {
	t.Helper()
	latin, cyrillic := charmap.ISO8859_1.NewEncoder(), charmap.Windows1251.NewEncoder()
	sjis := japanese.ShiftJIS.NewEncoder()
	const french, japaneseText, russian = "Été à Besançon, déjà vu", "港の天気は晴れのち曇り", "Погода в порту сегодня ясная"
	old := func(head, text, tail string) string {
		return `<HTML><HEAD>` + head + `<TITLE>` + text +
			`</TITLE></HEAD><BODY BGCOLOR="#ffffcc"><TABLE BORDER=1><TR><TD><FONT COLOR=navy>` +
			text + "</FONT></TABLE><P ID=a>" + tail + "</BODY></HTML>"
	}
	meta := func(charset string) string {
		return `<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=` + charset + `">`
	}
	return comparedSite{
		name: "mirror",
		files: map[string]string{
			"index.htm": encodeText(t, latin, old(meta("iso-8859-1")+`<LINK REL=stylesheet HREF="css//site.css">`, french,
				`<IMG SRC="pics//square.svg"><SCRIPT SRC="js//latin.js"></SCRIPT><SCRIPT SRC="/js/run.js%3Fx=1"></SCRIPT>`)),
			"css/site.css":         "td { padding: 12px } p::before { content: 'by the sheet ' }",
			"css/skin.css?ver=2":   "body { background: #cfc }",
			"js/latin.js":          encodeText(t, latin, "document.getElementById('a').append('"+french+"')"),
			"js/run.js?x=1":        "document.title += ' ran'",
			"pics/square.svg":      squareSVG,
			"forum/index.htm":      old("", "Forum", `<A HREF="read.php%3Ftopic=9">nine</A>`),
			"forum/read.php":       old(`<LINK REL=stylesheet HREF="/css/skin.css%3Fver=2">`, "Read", ""),
			"forum/read.php?topic": old(`<LINK REL=stylesheet HREF="/css/site.css?ver=2">`, "Topic", ""),
			"upper/INDEX.HTM":      old("", "Upper", ""),
			"sjis/index.html": encodeText(t, sjis, old(meta("Shift_JIS")+`<LINK REL=stylesheet HREF="sjis.css">`, japaneseText,
				`<SCRIPT SRC="sjis.js"></SCRIPT>`)),
			"sjis/sjis.css":  encodeText(t, sjis, `@charset "shift_jis"; p::after { content: "`+japaneseText+`" }`),
			"sjis/sjis.js":   encodeText(t, sjis, "document.getElementById('a').append('"+japaneseText+"')"),
			"sjis/bare.html": encodeText(t, sjis, old("", strings.Repeat(japaneseText, 6), "")),
			"late.html": encodeText(t, cyrillic,
				old("<!--"+strings.Repeat("-", 1300)+"-->"+meta("windows-1251"), russian, `<SCRIPT SRC="cyrillic.js"></SCRIPT>`)),
			"cyrillic.js":   encodeText(t, cyrillic, "document.getElementById('a').append('"+russian+"')"),
			"bare.html":     encodeText(t, latin, old("", french, "")),
			"latin.txt":     encodeText(t, latin, strings.Repeat(french+"\n", 8)),
			"sjis/sjis.txt": encodeText(t, sjis, strings.Repeat(japaneseText+"\n", 8)),
			"unicode.txt":   russian,
		},
		nginx: `index index.html index.htm INDEX.HTM;
			location = /unicode.txt { charset utf-8; }
			location ~ "\.php(\?|$)" { types {} default_type text/html; }
			location ~ "\.css\?" { types {} default_type text/css; }
			location ~ "\.js\?" { types {} default_type text/javascript; }`,
		pages: []string{
			"", "forum/", "forum/read.php", "forum/read.php?new=1", "forum/read.php%3Ftopic", "upper/", "sjis/",
			"sjis/bare.html", "late.html", "bare.html",
			"latin.txt", "sjis/sjis.txt", "unicode.txt",
		},
	}
}

func encodeText(t *testing.T, e *encoding.Encoder, text string) string {
	t.Helper()
	coded, err := e.String(text)
	if err != nil {
		t.Fatal(err)
	}
	return coded
}

// precompressedSite has compressed files, beside the uncompressed ones, instead of them, and under their own names.
func precompressedSite(t *testing.T) comparedSite {
	t.Helper()
	const sheet = "h1 { color: green } img { border: 3px solid }"
	return comparedSite{
		name: "packed",
		files: map[string]string{
			"index.html": `<!doctype html><html data-pending><meta charset="utf-8"><title>Packed</title>
<link rel="stylesheet" href="site.css">
<h1>Packed</h1><img src="drawing.svgz" alt="drawing"><script src="build.js.gz"></script><script src="only.js"></script>
<script>fetch('tables.csv.gz').then((r) => r.bytes()).then((b) => {
	document.querySelector('h1').append(' ' + [...b.slice(0, 2)])
	delete document.documentElement.dataset.pending
})</script>`,
			"site.css":      sheet,
			"site.css.gz":   gzipText(t, sheet),
			"drawing.svgz":  gzipText(t, squareSVG),
			"build.js.gz":   gzipText(t, "document.title += ' built'"),
			"only.js.gz":    gzipText(t, "document.title += ' only packed'"),
			"tables.csv.gz": gzipText(t, "a,b\n1,2\n"),
		},
		nginx: `gzip_static on;
			location ~ \.svgz$ { gzip_static off; add_header Content-Encoding gzip; }
			location ~ \.js\.gz$ { types {} default_type text/javascript; add_header Content-Encoding gzip; }`,
		pages: []string{"", "drawing.svgz"},
	}
}

func gzipText(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// absoluteLinkSite was generated with its own wtp address as its base: every link in it is absolute, except in scripts,
// which are not rewritten.
func absoluteLinkSite() comparedSite {
	const site = "absolute.example"
	files := map[string]string{
		"index.html": `<!doctype html><html data-pending>
<meta charset="utf-8">
<base href="BASE/">
<title>Absolute</title>
<link rel="stylesheet" href="BASE/a/main.css">
<link rel="icon" href="BASE/a/square.svg">
<style>h1 { background: url(BASE/a/square.svg) }</style>
<h1 style="border-image: url('BASE/a/square.svg') 3">Absolute</h1>
<p><img src="BASE/a/square.svg"><img srcset="BASE/a/square.svg 1x, BASE/a/double.svg 2x" alt="a set">
<picture><source srcset="BASE/a/large.svg"><img src="a/square.svg"></picture><img src="relative.svg" alt="relative"></p>
<iframe src="BASE/a/inner.html" width="200" height="90"></iframe>
<object data="BASE/a/square.svg"></object> <embed src="BASE/a/large.svg">
<video poster="BASE/a/large.svg" width="120" height="80"></video> <input type="image" src="BASE/a/square.svg">
<svg width="70" height="50"><image href="BASE/a/square.svg"/></svg>
<table background="BASE/a/square.svg"><tr><td><a id="in" href="BASE/a/inner.html">in</a></td></tr></table>
<form action="BASE/a/inner.html"><button>go</button></form>
<script src="BASE/a/main.js"></script>
<script type="module">
import { word } from "./a/word.js"
const answer = await fetch("a/data.json")
document.querySelector('h1').append(word, ' ', await answer.text())
delete document.documentElement.dataset.pending
</script>`,
		"a/main.css":  `@import "BASE/a/more.css"; h1 { color: rgb(140, 20, 20); padding: 20px }`,
		"a/more.css":  "p { margin-left: 70px; background: url(BASE/a/square.svg) }",
		"a/main.js":   "document.title += ' ran'",
		"a/word.js":   "export const word = ' by a module'",
		"a/data.json": `{"fetched": true}`,
		"a/inner.html": `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="BASE/a/more.css">` +
			`<title>Inner</title><p>inner <a href="BASE/">out</a>`,
		"a/square.svg": squareSVG,
		"a/large.svg":  strings.ReplaceAll(squareSVG, "#a40", "#04a"),
		"relative.svg": squareSVG,
		// Nothing else shows it: Chromium takes what it has at hand, whatever fits better.
		"a/double.svg": squareSVG,
	}
	for name, content := range files {
		files[name] = strings.ReplaceAll(content, "BASE", "wtp://"+site)
	}
	return comparedSite{name: "absolute", domain: site, files: files, pages: []string{"", "a/inner.html"}}
}

// sandboxedFrameSite has sandboxed frames, which reach nothing but what they show.
func sandboxedFrameSite() comparedSite {
	return comparedSite{
		name: "sandbox",
		files: map[string]string{
			"index.html": `<!doctype html><html data-pending><meta charset="utf-8"><title>Outer</title><h1></h1>
<iframe sandbox="allow-scripts" src="play/frame.html"></iframe> <iframe sandbox src="play/still.html"></iframe>
<script>
const got = {}
addEventListener('message', (e) => {
	Object.assign(got, e.data)
	if (!('style' in got && 'script' in got && 'picture' in got)) return
	const shown = ['style', 'script', 'picture', 'origin'].map((k) => k + ' ' + got[k]).join(', ')
	document.querySelector('h1').textContent = shown
	delete document.documentElement.dataset.pending
})
</script>`,
			"play/frame.html": `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="frame.css">
<script>const tell = (what) => parent.postMessage(what, '*')</script>
<p>inner <img src="square.svg" onload="tell({picture: 'shown'})" onerror="tell({picture: 'broken'})">
<script src="frame.js" onerror="tell({script: 'failed'})"></script>
<script>onload = () => tell({style: getComputedStyle(document.querySelector('p')).marginLeft, origin})</script>`,
			"play/still.html": `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="frame.css">` +
				`<p>still <img src="square.svg">`,
			"play/frame.css":  "p { margin-left: 11px; background: url(square.svg) }",
			"play/frame.js":   "tell({script: 'ran'})",
			"play/square.svg": squareSVG,
		},
		pages: []string{""},
	}
}
