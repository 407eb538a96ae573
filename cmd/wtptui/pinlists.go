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

// The default limits of a list: a list that somebody else maintains should not fill the disk.
const (
	defaultListSites = 1000
	defaultListSize  = 50 << 30
)

// Bounds of --copies and --every.
const (
	maxCopies = 100
	minEvery  = 2 * time.Second
	maxEvery  = 24 * time.Hour
)

// listVerb is pin or unpin with a list in place of hosts, and the flags for that.
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

// addListOptions adds what pin and unpin have for lists.
func addListOptions(c *client, verb engine.Verb, cmd *cobra.Command) {
	if verb != engine.Pin && verb != engine.Unpin {
		return
	}
	l := &listVerb{client: c, maxSites: defaultListSites, maxSize: defaultListSize, every: pinlist.DefaultEvery}
	hostsOnly, run := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if l.from == "" && !l.show {
			return hostsOnly(cmd, args)
		}
		return exactArgs(0, "hosts or a list, and not both")(cmd, args)
	}
	if verb == engine.Unpin {
		cmd.Flags().StringVar(&l.from, "from", "", "stop following this list, and unpin what it has pinned")
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			switch {
			case l.from == "":
				return run(cmd, args)
			case c.attachTo != "":
				return l.runRemotely(cmd)
			}
			unfollow := func(ctx context.Context, _ engine.Engine, _ []string) error { return l.unfollow(ctx) }
			return c.withEngine(unfollow)(cmd, args)
		}
		return
	}
	l.addPinOptions(cmd, run)
}

// addPinOptions adds the flags that pin has for lists. run is what pin does without a list.
func (l *listVerb) addPinOptions(cmd *cobra.Command, run func(*cobra.Command, []string) error) {
	flags := cmd.Flags()
	flags.StringVar(&l.from, "from", "", "pin every site of a list: a file, or wtp://host/path")
	flags.BoolVar(&l.follow, "follow", false, "with --from: go on with whatever changes in the list")
	flags.BoolVar(&l.accept, "accept", false, "with --from: unpin what a list that is held back does not name any more")
	flags.IntVar(&l.maxSites, "max-sites", l.maxSites, "with --from: pin this many sites of the list (0: all)")
	flags.Var(sizeValue{to: &l.maxSize}, "max-size", "with --from: pin as many of them as fit into this size (0: all)")
	flags.IntVar(&l.copies, "copies", 0, "with --follow: leave sites to others that have so many copies (0: pin them too)")
	flags.Var(durationValue{&l.every, minEvery}, "every", "with --copies: how often copies are counted")
	flags.BoolVar(&l.show, "lists", false, "show the lists that are followed; with --from, the sites of a shared one")
	addJSONFlag(cmd, &l.json)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case l.attachTo != "" && (l.show || l.from != ""):
			return l.runRemotely(cmd)
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
		return l.withEngine(func(ctx context.Context, _ engine.Engine, _ []string) error { return act(ctx) })(cmd, args)
	}
}

// runRemotely runs the verb on the other machine, where the list is.
func (l *listVerb) runRemotely(cmd *cobra.Command) error {
	if err := checkRemoteList(l.from); err != nil {
		return err
	}
	return l.runOnMachine(cmd, nil, !l.show)
}

// check returns an error for flags that exclude each other.
func (l *listVerb) check(flags *pflag.FlagSet) error {
	limited := flags.Changed("max-sites") || flags.Changed("max-size") || flags.Changed("copies") || flags.Changed("every")
	switch {
	case l.from == "" && (l.accept || l.follow || limited || l.json):
		return usageError("--accept, --follow, --max-sites, --max-size, --copies, --every and --json need --from or " +
			"--lists: see `wtptui pin --help`")
	case l.maxSites < 0:
		return usageError("--max-sites: give a number of sites, or 0 for all")
	case l.accept && limited:
		return usageError("--accept keeps the limits of the list: give new ones with `wtptui pin --follow --from` after it")
	case l.copies < 0 || l.copies > maxCopies:
		return usageError("--copies: give a number up to %d, or 0 to pin every site", maxCopies)
	case l.copies > 0 && !l.follow:
		return usageError("--copies is for a list that is followed: add --follow")
	case flags.Changed("every") && l.copies == 0:
		return usageError("--every goes with --copies")
	case l.every > maxEvery:
		return usageError("--every: give a time up to %s, like 30m", shortDuration(maxEvery))
	}
	return nil
}

func (l *listVerb) lists() pinlist.Folder { return pinlist.FolderIn(l.settings.dataDir()) }

// listReadTimeout is how long `pin --from` waits until the list is read. Reading the list of a wtp site may take
// forever.
const listReadTimeout = time.Minute

