package sites

import (
	"context"

	"wtptui/engine"
	"wtptui/store"
)

// asker is how everybody else reaches the state.
type asker struct {
	owner *owner
	// owned is for functions that the owner runs.
	owned *state
}

// ask runs f on the owner's goroutine and gives its error. It fails with Kind Unavailable when the engine is closed.
func (a *asker) ask(op, host string, f func(*state) error) error {
	err := stopping(op, host)
	a.owner.ask(func() {
		if !a.owned.closed {
			err = f(a.owned)
		}
	})
	return err
}

func stopping(op, host string) error {
	return &engine.Error{Op: op, Host: host, Kind: engine.Unavailable, Msg: "the engine is stopping: start it again"}
}

// await waits for something to be written.
func await(ctx context.Context, op, host string, written <-chan error) error {
	select {
	case err := <-written:
		if err != nil {
			return storeError(op, host, err)
		}
		return nil
	case <-ctx.Done():
		return late(ctx, op, host)
	}
}

// late is the error of whoever did not wait for the end.
func late(ctx context.Context, op, host string) error {
	return &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable,
		Msg: "it was not waited for: look whether it has happened all the same", Err: context.Cause(ctx),
	}
}

// write makes a change of the store, and waits for it.
func (a *asker) write(ctx context.Context, op, host string, change func(*store.Tx) error) error {
	written := make(chan error, 1)
	err := a.ask(op, host, func(st *state) error {
		st.journal.change(part{change: change, done: func(err error) { written <- err }})
		return nil
	})
	if err != nil {
		return err
	}
	return await(ctx, op, host, written)
}
