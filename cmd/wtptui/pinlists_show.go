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

// listJSON is a list in the output of `pin --lists --json`.
type listJSON struct {
	// Source is the absolute path of a file, or a wtp URL.
	Source string `json:"source"`
	// Follow reports whether changes of the list are followed.
	Follow bool `json:"follow"`
	// MaxSites and MaxSize, in bytes, bound how much of the list is pinned; 0 means all.
	MaxSites int   `json:"max_sites"`
	MaxSize  int64 `json:"max_size"`
	// ReadAt is when the list was last read.
	ReadAt engine.Time `json:"read_at"`
	// Sites is the number of sites in the list, Pinned how many of them are pinned, and LeftOut how many are not because
	// of the limits.
	Sites   int `json:"sites"`
	Pinned  int `json:"pinned"`
	LeftOut int `json:"left_out"`
	// Skipped is the number of lines that name no site, and Rubbish the first of them.
	Skipped int               `json:"skipped"`
	Rubbish []pinlist.Rubbish `json:"rubbish"`
	// Applied reports whether the list, as it was last read, has been carried out completely.
	Applied bool `json:"applied"`
	// Error says what prevents the list from being read or carried out, and what to do; empty if nothing does.
	Error string `json:"error"`
	// Held is null unless changes of the list are held back.
	Held *heldJSON `json:"held"`
	// Shared is null unless the list is shared.
	Shared *sharedJSON `json:"shared"`
}

// heldJSON says why changes of a list are held back.
type heldJSON struct {
	pinlist.Held

	// Accept is the command that accepts the changes.
	Accept string `json:"accept"`
}

// sharedJSON is the progress of a list that is shared.
type sharedJSON struct {
	// Copies is the number of copies from which a site is left to others, and Every the interval at which copies are
	// counted.
	Copies int   `json:"copies"`
	Every  int64 `json:"every_seconds"`
	pinlist.Sharing
}

// sharedSiteJSON is a site of a shared list in the output of `pin --lists --from --json`.
type sharedSiteJSON struct {
	// Host is the site's host, see `wtptui ls`, and Pinned reports whether it is pinned here.
	Host   string `json:"host"`
	Pinned bool   `json:"pinned"`
	// Copies is the number of copies that others have, -1 if it is not known; Fetching is how many others are downloading
	// it.
	Copies   int `json:"copies"`
	Fetching int `json:"fetching"`
	// CountedAt is when that was counted; null if it has not been yet.
	CountedAt engine.Time `json:"counted_at"`
	// Size is in bytes, -1 if it is not known.
	Size int64 `json:"size"`
	// LeftOut is why it is not pinned: "well kept", "no room", "waiting", "uncounted" or "unpinned" (by a person); empty
	// if it is pinned.
	LeftOut string `json:"left_out"`
}

func newListJSON(o pinlist.Order, s pinlist.State) listJSON {
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
		return dataFolderError(l.settings.dataDir(), err)
	}
	var shown []listJSON
	var rows [][]string
	for _, o := range orders {
		s, err := l.lists().State(o.Source)
		if err != nil {
			s.Error = "its state cannot be read: " + err.Error()
		}
		list := newListJSON(o, s)
		shown = append(shown, list)
		rows = append(rows, []string{
			strconv.Itoa(list.Pinned) + "/" + strconv.Itoa(list.Sites), strconv.Itoa(list.LeftOut), strconv.Itoa(list.Skipped),
			formatTime(list.ReadAt), describeSharing(list), engine.Clean(list.Source), list.Error,
		})
	}
	if l.json {
		return printJSON(l.stdout, shown)
	}
	printTable(l.stdout, []string{">PINNED", ">LEFT-OUT", ">SKIPPED", "READ", "SHARED", "LIST", "ERROR"}, rows)
	return nil
}

// describeSharing returns in short how far a shared list is.
func describeSharing(l listJSON) string {
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

// showSites prints the sites of a shared list, those with the fewest copies first.
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
			Msg: "the copies of " + engine.Clean(source) + " are not counted: " +
				"follow it with `wtptui pin --follow --copies N --from LIST`",
		}
	}
	state, err := l.lists().State(source)
	if err != nil {
		return dataFolderError(l.settings.dataDir(), err)
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
			copies, strconv.Itoa(s.Fetching), size, cmp.Or(s.LeftOut, "pinned"), formatTime(s.CountedAt), s.Host,
		})
	}
	printTable(l.stdout, []string{">COPIES", ">FETCHING", ">SIZE", "HERE", "COUNTED", "SITE"}, rows)
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