// pinList orders the running engine to pin a list, and prints the outcome.
func (l *listVerb) pinList(ctx context.Context) error {
	source, err := pinlist.ParseSource(l.from)
	if err != nil {
		return err
	}
	if err := checkListFile(source, l.follow); err != nil {
		return err
	}
	_, err = l.lists().Followed(source)
	wasFollowed := err == nil
	order := pinlist.Order{Source: source, Follow: l.follow, MaxSites: l.maxSites, MaxSize: l.maxSize, At: l.now().UTC()}
	if l.copies > 0 {
		order.Copies, order.Every = l.copies, l.every
	}
	if err := l.writeOrder(order); err != nil {
		return dataFolderError(l.settings.dataDir(), err)
	}
	state, err := l.awaitList(ctx, order)
	if err != nil {
		return err
	}
	if !state.Applied && !state.DoneAt.IsZero() {
		return &engine.Error{Op: "pin list", Kind: engine.Refused, Msg: state.Error}
	}
	if l.json {
		return errors.Join(printJSON(l.stdout, newListJSON(order, state)), unfinishedError(order, state))
	}
	for _, r := range state.BadLines {
		fmt.Fprintf(l.stderr, "wtptui: %s:%d: %s\n", engine.Clean(l.from), r.Line, r.Reason)
	}
	if more := state.Skipped - len(state.BadLines); more > 0 {
		fmt.Fprintf(l.stderr, "wtptui: %s: %d more lines name no site\n", engine.Clean(l.from), more)
	}
	switch {
	case state.Held != nil:
		fmt.Fprintf(l.stdout, "%s of the list stay pinned\n", pluralize(state.Pinned, "site"))
		fmt.Fprintln(l.stderr, "wtptui:", state.Notice(engine.Clean(l.from)))
	case order.Copies > 0:
		fmt.Fprintf(l.stdout, "shares %s with others who follow the list, %d are pinned here now: "+
			"`wtptui pin --lists` shows how far it is\n", pluralize(state.Sites, "site"), state.Pinned)
	default:
		fmt.Fprintf(l.stdout, "pinned %d of %s\n", state.Pinned, pluralize(state.Sites, "site"))
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
	return unfinishedError(order, state)
}

// unfinishedError returns the error for a list that is pinned once and not completely pinned yet. A list that is
// followed is never finished.
func unfinishedError(order pinlist.Order, state pinlist.State) error {
	if state.Applied || order.Follow {
		return nil
	}
	return errReported
}

// writeOrder writes an order so that the running engine can read it.
func (l *listVerb) writeOrder(order pinlist.Order) error {
	lists := l.lists()
	if err := lists.PutOrder(order); err != nil {
		return err
	}
	return chownLikeFolder(l.settings.dataDir(), string(lists), lists.OrderFile(order.Source))
}

// checkListFile checks a list that is a file, so that mistakes are reported at once: the running engine would only log
// them. A list that is followed may still be empty.
func checkListFile(source string, follow bool) error {
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
		return &engine.Error{
			Op: "pin list", Kind: engine.NotFound, Err: err,
			Msg: "cannot read " + engine.Clean(source) + ": " + pathErr.Err.Error() + ": check the path",
		}
	}
	return err
}

// awaitList waits until the order has been carried out or has failed. It waits for listReadTimeout until the list is
// read, and then as long as there is an engine that pins its sites.
func (l *listVerb) awaitList(ctx context.Context, order pinlist.Order) (pinlist.State, error) {
	// The state of a list that is being pinned is large, and read less often.
	const shortInterval, longInterval = 50 * time.Millisecond, 500 * time.Millisecond
	ticker := time.NewTicker(shortInterval)
	defer ticker.Stop()
	timeout := time.NewTimer(listReadTimeout)
	defer timeout.Stop()
	for {
		state, err := l.lists().State(order.Source)
		isCurrent := err == nil && state.Order.At.Equal(order.At)
		switch {
		case !isCurrent:
			state = pinlist.State{Order: order, Error: "it has not read the list yet"}
		case state.Applied, state.Failures > 0:
			return state, nil
		case isBeingPinned(state):
			if !isInUse(l.settings.dataDir()) {
				return state, &engine.Error{
					Op: "pin list", Kind: engine.Unavailable,
					Msg: "the running wtptui has stopped: it pins the rest of the list when it runs again",
				}
			}
			timeout.Reset(listReadTimeout)
			ticker.Reset(longInterval)
		}
		select {
		case <-ticker.C:
		case <-timeout.C:
			return state, nil
		case <-ctx.Done():
			return state, &engine.Error{
				Op: "pin list", Kind: engine.Unavailable, Err: ctx.Err(),
				Msg: "interrupted: the running wtptui goes on with the list",
			}
		}
	}
}

// isBeingPinned reports whether the list has been read, and some of its sites are not pinned yet.
func isBeingPinned(s pinlist.State) bool {
	for _, mark := range s.Marks {
		if mark == pinlist.Intended {
			return true
		}
	}
	return false
}

// unfollow cancels an order, and waits until the running engine has unpinned the sites.
func (l *listVerb) unfollow(ctx context.Context) error {
	source, err := pinlist.ParseSource(l.from)
	if err != nil {
		return err
	}
	if err := l.lists().Cancel(source); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*listReadTimeout)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		state, err := l.lists().State(source)
		if err == nil && state.Order.Source == "" {
			fmt.Fprintln(l.stdout, "unpinned the sites of", engine.Clean(l.from))
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return &engine.Error{
				Op: "pin list", Kind: engine.Unavailable,
				Msg: "the list is no longer followed, but the running wtptui has not unpinned all its sites yet",
			}
		}
	}
}
