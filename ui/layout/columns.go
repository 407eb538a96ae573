package layout

// Columns are the widths of the site table's columns; 0 is not shown. Between two columns stands a blank.
type Columns struct {
	State, Site, Title, Size, Done, Down, Up, Peers, Ratio, Expires int
}

// Widths of columns at their best; the gutter holds the cursor.
const (
	Gutter      = 2
	stateWord   = 7 // glyph, blank, a word of five letters
	stateLetter = 3 // glyph, blank, the word's first letter
	minSite     = 16
	maxSite     = 42
	minTitle    = 16
	expiryFull  = 11 // "29:59" with a gauge of four
	expiryShort = 7
)

// SiteColumns fits the site table into w cells. As it gets narrower, ratio, title, size, the word of the state and
// the gauge of the expiry go, in this order.
func SiteColumns(w int) Columns {
	c := Columns{State: stateWord, Site: minSite, Title: minTitle, Size: 7, Done: 5, Down: 7, Up: 7, Peers: 7, Ratio: 5, Expires: expiryFull}
	narrower := []func(){
		func() { c.Ratio = 0 },
		func() { c.Title = 0 },
		func() { c.Size = 0 },
		func() { c.State = stateLetter },
		func() { c.Expires = expiryShort },
		func() { c.Down, c.Up = 6, 6 },
	}
	for _, step := range narrower {
		if c.Total() <= w {
			break
		}
		step()
	}
	spare := max(w-c.Total(), 0)
	if c.Title == 0 {
		c.Site += spare
		return c
	}
	grow := min(spare*2/5, maxSite-minSite)
	c.Site += grow
	c.Title += spare - grow
	return c
}

// Total is the width of the gutter and all columns.
func (c Columns) Total() int {
	w := Gutter
	for _, n := range []int{c.State, c.Site, c.Title, c.Size, c.Done, c.Down, c.Up, c.Peers, c.Ratio, c.Expires} {
		if n > 0 {
			w += n + 1
		}
	}
	return w - 1
}
