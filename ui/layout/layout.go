package layout

// The smallest screen that the dashboard is drawn on. On a smaller one there is only a notice.
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

// Screen is where everything is. A pane that is not shown has height 0.
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
	// InspectorFull reports whether the inspector, when shown, replaces the table because there is no room for both.
	InspectorFull bool
}

// Options are what a screen should show.
type Options struct {
	Homes, Warning, Inspector bool
	// TableRows is the largest number of rows that the table uses: the inspector gets the rest of the screen.
	TableRows int
	// InspectorHeight is the inspector's height in rows when it shares the screen; 0 for a height that suits the screen.
	InspectorHeight int
}

// MinInspector is the inspector's least height beside a table, in rows, and minTable the table's. On a tall screen the
// rows above maxInspector go to the table, unless a person has chosen another height or the table does not need them.
const (
	MinInspector = 5
	maxInspector = 14
	minTable     = 5
	// minHomes is the least height of the screen, in rows, at which the homes get a line.
	minHomes   = 20
	tableFrame = 3 // the header, and room for a site or two to come
)

// TooSmall reports whether there is room only for a notice.
func TooSmall(w, h int) bool { return w < MinWidth || h < MinHeight }

// Split reports whether there is room for table and inspector together.
func Split(w, h int) bool { return w >= 100 && h >= 24 }

// Compute lays out the main screen. The caller must not pass a size that is TooSmall.
func Compute(w, h int, opts Options) Screen {
	s := Screen{W: w, H: h, InspectorFull: !Split(w, h)}
	y := 0
	nextRows := func(n int) Rect {
		r := Rect{0, y, w, n}
		y += n
		return r
	}
	s.Header = nextRows(1)
	if opts.Homes && h >= minHomes {
		s.Homes = nextRows(1)
	}
	if opts.Warning {
		s.Warning = nextRows(1)
	}
	s.Tabs = nextRows(1)
	body := h - y - 2
	switch {
	case !opts.Inspector:
		s.Table = nextRows(body)
	case s.InspectorFull:
		s.Inspector = nextRows(body)
	default:
		inspectorHeight := min(max(8, body*2/5), maxInspector)
		inspectorHeight = max(inspectorHeight, body-max(opts.TableRows+tableFrame, body/2))
		if opts.InspectorHeight > 0 {
			inspectorHeight = max(min(opts.InspectorHeight, body-minTable), MinInspector)
		}
		s.Table = nextRows(body - inspectorHeight)
		s.Inspector = nextRows(inspectorHeight)
	}
	s.Toast = nextRows(1)
	s.Footer = nextRows(1)
	return s
}

// Body returns everything between the header and the toast line, where the site page is.
func (s Screen) Body() Rect {
	return Rect{0, s.Tabs.Y, s.W, s.Toast.Y - s.Tabs.Y}
}
