package layout

// The smallest screen that the dashboard is drawn on; below it stands a notice.
const (
	MinWidth  = 60
	MinHeight = 16
)

// Rect is a part of the screen, in cells.
type Rect struct{ X, Y, W, H int }

// Contains reports whether the cell is in the rectangle.
func (r Rect) Contains(x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Screen says where everything is. A pane that is not shown has height 0.
type Screen struct {
	W, H      int
	Header    Rect // status of the engine
	Homes     Rect // the public homes of sites
	Warning   Rect // its first warning
	Tabs      Rect // views, filter, sort
	Table     Rect
	Inspector Rect
	Toast     Rect
	Footer    Rect
	// Full reports whether the inspector, when shown, takes the table's place because there is no room for both.
	Full bool
}

// Want says what a screen should show.
type Want struct {
	Homes, Warning, Inspector bool
	// Rows is how many rows the table has at most: what it does not need of the screen, the inspector gets.
	Rows int
	// Size is the inspector's height in rows when it shares the screen; 0 for what suits the screen.
	Size int
}

// MinInspector is the inspector's least height beside a table, in rows, and minTable the table's. Above maxInspector
// rows of a tall screen go to the table, unless a person wants otherwise or the table has no use for them.
const (
	MinInspector = 5
	maxInspector = 14
	minTable     = 5
	// minHomes is the height of the screen, in rows, from which on a line is left for the homes.
	minHomes   = 20
	tableFrame = 3 // the header, and room for a site or two to come
)

// TooSmall reports whether only the notice fits.
func TooSmall(w, h int) bool { return w < MinWidth || h < MinHeight }

// Split reports whether table and inspector fit on the screen together.
func Split(w, h int) bool { return w >= 100 && h >= 24 }

// Compute lays the main screen out. It must not be asked for a screen that is TooSmall.
func Compute(w, h int, want Want) Screen {
	s := Screen{W: w, H: h, Full: !Split(w, h)}
	y := 0
	take := func(n int) Rect {
		r := Rect{0, y, w, n}
		y += n
		return r
	}
	s.Header = take(1)
	if want.Homes && h >= minHomes {
		s.Homes = take(1)
	}
	if want.Warning {
		s.Warning = take(1)
	}
	s.Tabs = take(1)
	body := h - y - 2
	switch {
	case !want.Inspector:
		s.Table = take(body)
	case s.Full:
		s.Inspector = take(body)
	default:
		low := min(max(8, body*2/5), maxInspector)
		low = max(low, body-max(want.Rows+tableFrame, body/2))
		if want.Size > 0 {
			low = max(min(want.Size, body-minTable), MinInspector)
		}
		s.Table = take(body - low)
		s.Inspector = take(low)
	}
	s.Toast = take(1)
	s.Footer = take(1)
	return s
}

// Body is all that lies between the header and the toast line: the place of the site page.
func (s Screen) Body() Rect {
	return Rect{0, s.Tabs.Y, s.W, s.Toast.Y - s.Tabs.Y}
}
