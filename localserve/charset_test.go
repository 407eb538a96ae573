package localserve

import "testing"

// Addresses and titles are read in the encoding of the page, if its markup is spelt in ASCII.
func TestPagesInOtherEncodings(t *testing.T) {
	tests := []struct{ page, want, title string }{
		{
			"<meta charset=latin1><title>\xfc</title><a href='wtp://b\xfccher.example'>",
			"<meta charset=latin1><title>\xfc</title><a href='http://localhost:PORT/wtp/xn--bcher-kva.example'>", "ü",
		},
		{
			"<meta charset=windows-1251><title>\xcf\xf0\xe8</title><a href=wtp://other.example>",
			"<meta charset=windows-1251><title>\xcf\xf0\xe8</title><a href=http://other-example.localhost:PORT>", "При",
		},
		{"<title>\xc9t\xe9</title><a href=wtp://other.example>", "<title>\xc9t\xe9</title><a href=http://other-example.localhost:PORT>", "Été"},
		{"<meta charset=iso-2022-jp><a href=wtp://other.example>", "<meta charset=iso-2022-jp><a href=wtp://other.example>", ""},
		{"\xff\xfe<title>x</title><a href=wtp://other.example>", "\xff\xfe<title>x</title><a href=wtp://other.example>", ""},
	}
	for _, tt := range tests {
		s, m := site(t, map[string]string{"index.html": tt.page})
		if got := s.get("/"); got.body != s.fill(tt.want) || m.title != tt.title {
			t.Errorf("%q became %q, title %q", tt.page, got.body, m.title)
		}
	}
}
