package pinlist

import (
	"fmt"
	"strings"
	"testing"
)

const hash = "951ead31d09e4049fc1f21f137e233dd0589fcbd"

func TestParse(t *testing.T) {
	text := "\ufeff# a list\r\n" +
		"docs.example\r\n" +
		"  wtp://Docs.Example/page   # the same again\n" +
		"\n" +
		"magnet:?xt=urn:btih:" + hash + "&tr=udp://t.example:1\n" +
		"#docs.example\n" +
		"wtp://blog.example/#top\n" +
		"http://docs-example.localhost:7780/x\n" +
		"site.torrent\n" +
		"not an address\n" +
		"wtp://--config=x\n" +
		"a\x1b[2Jb.example\n" +
		"two.example three.example\n" +
		"javascript:alert(1)\n" +
		strings.Repeat("x", 5000) + ".example\n" +
		"https://web.example/\nshop.onion\n" +
		"last.example"
	l, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range l.Entries {
		got = append(got, e.Host)
	}
	want := []string{"docs.example", hash, "blog.example", "last.example"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("hosts %q, want %q", got, want)
	}
	if !strings.HasPrefix(l.Entries[1].Address, "magnet:") {
		t.Errorf("a magnet link lost its trackers: %q", l.Entries[1].Address)
	}
	var lines []int
	for _, r := range l.BadLines {
		lines = append(lines, r.Line)
		if r.Reason == "" || strings.ContainsAny(r.Reason, "\x1b\n") {
			t.Errorf("line %d: %q", r.Line, r.Reason)
		}
	}
	if fmt.Sprint(lines) != "[9 10 11 12 13 14 15 16 17]" || l.Skipped != 9 {
		t.Errorf("rubbish in lines %v, %d in all", lines, l.Skipped)
	}
}

func TestParseManyLines(t *testing.T) {
	var b strings.Builder
	for i := range 10_000 {
		if i%2 == 0 {
			fmt.Fprintf(&b, "site-%d.example\n", i)
		} else {
			fmt.Fprintf(&b, "rubbish %d\x00\xff\n", i)
		}
	}
	l, err := Parse(strings.NewReader(b.String()))
	if err != nil || len(l.Entries) != 5000 || l.Skipped != 5000 || len(l.BadLines) != maxBadLines ||
		l.BadLines[99].Line != 200 {
		t.Errorf("%d entries, %d skipped, %d reported, %v", len(l.Entries), l.Skipped, len(l.BadLines), err)
	}
	if _, err := Parse(strings.NewReader(strings.Repeat("# comment\n", maxListBytes/10+1))); err == nil {
		t.Error("a list of over 16 MiB is read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add("docs.example\n# x\nwtp://" + hash + "/ # y\n\x00")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		again := ""
		for _, e := range l.Entries {
			again += e.Address + "\n"
		}
		if l2, err := Parse(strings.NewReader(again)); err != nil || len(l2.Entries) != len(l.Entries) || l2.Skipped != 0 {
			t.Errorf("%d entries, read again %d and %d skipped, %v", len(l.Entries), len(l2.Entries), l2.Skipped, err)
		}
	})
}
