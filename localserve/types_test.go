package localserve

import (
	"strings"
	"testing"
)

func TestTypes(t *testing.T) {
	const page = "<!doctype html><title>x</title>"
	tests := []struct{ name, data, ctype string }{
		{"a.html", page, utf8HTML},
		{"a.HTM", page, utf8HTML},
		{"meta.html", `<!doctype html><META CHARSET="iso-8859-1">`, htmlType},
		{"equiv.html", `<meta content="text/html; charset=windows-1252" http-equiv=Content-Type>`, htmlType},
		{"viewport.html", `<meta name="viewport" content="charset=no">`, utf8HTML},
		{"comment.html", `<!-- <meta charset=x> --><p>`, utf8HTML},
		{"bom.html", "\xef\xbb\xbf<p>", htmlType},
		{"utf16.html", "\xff\xfe<\x00p\x00", htmlType},
		{"far.html", strings.Repeat(" ", 2000) + `<meta charset="iso-8859-1">`, utf8HTML},
		{"empty.html", "", htmlType},
		{"a.css", "x", "text/css; charset=utf-8"},
		{"a.js", "x", "text/javascript; charset=utf-8"},
		{"a.mjs", "x", "text/javascript; charset=utf-8"},
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
		{"a.unknown", page, plainText},
		{"v1.2", page, plainText},
		{".htaccess", page, plainText},
		{"a.xyz", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>1</script></html>`, plainText},

		// Unknown ones are looked at.
		{"LICENSE", "Copyright", plainText},
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
	s, _ := site(t, files)
	for _, tt := range tests {
		head := s.do("HEAD", label, "/"+tt.name).header
		if v, ok := head["Content-Type"]; ok && !strings.HasPrefix(tt.ctype, v[0]) {
			t.Errorf("%s: HEAD says %s before anything was read, and GET %s", tt.name, v[0], tt.ctype)
		}
		if got := s.get("/" + tt.name); got.status != 200 || got.header.Get("Content-Type") != tt.ctype {
			t.Errorf("%s: %d %s, want %s", tt.name, got.status, got.header.Get("Content-Type"), tt.ctype)
		}
		if len(tt.data) == 0 {
			continue
		}
		// Found once, it is remembered for what does not see the start of the file.
		if v := s.do("HEAD", label, "/"+tt.name).header.Get("Content-Type"); v != tt.ctype {
			t.Errorf("%s: HEAD says %s, want %s", tt.name, v, tt.ctype)
		}
		if v := s.get("/"+tt.name, "Range: bytes=-1").header.Get("Content-Type"); v != tt.ctype {
			t.Errorf("%s: a range says %s, want %s", tt.name, v, tt.ctype)
		}
	}
}

func TestMemoIsBounded(t *testing.T) {
	var m memo
	c := &memory{}
	for i := range 2 * maxFacts {
		m.sniff(c.entry("f", strings.Repeat("x", i)), []byte("text"))
	}
	if len(m.facts) > maxFacts {
		t.Errorf("%d files are remembered", len(m.facts))
	}
}
