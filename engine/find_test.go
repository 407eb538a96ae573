package engine

import (
	"strings"
	"testing"
)

func TestFindHost(t *testing.T) {
	t.Parallel()
	const hash, other = "951ead31d09e4049fc1f21f137e233dd0589fcbd", "951eb00000000000000000000000000000000000"
	long := "xn--bcher-kva.example"
	all := []Candidate{
		{Host: hash, Infohash: hash, Title: "Vim  Tips"},
		{Host: other, Infohash: other, Title: "Same"},
		{Host: "docs.example", Infohash: strings.Repeat("ab", 20), Title: "Example Docs"},
		{Host: "docs.example.org", Infohash: strings.Repeat("cd", 20), Title: "Same"},
		{Host: long, Title: "docs.ex"},
	}
	for _, tt := range []struct{ name, host, message string }{
		// What is an address and is there is meant, whatever else begins so or is called so.
		{"docs.example", "docs.example", ""},
		{"DOCS.example.", "docs.example", ""},
		{"wtp://docs.example/page", "docs.example", ""},
		{strings.ToUpper(hash), hash, ""},
		{"http://" + OriginLabel(long) + ".localhost:7780/", long, ""},
		{"bücher.example", long, ""},
		// Titles.
		{"vim tips", hash, ""},
		{"EXAMPLE DOCS", "docs.example", ""},
		{"docs.ex", long, ""},
		{"same", "", `"same" may be ` + other + ` (Same) or docs.example.org (Same): give more of it`},
		// Beginnings of hosts and of infohashes.
		{"951ea", hash, ""},
		{"951E", "", `"951E" may be ` + hash + ` (Vim Tips) or ` + other + ` (Same): give more of it`},
		{"docs.example.", "docs.example", ""},
		{"docs.example.o", "docs.example.org", ""},
		{"abab", "docs.example", ""},
		{"xn--b", long, ""},
		{"doc", "", `"doc" may be docs.example (Example Docs) or docs.example.org (Same): give more of it`},
		// A whole address is the beginning of nothing.
		{"wtp://docs.exam/", "docs.exam", ""},
		{strings.Repeat("0", 40), strings.Repeat("0", 40), ""},
		// What nobody is called.
		{"new.example", "new.example", ""},
		{
			"nonsense", "",
			"no site has the address or the title \"nonsense\", or an address that begins so: `wtptui ls` lists them",
		},
		{
			"not/a/host", "",
			"not is not a domain, an infohash or a key; try wtp://tomjwatson.com/ or an infohash of 40 hex digits",
		},
		{" ", "", "nothing was given; try wtp://tomjwatson.com/ or an infohash of 40 hex digits"},
		{"http://" + OriginLabel("other.example.with-dash") + ".localhost:7780/", "other.example.with-dash", ""},
	} {
		host, err := FindHost(tt.name, all)
		if host != tt.host || Message(err) != tt.message {
			t.Errorf("%q is %q, %q; want %q, %q", tt.name, host, Message(err), tt.host, tt.message)
		}
	}
}

// TestFindHostNamesSomeOfMany: a message names five of the sites that may be meant, and counts the others.
func TestFindHostNamesSomeOfMany(t *testing.T) {
	t.Parallel()
	many := make([]Candidate, 7)
	for i := range many {
		many[i].Host = string(rune('a'+i)) + ".example"
		many[i].Title = "Same"
	}
	const want = `"same" may be a.example (Same), b.example (Same), c.example (Same), d.example (Same), ` +
		`e.example (Same) or one of 2 others: give more of it`
	if _, err := FindHost("same", many); Message(err) != want || KindOf(err) != Invalid {
		t.Errorf("of many: %v", err)
	}
}
