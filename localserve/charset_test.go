package localserve

import "testing"

// Addresses and titles are read in the encoding of the page, if its markup is spelt in ASCII.
func TestPagesInOtherEncodings(t *testing.T) {
	tests := map[string]string{
		"<meta charset=latin1><title>\xfc</title><a href='wtp://b\xfccher.example'>":         "<meta charset=latin1><title>\xfc</title><a href='http://localhost:PORT/wtp/xn--bcher-kva.example'>",
		"<meta charset=windows-1251><title>\xcf\xf0\xe8</title><a href=wtp://other.example>": "<meta charset=windows-1251><title>\xcf\xf0\xe8</title><a href=http://other-example.localhost:PORT>",
		"<meta charset=iso-2022-jp><a href=wtp://other.example>":                             "<meta charset=iso-2022-jp><a href=wtp://other.example>",
		"\xff\xfe<\x00a\x00 \x00h\x00r\x00e\x00f\x00=\x00w\x00t\x00p\x00:\x00>\x00":          "\xff\xfe<\x00a\x00 \x00h\x00r\x00e\x00f\x00=\x00w\x00t\x00p\x00:\x00>\x00",
	}
	titles := map[string]string{"<meta charset=l": "ü", "<meta charset=w": "При"}
	for page, want := range tests {
		s, m := site(t, map[string]string{"index.html": page})
		if got := s.get("/"); got.body != s.fill(want) {
			t.Errorf("%q became %q", page, got.body)
		}
		if title := titles[page[:min(len(page), 15)]]; m.title != title {
			t.Errorf("%q: title %q, want %q", page, m.title, title)
		}
	}
}
