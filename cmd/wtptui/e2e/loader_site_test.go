package e2e_test

import (
	bits "encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// makeReaderSite makes a site of three pages that link to each other, and a larger file. The contents depend on mark,
// so that two sites have hardly a byte in common.
func makeReaderSite(t testing.TB, mark string) string {
	t.Helper()
	page := func(title, body string) string {
		return fmt.Sprintf("<!doctype html><meta charset=utf-8><title>%s %s</title>"+
			"<link rel=stylesheet href=/style.css>\n%s", mark, title, body)
	}
	const third = "<a href=sub/third.html#part>third</a>"
	return makeFolder(t, map[string]string{
		"index.html":     page("first", "<h1>First</h1><a href=second.html>second</a> "+third),
		"second.html":    page("second", "<h1>Second</h1>"+third+"<img src=picture.svg>"),
		"sub/third.html": page("third", "<h1>Third</h1><a href=../>first</a><p id=part style='margin: 3000px 0'>the part"),
		"style.css":      "h1 { color: teal }",
		"picture.svg":    squareSVG,
		"more.bin":       makeNoise(mark, 1<<20),
	})
}

// makeNoise returns random bytes that depend only on mark.
func makeNoise(mark string, size int) string {
	var seed [32]byte
	copy(seed[:], mark)
	content := make([]byte, size)
	_, _ = rand.NewChaCha8(seed).Read(content) // It never fails.
	return string(content)
}

const (
	soundSeconds = 60
	soundRate    = 16_000 // samples a second, of two bytes
)

// makeSound returns a WAV file of a minute of noise: two megabytes, whose length browsers know from its first bytes.
func makeSound() string {
	const size = soundSeconds * soundRate * 2
	le := bits.LittleEndian
	head := le.AppendUint32([]byte("RIFF"), 36+size)
	head = le.AppendUint32(append(head, "WAVEfmt "...), 16)
	head = le.AppendUint16(le.AppendUint16(head, 1), 1) // PCM, one channel
	head = le.AppendUint32(le.AppendUint32(head, soundRate), 2*soundRate)
	head = le.AppendUint16(le.AppendUint16(head, 2), 16)
	head = le.AppendUint32(append(head, "data"...), size)
	return string(head) + makeNoise("sound", size)
}

// makeSoundSite makes a page with a sound, which is requested when it is played.
func makeSoundSite(t testing.TB) string {
	t.Helper()
	return makeFolder(t, map[string]string{
		"index.html": "<!doctype html><title>Sound</title><audio preload=none src=sound.wav></audio>",
		"sound.wav":  makeSound(),
		"more.bin":   makeNoise("more", 24<<20), // More than comes over a slow line before a busy browser is ready.
	})
}

// makeOddSite makes a site with everything in addresses and names that is difficult for a server.
func makeOddSite(t testing.TB) string {
	t.Helper()
	page := func(title string) string { return "<!doctype html><meta charset=utf-8><title>" + title + "</title>" }
	return makeFolder(t, map[string]string{
		"index.html": page("Odd") + "<a href='sub/'>sub</a><a href='100%25.html'>percent</a><a href='old'>old</a>" +
			"<a href='moved/x.html'>moved</a><a href='a%20b%20%231.html?q=1#h'>hash</a><a href='list/'>list</a>" +
			"<a href='none'>none</a>",
		"_redirects": "/old /sub/ 301\n/moved/* /sub/:splat 302\n/shown/:name /sub/x.html 200\n/gone /none.html 410\n" +
			"/away https://elsewhere.example/ 302\n/lost /404.html 404\n",
		"_headers": "/sub/*\n  X-Robots-Tag: noindex\n  Cache-Control: max-age=60\n  Referrer-Policy: no-referrer\n" +
			"  Set-Cookie: no=1\n",
		"404.html":       page("Nothing here") + "<h1>Nothing here</h1>",
		"sub/index.html": page("Sub"), "sub/x.html": page("X"), "sub/404.html": page("Not this"),
		"100%.html": page("100%"), "a b #1.html": page("a b #1"), "q?.html": page("q?"), "ü/é.html": page("Umlaut"),
		"plain": "just words", "page": page("No extension"),
		"evil.unknown": page("Unknown"), "text.txt": page("not a page"),
		"latin.html":  "<meta charset=latin1><title>\xfc</title>",
		"latin.txt":   strings.Repeat("Un \xe9t\xe9 \xe0 Besan\xe7on\n", 20),
		"list/a.txt":  "a",
		"list/ü&<b>":  "escaped",
		"style.css":   "a{}",
		"s.css.gz":    gzipText(t, "b{}"),
		"only.js.gz":  gzipText(t, "1"),
		"mod.mjs":     "export {}",
		"app.wasm":    "\x00asm",
		"data.json":   "{}",
		"picture.svg": squareSVG,
		"empty.txt":   "",
		"UPPER.HTML":  page("Upper"),
		"clash":       "the file",
		"clash.html":  page("Clash"),
		"big.bin":     makeNoise("big", 300_000),
		"wtp.html":    page("Links") + "<a href='wtp://0123456789abcdef0123456789abcdef01234567/x'>elsewhere</a>",
	})
}

// oddPaths are requested of the site of makeOddSite.
var oddPaths = []string{
	"/", "/index.html", "/sub", "/sub?a=1&b=%20", "/sub/", "/sub/index.html", "/sub/x", "/sub/x/", "/sub/none",
	"/none", "/none/", "/old", "/moved/x.html", "/moved/none.html", "/moved/", "/shown/ada", "/gone", "/lost",
	"/404.html", "/100%25.html", "/100%25", "/a%20b%20%231.html", "/a%20b%20%231.html?q=1", "/q%3F.html",
	"/%C3%BC/%C3%A9.html", "/%C3%BC", "/%C3%BC/", "/plain", "/page", "/evil.unknown", "/text.txt", "/latin.html",
	"/latin.txt", "/list", "/list/", "/list/a.txt", "/list/%C3%BC&%3Cb%3E", "/style.css", "/s.css", "/only.js",
	"/s.css.gz", "/mod.mjs", "/app.wasm", "/data.json", "/picture.svg", "/empty.txt", "/UPPER.HTML",
	"/upper.html", "/clash", "/clash.html", "/big.bin", "/wtp.html", "/_redirects", "/_headers", "/favicon.ico",
	"//sub/", "/sub//x.html", "/%2e%2e/etc/passwd", "/sub/..%2f..%2fetc/passwd", "/a%00b", "/%zz", "/%",
	"/sub\\x.html", "/.hidden",
}
