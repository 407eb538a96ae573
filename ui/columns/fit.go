package columns

import "slices"

// Fit gives the columns of a set that fit into w cells after a gutter, with the widths that they have there; between two
// columns stands a blank. As it gets narrower, extra columns go first, then ratio and title, the gauge of the expiry, which
// says what the time beside it does, and size; then the word of the state becomes a letter. All that is so that most hosts
// can be read whole. Where that is not enough they are cut, rates lose their blank, and the last columns go.
func (s Set) Fit(w, gutter int) []Column {
	var out []Column
	for _, choice := range s {
		if c, ok := Of(choice.ID); ok && choice.Shown {
			out = append(out, c)
		}
	}
	room := w - gutter
	wish := goodSite - minSite
	for _, id := range leaving() {
		if id == Down {
			wish = 0
		}
		if total(out)+wish <= room {
			break
		}
		i := slices.IndexFunc(out, func(c Column) bool { return c.ID == id })
		switch {
		case i < 0:
		case out[i].Narrow > 0:
			out[i] = narrowed(out[i])
		default:
			out = slices.Delete(out, i, i+1)
		}
	}
	return grown(out, room)
}

// leaving lists the columns that give way, in order: those that can be narrowed are, the others go.
func leaving() []ID {
	var order []ID
	for _, c := range slices.Backward(all) {
		if c.Extra {
			order = append(order, c.ID)
		}
	}
	return append(order, Ratio, Title, Expires, Size, State, Down, Up, Peers, Done)
}

// narrowed is a column at its narrow width, with a heading that fits there.
func narrowed(c Column) Column {
	c.Width = c.Narrow
	switch c.ID {
	case State:
		c.Title = ""
	case Expires:
		c.Title = " Left"
	}
	return c
}

// grown gives what is left over to site and title: at first to the site, until most hosts can be read.
func grown(out []Column, room int) []Column {
	spare := max(room-total(out), 0)
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

// total is the width of columns with a blank between each two.
func total(columns []Column) int {
	w := len(columns) - 1
	for _, c := range columns {
		w += c.Width
	}
	return max(w, 0)
}

// WithGauge reports whether the expiry has room for its gauge.
func (c Column) WithGauge() bool { return c.Width >= expiryFull }

// WithWord reports whether the state has room for its word.
func (c Column) WithWord() bool { return c.Width >= stateWord }
