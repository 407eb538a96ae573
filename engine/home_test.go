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

func TestHomeOf(t *testing.T) {
	st := Status{Homes: []Home{
		{Name: "a", Host: "x", Off: true}, {Name: "b", Host: "x"}, {Name: "c", Host: "y", Off: true},
	}}
	for host, want := range map[string]string{"x": "b", "y": "c", "z": ""} {
		if h, ok := st.HomeOf(host); h.Name != want || ok != (want != "") {
			t.Errorf("%s: %+v, %t", host, h, ok)
		}
	}
}
