package scroll

import (
	"strings"
	"testing"

	"wtptui/ui/keys"
)

func TestWindow(t *testing.T) {
	lines := strings.Split("0123456789", "")
	var w Window
	at := func(want string, actions ...keys.Action) {
		t.Helper()
		for _, a := range actions {
			if !w.Handle(a) {
				t.Fatalf("%s does not scroll", a)
			}
		}
		if got := strings.Join(w.View(lines, 4), ""); got != want {
			t.Errorf("after %v: %s, want %s", actions, got, want)
		}
	}
	at("0123")
	at("1234", keys.Down)
	at("0123", keys.Up, keys.Up)
	at("6789", keys.Bottom, keys.Down)
	at("4567", keys.HalfUp)
	at("0123", keys.PageUp)
	at("4567", keys.PageDown)
	at("6789", keys.Bottom)
	if w.More() != "↑ more" || !w.IsVisible(6) || w.IsVisible(5) || w.Line(1) != 7 {
		t.Errorf("%+v", w)
	}
	if got := w.View(lines, 20); len(got) != 10 {
		t.Errorf("%d lines where all fit", len(got))
	}
	if got := w.View(nil, 0); len(got) != 0 || w.Handle(keys.Details) {
		t.Error("nothing has lines, or details scrolls")
	}
}
