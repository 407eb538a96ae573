package engine

import (
	"strings"
	"testing"
)

func TestFindHome(t *testing.T) {
	two := []Home{{Name: "b.example"}, {Name: "xn--bcher-kva.example"}}
	for name, want := range map[string]int{
		"b.example": 0, "B.Example.": 0, "Bücher.example": 1, "xn--bcher-kva.example": 1, "a.example": -1,
		"": -1, "\x1b[2J": -1,
	} {
		got, err := FindHome("test", name, two)
		if got != want || (err == nil) != (want >= 0) {
			t.Errorf("%q: %d, %v", name, got, err)
		}
	}
	for want, homes := range map[string][]Home{
		"has none": nil, "only one is b.example": two[:1], "are b.example, xn--bcher-kva.example": two,
	} {
		_, err := FindHome("test", "evil\x1b.example", homes)
		text := Message(err)
		if KindOf(err) != NotFound || !strings.Contains(text, want) || !strings.Contains(text, "--home NAME=SITE") {
			t.Errorf("%v", err)
		}
		if Clean(text) != text {
			t.Errorf("%q is not clean", text)
		}
	}
}

func TestHomeForSite(t *testing.T) {
	st := Status{Homes: []Home{
		{Name: "a", Host: "x", Off: true}, {Name: "b", Host: "x"}, {Name: "c", Host: "y", Off: true},
	}}
	for host, want := range map[string]string{"x": "b", "y": "c", "z": ""} {
		if h, ok := st.HomeForSite(host); h.Name != want || ok != (want != "") {
			t.Errorf("%s: %+v, %t", host, h, ok)
		}
	}
}

func TestTrackerURLs(t *testing.T) {
	st := Status{
		HomeTracker: HomeTracker{URLs: []string{"wss://a.example/announce"}},
		Homes: []Home{
			{Name: "a", Host: "off", Off: true}, {Name: "b", Host: "half", Off: true}, {Name: "c", Host: "half"},
		},
	}
	for _, tt := range []struct {
		site Site
		want int
	}{
		{Site{Host: "x"}, 0},
		{Site{Host: "x", Pinned: true}, 1},
		{Site{Host: "x", Pinned: true, State: Found}, 0},
		{Site{Host: "off", Pinned: true}, 0},
		{Site{Host: "half", Pinned: true}, 1},
	} {
		if got := st.TrackerURLs(tt.site); len(got) != tt.want {
			t.Errorf("%+v: %q", tt.site, got)
		}
	}
}

func TestTrackerHints(t *testing.T) {
	for urls, want := range map[string]string{
		"": "",
		"wss://a/announce udp://a:6969/announce https://a/announce":         "wss://a/announce udp://a:6969/announce",
		"ws://a/announce wss://b/announce https://a/announce":               "ws://a/announce https://a/announce",
		"udp://a:6969/announce udp://b:6969/announce wss://a:8443/announce": "udp://a:6969/announce wss://a:8443/announce",
	} {
		if got := strings.Join(TrackerHints(strings.Fields(urls)), " "); got != want {
			t.Errorf("%q: %q, want %q", urls, got, want)
		}
	}
}
