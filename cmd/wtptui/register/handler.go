package register

import (
	"context"
	"errors"
	"time"

	"wtptui/engine"
)

// Handler is the program that opens wtp: links.
type Handler struct {
	// Program is its absolute path.
	Program string
	// Args stand between the program and the "--" before the address.
	Args []string
	// Getenv is the environment that says where the desktop keeps its files.
	Getenv func(string) string
	// helperTime is how long each program of the desktop may take; 0 means five seconds.
	helperTime time.Duration
}

// Scheme is the scheme of the links.
const Scheme = "wtp"

// State is what the desktop does with a link now.
type State struct {
	// Program is what it would run; empty for nothing. It may be another program than ours.
	Program string
	// Ours reports whether this is the handler asked about, and whether it is up to date.
	Ours bool
	// Where names the file or key that says so.
	Where string
}

// Add makes h the handler. It changes nothing that is already so, and returns what it has written or found.
func (h Handler) Add(ctx context.Context) (State, error) {
	if err := h.add(ctx); err != nil {
		return State{}, err
	}
	s, err := h.State(ctx)
	if err == nil && !s.Ours {
		err = &engine.Error{Op: "register", Kind: engine.Conflict, Msg: s.Where + " still gives wtp: links to another program: choose wtptui in the desktop's settings"}
	}
	return s, err
}

// Remove takes it back; what another program has registered stays. It is no error if nothing was there.
func (h Handler) Remove(ctx context.Context) error { return h.remove(ctx) }

// State tells who handles links now, without changing anything.
func (h Handler) State(ctx context.Context) (State, error) { return h.state(ctx) }

// words are the whole command without the address.
func (h Handler) words() []string {
	return append(append([]string{h.Program}, h.Args...), "open", "--")
}

func failed(what string, err error) error {
	if err == nil {
		return nil
	}
	var known *engine.Error
	if errors.As(err, &known) {
		return err
	}
	return &engine.Error{Op: "register", Kind: engine.Unavailable, Err: err, Msg: "cannot " + what + ": " + err.Error()}
}
