package main

import (
	"strconv"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
)

// listJSON is a list as `pin --lists --json` prints it.
type listJSON struct {
	Source   string            `json:"source"`
	Follow   bool              `json:"follow"`
	MaxSites int               `json:"max_sites"`
	MaxSize  int64             `json:"max_size"`
	ReadAt   engine.Time       `json:"read_at"`
	Sites    int               `json:"sites"`
	Pinned   int               `json:"pinned"`
	LeftOut  int               `json:"left_out"`
	Skipped  int               `json:"skipped"`
	Rubbish  []pinlist.Rubbish `json:"rubbish"`
	Applied  bool              `json:"applied"`
	Error    string            `json:"error"`
	Held     *heldJSON         `json:"held"` // null unless what the list says now is held back
}

type heldJSON struct {
	pinlist.Held
	Accept string `json:"accept"` // what to type
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

func (p *program) showLists(asJSON bool) error {
	if err := p.here("pin --lists"); err != nil {
		return err
	}
	orders, err := p.lists().Orders()
	if err != nil {
		return cannotUse(p.settings.dataDir(), err)
	}
	var shown []listJSON
	var rows [][]string
	for _, o := range orders {
		s, err := p.lists().State(o.Source)
		if err != nil {
			s.Error = "its state cannot be read: " + err.Error()
		}
		l := shownList(o, s)
		shown = append(shown, l)
		rows = append(rows, []string{
			strconv.Itoa(l.Pinned) + "/" + strconv.Itoa(l.Sites), strconv.Itoa(l.LeftOut), strconv.Itoa(l.Skipped),
			moment(l.ReadAt), engine.Clean(l.Source), l.Error,
		})
	}
	if asJSON {
		return printJSON(p.stdout, shown)
	}
	table(p.stdout, []string{">PINNED", ">LEFT-OUT", ">SKIPPED", "READ", "LIST", "ERROR"}, rows)
	return nil
}
