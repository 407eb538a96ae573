package columns

import (
	"slices"
	"strings"
)

// ID names a column, in state files and for sorting; it is stable.
type ID string

// The columns.
const (
	State      ID = "state"
	Site       ID = "site"
	Machine    ID = "machine"
	Title      ID = "title"
	Size       ID = "size"
	Done       ID = "done"
	Down       ID = "down"
	Up         ID = "up"
	Peers      ID = "peers"
	Ratio      ID = "ratio"
	Expires    ID = "expires"
	Copies     ID = "copies"
	Labels     ID = "labels"
	Seeds      ID = "seeds"
	Web        ID = "web"
	Files      ID = "files"
	Downloaded ID = "downloaded"
	Uploaded   ID = "uploaded"
	Added      ID = "added"
	Opened     ID = "opened"
	Hash       ID = "infohash"
)

// Column is a column of the table. Widths are in cells.
type Column struct {
	ID ID
	// Title is the column's heading, and Name its name elsewhere.
	Title, Name string
	Width       int
	// Narrow is the width to which the column can be narrowed before others are left out; 0 when it cannot.
	Narrow int
	Right  bool
	// Largest reports whether sorting by the column starts with the largest value. First is what it starts with, in words.
	Largest bool
	First   string
	// Letter is the key that chooses the column in a menu.
	Letter string
	// Extra reports whether the column is shown only if a person asks for it. Those of spares are also shown where there
	// is room.
	Extra bool
}

// The widths of columns at their best. Columns that grow start with their least.
const (
	stateWord   = 7 // glyph, blank, a word of five letters
	stateLetter = 3 // glyph, blank, the word's first letter
	minSite     = 16
	goodSite    = 20 // most hosts are no longer
	maxSite     = 42
	minTitle    = 16
	expiryFull  = 11 // "29:59" with a gauge of four
	expiryShort = 7
	copiesBoth  = 8 // "312 12w"
	copiesShort = 4

	machineFull  = 11
	machineShort = 6
)

// all is in the first order of the columns.
var all = []Column{
	{
		ID: State, Title: "State", Name: "State", Width: stateWord, Narrow: stateLetter, First: "what needs you first",
		Letter: "t",
	},
	{ID: Site, Title: "Site", Name: "Site", Width: minSite, First: "A to Z", Letter: "s"},
	{
		ID: Machine, Title: "Machine", Name: "Machine", Width: machineFull, Narrow: machineShort,
		First: "A to Z", Letter: "m",
	},
	{ID: Title, Title: "Title", Name: "Title", Width: minTitle, First: "A to Z", Letter: "n"},
	{ID: Size, Title: "Size", Name: "Size", Width: 7, Right: true, Largest: true, First: "largest first", Letter: "z"},
	{ID: Done, Title: "Done", Name: "Done", Width: 5, Right: true, First: "least first", Letter: "d"},
	{
		ID: Down, Title: "▼/s", Name: "Download rate", Width: 7, Narrow: 6, Right: true, Largest: true,
		First: "fastest first", Letter: "i",
	},
	{
		ID: Up, Title: "▲/s", Name: "Upload rate", Width: 7, Narrow: 6, Right: true, Largest: true,
		First: "fastest first", Letter: "o",
	},
	{ID: Peers, Title: "Peers", Name: "Peers", Width: 7, Right: true, Largest: true, First: "most first", Letter: "p"},
	{
		ID: Copies, Title: "Copies", Name: "Copies", Width: copiesBoth, Narrow: copiesShort, Right: true,
		First: "rarest first", Letter: "c",
	},
	{
		ID: Seeds, Title: "Seeds", Name: "Seeds", Width: 5, Right: true, Largest: true, Extra: true, First: "most first",
		Letter: "e",
	},
	{
		ID: Web, Title: "Web", Name: "Web peers", Width: 4, Right: true, Largest: true, Extra: true, First: "most first",
		Letter: "w",
	},
	{
		ID: Files, Title: "Files", Name: "Files", Width: 6, Right: true, Largest: true, Extra: true, First: "most first",
		Letter: "f",
	},
	{
		ID: Downloaded, Title: "▼ all", Name: "Downloaded", Width: 7, Right: true, Largest: true, Extra: true,
		First: "most first", Letter: "I",
	},
	{
		ID: Uploaded, Title: "▲ all", Name: "Uploaded", Width: 7, Right: true, Largest: true, Extra: true,
		First: "most first", Letter: "O",
	},
	{ID: Ratio, Title: "Ratio", Name: "Ratio", Width: 5, Right: true, Largest: true, First: "largest first", Letter: "r"},
	{
		ID: Added, Title: "Added", Name: "Added", Width: 5, Right: true, Largest: true, Extra: true, First: "newest first",
		Letter: "a",
	},
	{
		ID: Opened, Title: "Opened", Name: "Last opened", Width: 7, Right: true, Largest: true, Extra: true,
		First: "latest first", Letter: "l",
	},
	{ID: Hash, Title: "Infohash", Name: "Infohash", Width: 12, Extra: true, First: "0 to f", Letter: "h"},
	{ID: Labels, Title: "Labels", Name: "Labels", Width: 14, Extra: true, First: "A to Z", Letter: "b"},
	{
		ID: Expires, Title: " Expires", Name: "Expires", Width: expiryFull, Narrow: expiryShort, First: "soonest first",
		Letter: "x",
	},
}

