package main

import (
	"cmp"
	"context"
	"fmt"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
)

// acceptList has the running engine carry out the changes of a list that it has held back.
func (l *listVerb) acceptList(ctx context.Context) error {
	source, err := pinlist.ParseSource(l.from)
	if err != nil {
		return err
	}
	order, err := l.lists().Followed(source)
	if err != nil {
		return err
	}
	before, err := l.lists().State(source)
	if err != nil {
		return dataFolderError(l.settings.dataDir(), err)
	}
	if before.Held == nil {
		return &engine.Error{
			Op: "pin list", Kind: engine.Conflict,
			Msg: "nothing of " + engine.Clean(source) + " is held back: `wtptui pin --lists` shows how far it is",
		}
	}
	order.Accept, order.At = before.Reading, l.now().UTC()
	if err := l.writeOrder(order); err != nil {
		return dataFolderError(l.settings.dataDir(), err)
	}
	state, err := l.awaitList(ctx, order)
	switch {
	case err != nil:
		return err
	case state.Applied && state.Held != nil:
		return &engine.Error{
			Op: "pin list", Kind: engine.Conflict,
			Msg: "the list has changed again, and nothing was unpinned: " + state.Notice("it"),
		}
	case !state.Applied:
		return &engine.Error{
			Op: "pin list", Kind: engine.Unavailable,
			Msg: "not accepted yet: the running wtptui goes on with it: " + cmp.Or(state.Error, "the list is changing"),
		}
	case l.json:
		return printJSON(l.stdout, newListJSON(order, state))
	case state.Reading != before.Reading:
		fmt.Fprintf(l.stdout, "the list has changed again: pinned %d of %s\n", state.Pinned, pluralize(state.Sites, "site"))
		return nil
	}
	fmt.Fprintf(l.stdout, "unpinned %d of %s\n", before.Held.Unpins, pluralize(before.Held.Pins, "site"))
	return nil
}
