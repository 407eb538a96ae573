package columns

import "slices"

// Fit returns the columns of a set that fit into w cells after a gutter, with the widths that they have there; a blank
// separates two columns. idle are columns that would be empty: they are not added to fill spare room.
//
// Where there is room to spare, further columns are added. As it gets narrower, these are left out: the copies that
// browsers reach, then ratio, the gauge of the expiry, which only repeats the time beside it, title, half of a
// machine's name, the blanks of rates, and size; then the word of the state becomes a letter. That way most hosts can
// be read in full. Where that is not enough hosts are cut, and the last columns are left out.
func (s Set) Fit(w, gutter int, idle ...ID) []Column {
	var out []Column
	for _, choice := range s {
		if c, ok := ByID(choice.ID); ok && choice.Shown {
			out = append(out, c)
		}
	}
	room := w - gutter
	if totalWidth(out)+spareThreshold <= room {
		return widenSiteAndTitle(s.withSpares(room, idle), room)
	}
	siteGrowth := goodSite - minSite
	for _, id := range shrinkOrder() {
		if id == Peers {
			siteGrowth = 0
		}
		if totalWidth(out)+siteGrowth <= room {
			break
		}
		i := slices.IndexFunc(out, func(c Column) bool { return c.ID == id })
		switch {
		case i < 0, id == Machine && out[i].Width == out[i].Narrow: // Sites of one host are told apart by it.
		case out[i].Narrow > 0 && out[i].Width > out[i].Narrow:
			out[i] = narrow(out[i])
		default:
			out = slices.Delete(out, i, i+1)
		}
	}
	return widenSiteAndTitle(out, room)
}

// spareThreshold is how much wider than their least site and title must be before further columns are added.
const spareThreshold = 30

// spares are the columns that are added where there is room to spare, the most useful first.
var spares = []ID{Labels, Files, Uploaded, Added, Opened, Seeds}

// withSpares returns the columns that are shown, and the spare ones that there is room for.
func (s Set) withSpares(room int, idle []ID) []Column {
	shown := func(added []ID) []Column {
		var out []Column
		for _, choice := range s {
			if c, ok := ByID(choice.ID); ok && (choice.Shown || slices.Contains(added, c.ID)) {
				out = append(out, c)
			}
		}
		return out
	}
	var added []ID
	for _, id := range spares {
		if !slices.Contains(s, Choice{ID: id, Spare: true}) || slices.Contains(idle, id) {
			continue
		}
		if more := slices.Concat(added, []ID{id}); totalWidth(shown(more))+spareThreshold <= room {
			added = more
		}
	}
	return shown(added)
}

// shrinkOrder returns the columns that give up room, in order: those that can be narrowed are, the others are left out.
func shrinkOrder() []ID {
	var order []ID
	for _, c := range slices.Backward(all) {
		if c.Extra {
			order = append(order, c.ID)
		}
	}
	return append(order, Copies, Ratio, Expires, Title, Machine, Down, Up, Size, State, Peers, Done, Copies)
}

// narrow returns a column at its narrow width, with a heading that fits there.
func narrow(c Column) Column {
	c.Width = c.Narrow
	switch c.ID {
	case State:
		c.Title = ""
	case Expires:
		c.Title = " Left"
	case Copies:
		c.Title = "Copy"
	case Machine:
		c.Title = "On"
	}
	return c
}

// widenSiteAndTitle gives the remaining room to site and title: first to the site, until most hosts can be read.
func widenSiteAndTitle(out []Column, room int) []Column {
	spare := max(room-totalWidth(out), 0)
	site := slices.IndexFunc(out, func(c Column) bool { return c.ID == Site })
	title := slices.IndexFunc(out, func(c Column) bool { return c.ID == Title })
	if title >= 0 {
		grow := 0
		if site >= 0 {
			grow = min(spare, goodSite-minSite)
			grow = min(grow+(spare-grow)*2/5, maxSite-minSite)
			out[site].Width += grow
		}
		out[title].Width += spare - grow
	} else if site >= 0 {
		out[site].Width += spare
	}
	return out
}

// totalWidth returns the width of columns with a blank between each two.
func totalWidth(columns []Column) int {
	w := len(columns) - 1
	for _, c := range columns {
		w += c.Width
	}
	return max(w, 0)
}

// WithGauge reports whether the expiry has room for its gauge.
func (c Column) WithGauge() bool { return c.Width >= expiryFull }

// WithWeb reports whether the copies have room for those that browsers reach.
func (c Column) WithWeb() bool { return c.Width >= copiesBoth }

// WithWord reports whether the state has room for its word.
func (c Column) WithWord() bool { return c.Width >= stateWord }
