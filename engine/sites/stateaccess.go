package sites

import (
	"context"

	"wtptui/engine"
	"wtptui/store"
)

// stateAccess runs functions with the state on the owner's goroutine.
type stateAccess struct {
	owner *owner
	// state is passed to the functions. Only the owner's goroutine may touch it.
	state *state
}

// withState runs f on the owner's goroutine and returns its error. The error's Kind is Unavailable if the engine is
// closed.
func (a *stateAccess) withState(op, host string, f func(*state) error) error {
	err := stoppingError(op, host)
	a.owner.do(func() {
		if !a.state.closed {
			err = f(a.state)
		}
	})
	return err
}

func stoppingError(op, host string) error {
	return &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Msg: "the engine is stopping: start it again"}
}

// awaitWrite waits for a write and returns its error.
func awaitWrite(ctx context.Context, op, host string, written <-chan error) error {
	select {
	case err := <-written:
		if err != nil {
			return saveError(op, host, err)
		}
		return nil
	case <-ctx.Done():
		return canceledError(ctx, op, host)
	}
}

// canceledError returns the error for a caller whose context ended before the operation did.
func canceledError(ctx context.Context, op, host string) error {
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable,
		Msg: "the wait for it was interrupted: check whether it has happened before you try again", Err: context.Cause(ctx),
	}
}

// writeChange applies a change to the store and waits for it.
func (a *stateAccess) writeChange(ctx context.Context, op, host string, change func(*store.Tx) error) error {
	written := make(chan error, 1)
	err := a.withState(op, host, func(st *state) error {
		st.journal.enqueue(storeChange{apply: change, done: func(err error) { written <- err }})
		return nil
	})
	if err != nil {
		return err
	}
	return awaitWrite(ctx, op, host, written)
}
