package pinlist

import (
	"testing"

	"wtptui/engine"
)

// accept has a person accept a reading.
func (b *bench) accept(reading string) {
	b.t.Helper()
	o, err := b.folder.Followed(b.list)
	if err != nil {
		b.t.Fatal(err)
	}
	o.Accept = reading
	b.order(o)
}

func TestAcceptChanged(t *testing.T) {
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
			b := newBench(t)
			b.write("a b c d")
			b.order(Order{Follow: true})
			b.look()
			b.write("a")
			b.look()
			b.accept(b.state().Reading)
			b.write(c.after)
			if c.restart {
				b.restart()
			}
			b.look()
			b.look()
			b.expectHeld(c.held)
			b.expect(c.pins)
			// What was accepted then is not accepted later.
			b.write("a b c d")
			b.look()
			b.write("a")
			b.look()
			b.expectHeld("would unpin 3 of 4")
			b.expect("a b c d")
		})
	}
}

// TestAcceptInterrupted accepts a list in steps that a crash cuts short, and leaves alone what a person has unpinned.
func TestAcceptInterrupted(t *testing.T) {
	b := newBench(t)
	b.write("a b c d e")
	b.order(Order{Follow: true})
	b.look()
	b.k.pin("e.example", false)
	b.write("e")
	b.look()
	b.expectHeld("would unpin 4 of 4")
	b.k.fails = map[string]error{"c.example": &engine.Error{Kind: engine.Unavailable, Msg: "busy"}}
	b.accept(b.state().Reading)
	b.look()
	b.expect("c")
	b.k.fails = nil
	b.restart()
	b.look()
	b.expectHeld("")
	b.expect("")
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
