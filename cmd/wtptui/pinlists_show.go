package main

import (
	"strconv"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
)

// listJSON is a list as `pin --lists --json` prints it.
type listJSON struct {
	// Source is the absolute path of a file, or a wtp URL.
	Source string `json:"source"`
	// Follow says that what changes in the list is followed.
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
	// Applied says that all of the list, as it was read last, was carried out.
	Applied bool `json:"applied"`
	// Error says what keeps it from being read or carried out, and what to do; empty if nothing does.
	Error string `json:"error"`
	// Held is null unless what the list says now is held back.
	Held *heldJSON `json:"held"`
}

// heldJSON is why a list is held back.
type heldJSON struct {
	pinlist.Held

	// Accept is the command that accepts what the list says.
	Accept string `json:"accept"`
}

func shownList(o pinlist.Order, s pinlist.State) listJSON {
	l := listJSON{
		o.Source, o.Follow, o.MaxSites, o.MaxSize, engine.At(s.ReadAt), s.Sites, s.Pinned, s.LeftOut, s.Skipped,
		s.Rubbish, s.Applied, s.Error, nil,
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
			moment(one.ReadAt), engine.Clean(one.Source), one.Error,
		})
	}
	if l.json {
		return printJSON(l.stdout, shown)
	}
	table(l.stdout, []string{">PINNED", ">LEFT-OUT", ">SKIPPED", "READ", "LIST", "ERROR"}, rows)
	return nil
}
