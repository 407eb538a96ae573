package pinlist

import (
	"testing"

	"wtptui/engine"
)

// accept has a person accept a reading.
func (b *harness) accept(reading string) {
	b.t.Helper()
	o, err := b.folder.Followed(b.list)
	if err != nil {
		b.t.Fatal(err)
	}
	o.Accept = reading
	b.putOrder(o)
}

func TestAcceptedReadingHasChanged(t *testing.T) {
	for name, c := range map[string]struct {
		restart    bool
		after      string
		held, pins string
	}{
		"bad in another way":               {false, "x", "would unpin 4 of 4", "a b c d x"},
		"bad in another way, in a new run": {true, "x", "would unpin 4 of 4", "a b c d x"},
		"good":                             {false, "a b c", "", "a b c"},
		"good, in a new run":               {true, "a b c", "", "a b c"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newHarness(t)
			b.writeList("a b c d")
			b.putOrder(Order{Follow: true})
			b.pollTwice()
			b.writeList("a")
			b.pollTwice()
			b.accept(b.state().Reading)
			b.writeList(c.after)
			if c.restart {
				b.restart()
			}
			b.pollTwice()
			b.pollTwice()
			b.expectHeld(c.held)
			b.expectPinned(c.pins)
			// What was accepted then is not accepted later.
			b.writeList("a b c d")
			b.pollTwice()
			b.writeList("a")
			b.pollTwice()
			b.expectHeld("would unpin 3 of 4")
			b.expectPinned("a b c d")
		})
	}
}

// TestAcceptSurvivesACrash accepts a list in steps that a crash cuts short, and leaves alone what a person has
// unpinned.
func TestAcceptSurvivesACrash(t *testing.T) {
	b := newHarness(t)
	b.writeList("a b c d e")
	b.putOrder(Order{Follow: true})
	b.pollTwice()
	b.engine.pin("e.example", false)
	b.writeList("e")
	b.pollTwice()
	b.expectHeld("would unpin 4 of 4")
	b.engine.fails = map[string]error{"c.example": &engine.Error{Kind: engine.Unavailable, Msg: "busy"}}
	b.accept(b.state().Reading)
	b.pollTwice()
	b.expectPinned("c")
	b.engine.fails = nil
	b.restart()
	b.pollTwice()
	b.expectHeld("")
	b.expectPinned("")
}

func TestAcceptCommand(t *testing.T) {
	for source, want := range map[string]string{
		"/srv/été/list-1.txt":     "wtptui pin --from /srv/été/list-1.txt --accept",
		"/my lists/it's.txt":      `wtptui pin --from '/my lists/it'\''s.txt' --accept`,
		"wtp://a.example/l?x=1#y": "wtptui pin --from 'wtp://a.example/l?x=1#y' --accept",
		"/a\x1b[2J/b":             "wtptui pin --from '/a[2J/b' --accept",
	} {
		if got := AcceptCommand(source); got != want {
			t.Errorf("%q is accepted by %s, want %s", source, got, want)
		}
	}
}
