package ui

import (
	"context"
	"slices"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// endRequest returns an EndRequest that records its answers.
func endRequest(answers *[]bool) endRequestMsg {
	return endRequestMsg{EndRequest{Answer: func(end bool) { *answers = append(*answers, end) }}}
}

// On a request from outside the person decides whether the program ends. Keys that are pressed as the question appears
// are not an answer.
func TestEndRequest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		keys string
		end  bool
	}{{"y", true}, {"n", false}, {"esc", false}, {"enter", false}} {
		var answers []bool
		d := newDriver(t, 80, 24)
		d.send(endRequest(&answers))
		d.mustShow("End this wtptui?", "has run `wtptui stop`")
		d.press("y")
		if d.quit || len(answers) > 0 {
			t.Fatalf("a key pressed as the question appears answers it: %v", answers)
		}
		d.advance(time.Second)
		d.press(tt.keys)
		if d.quit != tt.end || !slices.Equal(answers, []bool{tt.end}) {
			t.Errorf("%s: quit %t, answers %v; want %t", tt.keys, d.quit, answers, tt.end)
		}
	}
}

// The question waits until nothing is typed and no window is open, and each request has a question of its own.
func TestEndRequestWaitsItsTurn(t *testing.T) {
	t.Parallel()
	var answers []bool
	d := newDriver(t, 80, 24)
	d.press("/", "d", "o")
	d.send(endRequest(&answers))
	d.send(endRequest(&answers))
	d.mustHide("End this wtptui?")
	d.press("c", "esc")
	for range 2 {
		d.mustShow("End this wtptui?")
		d.advance(time.Second)
		d.press("n")
	}
	d.mustHide("End this wtptui?")
	if d.quit || !slices.Equal(answers, []bool{false, false}) {
		t.Errorf("quit %t, answers %v", d.quit, answers)
	}
}

// An engine in the background is ended from the dashboard that is attached to it, after a question, and the dashboard
// closes.
func TestStopEngine(t *testing.T) {
	t.Parallel()
	var fail error
	stopped := 0
	stop := func(c *Config, _ *fake.Options) {
		c.StopEngine = func(context.Context) error { stopped++; return fail }
	}
	d := newDriver(t, 80, 24, stop)
	ask := func() {
		d.press(":")
		d.typeText("stop-engine")
		d.press("enter")
		d.mustShow("End the engine?")
	}
	ask()
	d.press("n")
	if stopped != 0 {
		t.Fatal("it is ended although the answer was No")
	}
	fail = &engine.Error{Kind: engine.Refused, Msg: "the person at the dashboard wants it to go on"}
	ask()
	d.press("y")
	d.mustShow("The engine could not be ended: the person at the dashboard wants it to go on")
	fail = nil
	ask()
	d.press("y")
	if stopped != 2 || !d.quit {
		t.Errorf("ended %d times, quit %t", stopped, d.quit)
	}
	d = newDriver(t, 80, 24)
	d.press(":")
	d.typeText("stop-engine")
	d.press("enter")
	d.mustShow("No engine of this machine runs in the background: ^c ends the dashboard")
}
