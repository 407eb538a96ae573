package files

import "testing"

func TestInvalidTagIsNotSent(t *testing.T) {
	for _, tag := range []string{"", `a"b`, "a b", "ä", "a\r\nX: y"} {
		if validTag(tag) {
			t.Errorf("%q would be sent", tag)
		}
	}
}
