package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
)

// The limits of a list, unless others are given: one that somebody else keeps should not fill the disk.
const (
	defaultListSites = 1000
	defaultListSize  = 50 << 30
)

// Bounds of --copies and --every.
const (
	mostCopies = 100
	leastEvery = 2 * time.Second
	mostEvery  = 24 * time.Hour
)

// listVerb is `pin` or `unpin` with a list instead of hosts, and the flags for that.
type listVerb struct {
	*client

	from     string
	follow   bool
	accept   bool
	show     bool
	json     bool
	maxSites int
	maxSize  int64
	copies   int
	every    time.Duration
}

// takeLists gives the verbs pin and unpin their flags for lists.
func takeLists(c *client, verb engine.Verb, cmd *cobra.Command) {
	if verb != engine.Pin && verb != engine.Unpin {
		return
	}
	l := &listVerb{client: c, maxSites: defaultListSites, maxSize: defaultListSize, every: pinlist.DefaultEvery}
	hostsOnly, run := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if l.from == "" && !l.show {
			return hostsOnly(cmd, args)
		}
		return exactly(0, "hosts or a list, and not both")(cmd, args)
	}
	if verb == engine.Unpin {
		cmd.Flags().StringVar(&l.from, "from", "", "stop following this list, and unpin what it has pinned")
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			switch {
			case l.from == "":
				return run(cmd, args)
			case c.attachTo != "":
				return l.listThere(cmd)
			}
			unfollow := func(ctx context.Context, _ engine.Engine, _ []string) error { return l.unfollow(ctx) }
			return c.connected(unfollow)(cmd, args)
		}
		return
	}
	l.takePin(cmd, run)
}

// takePin gives the verb pin its flags for lists. run is what it does without one.
func (l *listVerb) takePin(cmd *cobra.Command, run func(*cobra.Command, []string) error) {
	flags := cmd.Flags()
	flags.StringVar(&l.from, "from", "", "pin every site of a list: a file, or wtp://host/path")
	flags.BoolVar(&l.follow, "follow", false, "with --from: go on with whatever changes in the list")
	flags.BoolVar(&l.accept, "accept", false, "with --from: unpin what a list that is held back does not name any more")
	flags.IntVar(&l.maxSites, "max-sites", l.maxSites, "with --from: pin this many sites of the list (0: all)")
	flags.Var(sizeValue{to: &l.maxSize}, "max-size", "with --from: pin as many of them as fit into this size (0: all)")
	flags.IntVar(&l.copies, "copies", 0, "with --follow: leave sites to others that have so many copies (0: pin them too)")
	flags.Var(durationValue{&l.every, leastEvery}, "every", "with --copies: how often copies are counted")
	flags.BoolVar(&l.show, "lists", false, "show the lists that are followed; with --from, the sites of a shared one")
	jsonFlag(cmd, &l.json)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case l.attachTo != "" && (l.show || l.from != ""):
			return l.listThere(cmd)
		case l.show:
			return l.showLists()
		}
		if err := l.check(flags); err != nil {
			return err
		}
		act := l.pinList
		switch {
		case l.from == "":
			return run(cmd, args)
		case l.accept:
			act = l.acceptList
		}
		return l.connected(func(ctx context.Context, _ engine.Engine, _ []string) error { return act(ctx) })(cmd, args)
	}
}

// listThere has the wtptui on another machine do what is asked with a list.
func (l *listVerb) listThere(cmd *cobra.Command) error {
	if err := checkListThere(l.from); err != nil {
		return err
	}
	return l.runThere(cmd, nil, !l.show)
}

// check refuses flags that do not go together.
func (l *listVerb) check(flags *pflag.FlagSet) error {
	limited := flags.Changed("max-sites") || flags.Changed("max-size") || flags.Changed("copies") || flags.Changed("every")
	switch {
	case l.from == "" && (l.accept || l.follow || limited || l.json):
		return usageError("--accept, --follow, --max-sites, --max-size, --copies, --every and --json go with --from or " +
			"--lists: see `wtptui pin --help`")
	case l.maxSites < 0:
		return usageError("--max-sites: give a number of sites, or 0 for all")
	case l.accept && limited:
		return usageError("--accept keeps the limits of the list: give new ones with `wtptui pin --follow --from` after it")
	case l.copies < 0 || l.copies > mostCopies:
		return usageError("--copies: give a number up to %d, or 0 to pin every site", mostCopies)
	case l.copies > 0 && !l.follow:
		return usageError("--copies is for a list that is followed: add --follow")
	case flags.Changed("every") && l.copies == 0:
		return usageError("--every goes with --copies")
	case l.every > mostEvery:
		return usageError("--every: give a time up to %s, like 30m", shortDuration(mostEvery))
	}
	return nil
}

func (l *listVerb) lists() pinlist.Folder { return pinlist.FolderIn(l.settings.dataDir()) }

// listTime is how long `pin --from` waits for the list to be read: that of a wtp site may take for ever.
const listTime = time.Minute

