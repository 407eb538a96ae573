package localserve

import (
	"net/url"
	"strings"
	"testing"
)

func TestTypes(t *testing.T) {
	const page = "<!doctype html><title>\u00fc</title>"
	tests := []struct{ name, data, ctype string }{
		{"a.html", page, utf8HTML},
		{"a.HTM", page, utf8HTML},
		{"meta.html", `<!doctype html><META CHARSET="iso-8859-1">`, htmlType},
		{"equiv.html", `<meta content="text/html; charset=windows-1252" http-equiv=Content-Type>`, htmlType},
		{"viewport.html", `<meta name="viewport" content="charset=no">ü`, utf8HTML},
		{"comment.html", `<!-- <meta charset=x> --><p>ü`, utf8HTML},
		{"bom.html", "\xef\xbb\xbf<p>", htmlType},
		{"utf16.html", "\xff\xfe<\x00p\x00", htmlType},
		{"far.html", strings.Repeat(" ", 2000) + `<meta charset="iso-8859-1">`, htmlType},
		{"empty.html", "", htmlType},
		{"a.css", "ü", "text/css; charset=utf-8"},
		{"a.js", "ü", "text/javascript; charset=utf-8"},
		{"a.mjs", "ü", "text/javascript; charset=utf-8"},
		{"a.json", "{}", "application/json"},
		{"a.js.map", "{}", "application/json"},
		{"a.wasm", "x", "application/wasm"},
		{"a.webmanifest", "{}", "application/manifest+json"},
		{"a.svg", "<svg/>", "image/svg+xml"},
		{"a.woff", "x", "font/woff"},
		{"a.woff2", "x", "font/woff2"},
		{"a.avif", "x", "image/avif"},
		{"a.webp", "x", "image/webp"},
		{"a.jxl", "x", "image/jxl"},
		{"favicon.ico", "x", "image/vnd.microsoft.icon"},
		{"a.mp4", "x", "video/mp4"},
		{"a.webm", "x", "video/webm"},
		{"a.mp3", "x", "audio/mpeg"},
		{"a.ogg", "x", "audio/ogg"},
		{"a.pdf", "x", "application/pdf"},
		{"a.xml", "<x/>", "application/xml"},
		{"README.md", page, plainText},

		// HTML bytes under a typed extension are never a page.
		{"a.txt", page, plainText},
		{"a.png", page, "image/png"},
		{"a.c", page, plainText},
		{"a.xyz", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>1</script>ü</html>`, plainText},

		// What is not UTF-8, or says itself what it is, is left to the browser.
		{"latin.html", "<p>\xc9t\xe9</p>", htmlType},
		{"latin.css", "p::after { content: '\xc9' }", "text/css"},
		{"charset.css", "@charset \"utf-8\"; p::after { content: '\xc3\x89' }", "text/css"},
		{"sjis.js", "x = '\x8d\x60'", "text/javascript"},
		{"sjis.txt", "\x8d\x60\x82\xcc", textType},
		{"jis.txt", "\x1b$B9A\x1b(B", textType},
		{"wide.txt", "a\x00b\x00", textType},
		{"bom.txt", "\xef\xbb\xbf\xc3\x89", textType},
		{"utf8.txt", "\xc3\x89t\xc3\xa9", plainText},
		{"late.txt", strings.Repeat("a", sniffLen) + "\xc9", textType},
		{"far-utf8.txt", strings.Repeat("a", sniffLen) + "ü", plainText},
		{"ascii.html", "<!doctype html><title>x</title>", htmlType},
		{"ascii.css", "p {}", "text/css"},
		{"ascii.txt", "x", textType},
		{"cut.txt", strings.Repeat("a", sniffLen-1) + "\xc3\x89", plainText},
		{"end.txt", "\xc3", textType},

		// Pages whose names say nothing else, and files whose names end with the query they were made from.
		{"a.unknown", page, utf8HTML},
		{"Go_1.22", page, utf8HTML},
		{"read.php", page, utf8HTML},
		{"read.php?topic=9", page, utf8HTML},
		{"x.PHP", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><p>ü`, utf8HTML},
		{"code.php", "<?php echo 'ü';", plainText},
		{"bom.asp", "\xef\xbb\xbf" + page, htmlType},
		{"list.shtml", page + "\xe9", htmlType},
		{"site.css?ver=2", "p::after { content: 'ü' }", "text/css; charset=utf-8"},
		{"run.js?x", "ü", "text/javascript; charset=utf-8"},
		{"notes.text", "words, <b>not</b> a p\u00e4ge", plainText},

		// Unknown ones are looked at.
		{"LICENSE", "Copyright ©", plainText},
		{"page", page, utf8HTML},
		{"page2", page + `<meta charset=latin1>`, htmlType},
		{"logo.unknown", "\x89PNG\r\n\x1a\n0000", "image/png"},
		{"blob", "\x00\x01\x02\x03", octets},
		{"nothing", "", octets},
	}
	files := map[string]string{"index.html": ""}
	for _, tt := range tests {
		files[tt.name] = tt.data
	}
	s, _ := startSite(t, files)
	for _, tt := range tests {
		head := s.request("HEAD", label, "/"+url.PathEscape(tt.name)).header
		if v, ok := head["Content-Type"]; ok && !strings.HasPrefix(tt.ctype, v[0]) {
			t.Errorf("%s: HEAD says %s before anything was read, and GET %s", tt.name, v[0], tt.ctype)
		}
		if got := s.get("/" + url.PathEscape(tt.name)); got.status != 200 || got.header.Get("Content-Type") != tt.ctype {
			t.Errorf("%s: %d %s, want %s", tt.name, got.status, got.header.Get("Content-Type"), tt.ctype)
		}
		if len(tt.data) == 0 {
			continue
		}
		// Found once, it is remembered for what does not see the start of the file.
		if v := s.request("HEAD", label, "/"+url.PathEscape(tt.name)).header.Get("Content-Type"); v != tt.ctype {
			t.Errorf("%s: HEAD says %s, want %s", tt.name, v, tt.ctype)
		}
		if v := s.get("/"+url.PathEscape(tt.name), "Range: bytes=-1").header.Get("Content-Type"); v != tt.ctype {
			t.Errorf("%s: a range says %s, want %s", tt.name, v, tt.ctype)
		}
	}
}
