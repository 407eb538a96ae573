package control

import (
	"context"
	"net/http"

	"wtptui/engine"
)

// StopHandler stops the program at a client's request. The zero value refuses.
type StopHandler struct {
	// AsksPerson reports whether Stop asks the person at the screen, which takes as long as they need.
	AsksPerson bool
	// Stop returns nil when the program is about to end, and otherwise an error that says why it does not. It must
	// return soon after ctx ends, which means that the client has closed the connection.
	Stop func(ctx context.Context) error
}

// stop calls the program's StopHandler.
func (s *server) stop(ctx context.Context) error {
	if s.program.Stop == nil {
		return &engine.Error{
			Op: "control: stop", Kind: engine.Refused, Msg: "this wtptui cannot be stopped by another program",
		}
	}
	return s.program.Stop(ctx)
}

// AsksBeforeStop reports whether Stop asks the person at the screen of the other program.
func (c *Client) AsksBeforeStop() bool { return c.asksBeforeStop }

// Stop requests that the engine's program end, and returns when it is about to. If AsksBeforeStop is true, that takes
// as long as the person needs. The error has Kind Refused if the program does not end.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, "control: stop", "", http.MethodPost, pathStop, nil, nil)
}

// Stop is Client.Stop over the present connection.
func (a *Attachment) Stop(ctx context.Context) error {
	c, err := a.connectedClient("control: stop", "")
	if err != nil {
		return err
	}
	return c.Stop(ctx)
}