// All returns every column in their first order, that of the machine only for a fleet.
func All(fleet bool) []Column {
	return slices.DeleteFunc(slices.Clone(all), func(c Column) bool { return c.ID == Machine && !fleet })
}

// ByID returns the column with an ID.
func ByID(id ID) (Column, bool) {
	i := slices.IndexFunc(all, func(c Column) bool { return c.ID == id })
	if i < 0 {
		return Column{}, false
	}
	return all[i], true
}

// Choice is a column, and when it is shown.
type Choice struct {
	ID ID
	// Shown reports whether the column is shown where there is room, and Spare whether only where there is room to spare.
	Shown, Spare bool
}

// Set is every column once, in their order.
type Set []Choice

// Default returns the set that nobody has changed, without the machine.
func Default() Set {
	columns := All(false)
	set := make(Set, len(columns))
	for i, c := range columns {
		set[i] = Choice{c.ID, !c.Extra, slices.Contains(spares, c.ID)}
	}
	return set
}

// ForFleet returns the set for a fleet, with the machine, which follows the site if nobody has moved it; or the set for
// every other engine, without it.
func (s Set) ForFleet(fleet bool) Set {
	switch {
	case fleet == s.contains(Machine):
		return s
	case !fleet:
		return slices.DeleteFunc(slices.Clone(s), func(c Choice) bool { return c.ID == Machine })
	}
	at := slices.IndexFunc(s, func(c Choice) bool { return c.ID == Site })
	return slices.Insert(slices.Clone(s), at+1, Choice{ID: Machine, Shown: true})
}

// In a state file hiddenMark precedes a column that is not shown, and spareMark one that is shown where there is room
// to spare.
const (
	hiddenMark = "-"
	spareMark  = "~"
)

// Strings returns the set for a state file.
func (s Set) Strings() []string {
	out := make([]string, len(s))
	for i, c := range s {
		out[i] = string(c.ID)
		switch {
		case c.Spare:
			out[i] = spareMark + out[i]
		case !c.Shown:
			out[i] = hiddenMark + out[i]
		}
	}
	return out
}

// Parse parses what Strings has returned. Unknown columns are left out, and missing ones are added at the end with
// their defaults, so that any version reads any file.
func Parse(list []string) Set {
	var set Set
	for _, item := range list {
		name, hidden := strings.CutPrefix(item, hiddenMark)
		name, spare := strings.CutPrefix(name, spareMark)
		spare = spare && ID(name) != Site
		if _, known := ByID(ID(name)); known && !set.contains(ID(name)) {
			set = append(set, Choice{ID(name), !spare && (!hidden || ID(name) == Site), spare})
		}
	}
	for _, c := range Default() {
		if !set.contains(c.ID) {
			set = append(set, c)
		}
	}
	return set
}

func (s Set) contains(id ID) bool {
	return slices.ContainsFunc(s, func(c Choice) bool { return c.ID == id })
}

// Toggle returns the set with row i shown or hidden. The site itself cannot be hidden. A column that was shown where
// there is room to spare is then shown.
func (s Set) Toggle(i int) Set {
	out := slices.Clone(s)
	if c := &out[i]; c.ID != Site {
		c.Shown, c.Spare = !c.Shown, false
	}
	return out
}

// Move returns the set with row i moved by d places, as far as possible, and its new place.
func (s Set) Move(i, d int) (moved Set, at int) {
	to := min(max(i+d, 0), len(s)-1)
	out := slices.Clone(s)
	c := out[i]
	out = slices.Delete(out, i, i+1)
	return slices.Insert(out, to, c), to
}
