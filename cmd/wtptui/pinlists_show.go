package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
)

// listJSON is a list as `pin --lists --json` prints it.
type listJSON struct {
	// Source is the absolute path of a file, or a wtp URL.
	Source string `json:"source"`
	// Follow reports whether what changes in the list is followed.
	Follow bool `json:"follow"`
	// MaxSites and MaxSize, in bytes, are how much of the list is pinned at most; 0 means all.
	MaxSites int   `json:"max_sites"`
	MaxSize  int64 `json:"max_size"`
	// ReadAt is when the list was read last.
	ReadAt engine.Time `json:"read_at"`
	// Sites is how many sites the list names, Pinned how many of them are pinned, and LeftOut how many are not because of
	// the limits.
	Sites   int `json:"sites"`
	Pinned  int `json:"pinned"`
	LeftOut int `json:"left_out"`
	// Skipped is how many lines name no site, and Rubbish the first of them.
	Skipped int               `json:"skipped"`
	Rubbish []pinlist.Rubbish `json:"rubbish"`
	// Applied reports whether all of the list, as it was read last, was carried out.
	Applied bool `json:"applied"`
	// Error says what keeps it from being read or carried out, and what to do; empty if nothing does.
	Error string `json:"error"`
	// Held is null unless what the list says now is held back.
	Held *heldJSON `json:"held"`
	// Shared is null unless the list is shared.
	Shared *sharedJSON `json:"shared"`
}

// heldJSON is why a list is held back.
type heldJSON struct {
	pinlist.Held

	// Accept is the command that accepts what the list says.
	Accept string `json:"accept"`
}

// sharedJSON is how far a list is that is shared.
type sharedJSON struct {
	// Copies is how many copies others must have for a site to be left to them, and Every how often they are counted.
	Copies int   `json:"copies"`
	Every  int64 `json:"every_seconds"`
	pinlist.Sharing
}

// sharedSiteJSON is one of its sites as `pin --lists --from --json` prints it.
type sharedSiteJSON struct {
	// Host is the site's, see `wtptui ls`, and Pinned says that it is kept here.
	Host   string `json:"host"`
	Pinned bool   `json:"pinned"`
	// Copies is how many others have, -1 if nobody tells; Fetching how many of them are fetching it.
	Copies   int `json:"copies"`
	Fetching int `json:"fetching"`
	// CountedAt is when that was counted; null if it was not yet.
	CountedAt engine.Time `json:"counted_at"`
	// Size is in bytes, -1 if it is not known.
	Size int64 `json:"size"`
	// LeftOut is why it is not pinned: "well kept", "no room", "waiting", "uncounted" or "unpinned" (by
	// a person); empty if it is.
	LeftOut string `json:"left_out"`
}

func shownList(o pinlist.Order, s pinlist.State) listJSON {
	l := listJSON{
		o.Source, o.Follow, o.MaxSites, o.MaxSize, engine.At(s.ReadAt), s.Sites, s.Pinned, s.LeftOut, s.Skipped,
		s.BadLines, s.Applied, s.Error, nil, nil,
	}
	if o.Copies > 0 {
		l.Shared = &sharedJSON{o.Copies, int64(o.Every / time.Second), s.Sharing()}
	}
	if s.Held != nil {
		l.Held = &heldJSON{*s.Held, pinlist.AcceptCommand(o.Source)}
		l.Error = s.Notice("it")
		if s.Error != "" {
			l.Error += "; " + s.Error
		}
	}
	return l
}

func (l *listVerb) showLists() error {
	if l.from != "" {
		return l.showSites()
	}
	orders, err := l.lists().Orders()
	if err != nil {
		return cannotUse(l.settings.dataDir(), err)
	}
	var shown []listJSON
	var rows [][]string
	for _, o := range orders {
		s, err := l.lists().State(o.Source)
		if err != nil {
			s.Error = "its state cannot be read: " + err.Error()
		}
		one := shownList(o, s)
		shown = append(shown, one)
		rows = append(rows, []string{
			strconv.Itoa(one.Pinned) + "/" + strconv.Itoa(one.Sites), strconv.Itoa(one.LeftOut), strconv.Itoa(one.Skipped),
			moment(one.ReadAt), sayShared(one), engine.Clean(one.Source), one.Error,
		})
	}
	if l.json {
		return printJSON(l.stdout, shown)
	}
	table(l.stdout, []string{">PINNED", ">LEFT-OUT", ">SKIPPED", "READ", "SHARED", "LIST", "ERROR"}, rows)
	return nil
}

// sayShared says in short how far a list is that is shared.
func sayShared(l listJSON) string {
	s := l.Shared
	if s == nil {
		return "–"
	}
	text := fmt.Sprintf("%d below %d copies", s.Short, s.Copies)
	for _, part := range []struct {
		n    int
		what string
	}{
		{s.Unknown, "unknown"},
		{s.NoRoom, "without room"},
		{s.Waiting, "waiting"},
		{s.Uncounted, "uncounted"},
		{s.Unpinned, "unpinned"},
	} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	text += "; " + engine.Bytes(s.Used)
	if l.MaxSize > 0 {
		text += " of " + engine.Bytes(l.MaxSize)
	}
	return text
}

// showSites prints the sites of a list that is shared, those with the fewest copies first.
func (l *listVerb) showSites() error {
	source, err := pinlist.ParseSource(l.from)
	if err != nil {
		return err
	}
	order, err := l.lists().Followed(source)
	if err != nil {
		return err
	}
	if order.Copies == 0 {
		return &engine.Error{
			Op: "pin list", Kind: engine.Conflict,
			Msg: "the copies of " + engine.Clean(source) + " are not counted: it is not followed with --copies",
		}
	}
	state, err := l.lists().State(source)
	if err != nil {
		return cannotUse(l.settings.dataDir(), err)
	}
	sites := sharedSites(state)
	if l.json {
		return printJSON(l.stdout, sites)
	}
	var rows [][]string
	for _, s := range sites {
		size, copies := "?", "?"
		if s.Size >= 0 {
			size = engine.Bytes(s.Size)
		}
		if s.Copies >= 0 {
			copies = strconv.Itoa(s.Copies)
		}
		rows = append(rows, []string{
			copies, strconv.Itoa(s.Fetching), size, cmp.Or(s.LeftOut, "pinned"), moment(s.CountedAt), s.Host,
		})
	}
	table(l.stdout, []string{">COPIES", ">FETCHING", ">SIZE", "HERE", "COUNTED", "SITE"}, rows)
	return nil
}

func sharedSites(state pinlist.State) []sharedSiteJSON {
	sites := make([]sharedSiteJSON, 0, len(state.Counts))
	for host, n := range state.Counts {
		s := sharedSiteJSON{
			Host: host, Pinned: n.Left == "", Copies: n.Copies, Fetching: n.Fetching, CountedAt: engine.At(n.At), Size: -1,
			LeftOut: string(n.Left),
		}
		if n.At.IsZero() {
			s.Copies = -1
		}
		if size, known := state.Sizes[host]; known {
			s.Size = size
		}
		sites = append(sites, s)
	}
	slices.SortFunc(sites, func(a, b sharedSiteJSON) int {
		return cmp.Or(cmp.Compare(a.Copies, b.Copies), cmp.Compare(a.Host, b.Host))
	})
	return sites
}
