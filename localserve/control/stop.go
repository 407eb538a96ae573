package control

import (
	"context"
	"net/http"

	"wtptui/engine"
)

// StopHandler is how a program that serves is asked to end from outside. The zero value refuses.
type StopHandler struct {
	// AsksPerson reports whether End asks the person at a screen, who may take their time.
	AsksPerson bool
	// Stop returns nil when the program is about to end, and otherwise an error that says why it goes on. It returns
	// soon after ctx ends, which is when whoever asked has gone away.
	Stop func(ctx context.Context) error
}

// stop asks the program to end.
func (s *server) stop(ctx context.Context) error {
	if s.program.Stop == nil {
		return &engine.Error{Op: "control: stop", Kind: engine.Refused, Msg: "this wtptui cannot be ended from outside"}
	}
	return s.program.Stop(ctx)
}

// AsksBeforeStop reports whether the engine is a dashboard's, where Stop asks the person who sits there.
func (c *Client) AsksBeforeStop() bool { return c.asksBeforeStop }

// Stop asks the program of the engine to end, and returns when it is about to. Where AsksBeforeStop is true that takes
// as long as a person takes; Kind Refused if they want it to go on.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, "control: stop", "", http.MethodPost, pathStop, nil, nil)
}

// Stop does what Client.Stop does, if there is a connection.
func (a *Attachment) Stop(ctx context.Context) error {
	c, err := a.connectedClient("control: stop", "")
	if err != nil {
		return err
	}
	return c.Stop(ctx)
}