// pinList orders the running engine to pin a list, and reports what has come of it.
func (l *listVerb) pinList(ctx context.Context) error {
	source, err := pinlist.ParseSource(l.from)
	if err != nil {
		return err
	}
	if err := checkList(source, l.follow); err != nil {
		return err
	}
	_, err = l.lists().Followed(source)
	wasFollowed := err == nil
	order := pinlist.Order{Source: source, Follow: l.follow, MaxSites: l.maxSites, MaxSize: l.maxSize, At: l.now().UTC()}
	if l.copies > 0 {
		order.Copies, order.Every = l.copies, l.every
	}
	if err := l.putOrder(order); err != nil {
		return cannotUse(l.settings.dataDir(), err)
	}
	state, err := l.awaitList(ctx, order)
	if err != nil {
		return err
	}
	if !state.Applied && !state.DoneAt.IsZero() {
		return &engine.Error{Op: "pin list", Kind: engine.Refused, Msg: state.Error}
	}
	if l.json {
		return errors.Join(printJSON(l.stdout, shownList(order, state)), unfinished(order, state))
	}
	for _, r := range state.BadLines {
		fmt.Fprintf(l.stderr, "wtptui: %s:%d: %s\n", engine.Clean(l.from), r.Line, r.Reason)
	}
	if more := state.Skipped - len(state.BadLines); more > 0 {
		fmt.Fprintf(l.stderr, "wtptui: %s: %d more lines name no site\n", engine.Clean(l.from), more)
	}
	switch {
	case state.Held != nil:
		fmt.Fprintf(l.stdout, "%s of the list stay pinned\n", counted(state.Pinned, "site"))
		fmt.Fprintln(l.stderr, "wtptui:", state.Notice(engine.Clean(l.from)))
	case order.Copies > 0:
		fmt.Fprintf(l.stdout, "shares %s with others who follow the list, %d are pinned here now: "+
			"`wtptui pin --lists` shows how far it is\n", counted(state.Sites, "site"), state.Pinned)
	default:
		fmt.Fprintf(l.stdout, "pinned %d of %s\n", state.Pinned, counted(state.Sites, "site"))
	}
	if wasFollowed && !l.follow {
		fmt.Fprintln(l.stderr, "wtptui: the list is no longer followed, its sites stay pinned: --follow follows it again")
	}
	switch {
	case state.Error != "" && state.Applied:
		fmt.Fprintln(l.stderr, "wtptui:", state.Error)
	case !state.Applied:
		fmt.Fprintln(l.stderr, "wtptui: the running wtptui goes on with it:", state.Error)
	}
	return unfinished(order, state)
}

// unfinished is the error for a list that was to be pinned once and is not yet. One that is followed never is.
func unfinished(order pinlist.Order, state pinlist.State) error {
	if state.Applied || order.Follow {
		return nil
	}
	return errReported
}

// putOrder gives an order that the running engine can read.
func (l *listVerb) putOrder(order pinlist.Order) error {
	lists := l.lists()
	if err := lists.PutOrder(order); err != nil {
		return err
	}
	return giveToOwner(l.settings.dataDir(), string(lists), lists.OrderFile(order.Source))
}

// checkList finds at once what is wrong with a file: the running engine would only write it down. One that is to be
// followed may still be empty.
func checkList(source string, follow bool) error {
	if addr, err := engine.ParseAddress(source); err == nil && addr.Host != "" {
		return nil
	}
	f, err := os.Open(source)
	if err == nil {
		defer f.Close()
		var list pinlist.List
		list, err = pinlist.Parse(f)
		if err == nil && len(list.Entries) == 0 && (list.Skipped > 0 || !follow) {
			err = pinlist.NoSitesError(source, list)
		}
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return &engine.Error{Op: "pin list", Kind: engine.NotFound, Err: err, Msg: "cannot read " + engine.Clean(source) + ": " + pathErr.Err.Error()}
	}
	return err
}

// awaitList waits until the order has been carried out or has met a difficulty: for the list to be read for listTime,
// and then for its sites to be pinned for as long as there is an engine that works on that.
func (l *listVerb) awaitList(ctx context.Context, order pinlist.Order) (pinlist.State, error) {
	const often, seldom = 50 * time.Millisecond, 500 * time.Millisecond // The state of a list that is being pinned is large.
	again := time.NewTicker(often)
	defer again.Stop()
	limit := time.NewTimer(listTime)
	defer limit.Stop()
	for {
		state, err := l.lists().State(order.Source)
		known := err == nil && state.Order.At.Equal(order.At)
		switch {
		case !known:
			state = pinlist.State{Order: order, Error: "it has not read the list yet"}
		case state.Applied, state.Failures > 0:
			return state, nil
		case isBeingPinned(state):
			if !isTaken(l.settings.dataDir()) {
				return state, &engine.Error{
					Op: "pin list", Kind: engine.Unavailable,
					Msg: "the running wtptui has stopped: it pins the rest of the list when it runs again",
				}
			}
			limit.Reset(listTime)
			again.Reset(seldom)
		}
		select {
		case <-again.C:
		case <-limit.C:
			return state, nil
		case <-ctx.Done():
			return state, &engine.Error{
				Op: "pin list", Kind: engine.Unavailable, Err: ctx.Err(),
				Msg: "interrupted: the running wtptui goes on with the list",
			}
		}
	}
}

// isBeingPinned reports whether the list has been read and some of its sites are still to be pinned.
func isBeingPinned(s pinlist.State) bool {
	for _, mark := range s.Marks {
		if mark == pinlist.Intended {
			return true
		}
	}
	return false
}

// unfollow ends an order; the running engine unpins.
func (l *listVerb) unfollow(ctx context.Context) error {
	source, err := pinlist.ParseSource(l.from)
	if err != nil {
		return err
	}
	if err := l.lists().Cancel(source); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*listTime)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		state, err := l.lists().State(source)
		if err == nil && state.Order.Source == "" {
			fmt.Fprintln(l.stdout, "unpinned the sites of", engine.Clean(l.from))
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return &engine.Error{Op: "pin list", Kind: engine.Unavailable, Msg: "the list is not followed any more; the running wtptui has still to unpin its sites"}
		}
	}
}
