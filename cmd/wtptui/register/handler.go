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
	// Args are the arguments between the program and "open".
	Args []string
	// Getenv returns the variables that say where the desktop keeps its files.
	Getenv func(string) string
	// helperTimeout is how long each of the desktop's programs may take; 0 means five seconds.
	helperTimeout time.Duration
}

// Scheme is the scheme of the links.
const Scheme = "wtp"

// State says what the desktop does with a link now.
type State struct {
	// Program is the program that it would run; empty for none. It may be another program.
	Program string
	// Ours reports whether Program is this handler, and up to date.
	Ours bool
	// Where is the file or registry key in which that is stored.
	Where string
}

// Add makes h the handler, and returns the new state. It changes nothing that is up to date.
func (h Handler) Add(ctx context.Context) (State, error) {
	if err := h.add(ctx); err != nil {
		return State{}, err
	}
	s, err := h.State(ctx)
	if err == nil && !s.Ours {
		err = &engine.Error{
			Op: "register", Kind: engine.Conflict,
			Msg: s.Where + " still gives wtp: links to another program: choose wtptui in the desktop's settings",
		}
	}
	return s, err
}

// Remove undoes Add. What another program has registered stays. It is not an error if h was not registered.
func (h Handler) Remove(ctx context.Context) error { return h.remove(ctx) }

// State returns the current state, without changing anything.
func (h Handler) State(ctx context.Context) (State, error) { return h.state(ctx) }

// commandWords returns the whole command without the address.
func (h Handler) commandWords() []string {
	return append(append([]string{h.Program}, h.Args...), "open", "--")
}

func wrapError(action string, err error) error {
	if err == nil {
		return nil
	}
	var engineErr *engine.Error
	if errors.As(err, &engineErr) {
		return err
	}
	return &engine.Error{Op: "register", Kind: engine.Unavailable, Err: err, Msg: "cannot " + action + ": " + err.Error()}
}
