package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{
		-1: "?", 0: "0B", 1023: "1023B", 1024: "1.0K", 1023 << 10: "1.0M", 13_002_342: "12.4M", 5 << 30: "5.0G",
		1<<63 - 1: "8.0E",
	} {
		if got := formatBytes(n); got != want {
			t.Errorf("bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestFormatTimeLeft(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "now", 59*time.Second + 999*time.Millisecond: "59s", 29*time.Minute + 30*time.Second: "29m30s",
		30 * time.Minute:              "30m0s",
		26*time.Hour + 59*time.Second: "26h", 90 * time.Minute: "1h30m",
	} {
		if got := formatTimeLeft(d); got != want {
			t.Errorf("until(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestPrintTable(t *testing.T) {
	var b strings.Builder
	printTable(&b, []string{"A", ">B", "C"}, [][]string{{"日本", "1", "x"}, {"a", "100", ""}})
	want := "A       B  C\n日本    1  x\na     100  -\n"
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestListOfSites(t *testing.T) {
	var b strings.Builder
	printSites(&b, siteList(), now)
	want := `
STATE        KEPT    HOST                                       SIZE  DONE    DOWN     UP  PEERS  EXPIRES  TITLE OR ERROR
downloading  cached  951ead31d09e4049fc1f21f137e233dd0589fcbd  12.4M   39%  1.2M/s  12B/s   8/23   29m30s  日本語 <b>
seeding      pinned  docs.example                               2.0K  100%    0B/s   0B/s    0/0    never  Example Docs
error        cached  xn--bcher-kva.example                         ?    0%    0B/s   0B/s    0/0       3h  no such domain: check the spelling
`
	if got := "\n" + b.String(); got != want {
		t.Errorf("got%swant%s", got, want)
	}
}

func TestBrowserCommand(t *testing.T) {
	const url = "http://a-b.localhost:7780/?x=%73"
	for _, tc := range []struct {
		browser, goos string
		want          []string
	}{
		{"", "linux", []string{"xdg-open", url}},
		{"", "darwin", []string{"open", url}},
		{"", "windows", []string{"rundll32", "url.dll,FileProtocolHandler", url}},
		{"nosuch", "linux", []string{"nosuch", url}},
		{"nosuch --new-window", "linux", []string{"nosuch", "--new-window", url}},
		{"nosuch --url=%s -x", "linux", []string{"nosuch", "--url=" + url, "-x"}},
	} {
		if got := browserCommand(tc.browser, tc.goos, url); !slices.Equal(got, tc.want) {
			t.Errorf("BROWSER=%q on %s: %q, want %q", tc.browser, tc.goos, got, tc.want)
		}
	}
}
