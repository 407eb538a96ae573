package theme

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"
)

// Style is the look of a piece of text: the parameters of one SGR sequence. It is stored ready made because a frame has
// hundreds of them. The zero Style changes nothing.
type Style string

// Render returns s in this style, and the terminal's own style after it.
func (st Style) Render(s string) string {
	if st == "" || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[m"
}

// With returns the style with another style's attributes added, which win where both set one.
func (st Style) With(o Style) Style {
	switch {
	case st == "":
		return o
	case o == "":
		return st
	}
	return st + ";" + o
}

// Bold returns the style in bold.
func (st Style) Bold() Style { return st.With("1") }

// Theme has a style for each meaning.
type Theme struct {
	Name string

	Text     Style // what is read
	Dim      Style // what is there but rarely read: units, zeros, labels
	Strong   Style // names, headings
	Accent   Style // the program's own colour: keys, the active tab, the cursor
	Good     Style // seeding, online, done
	Progress Style // loading: it is on its way
	Pinned   Style // pinned
	Mine     Style // published here
	Warn     Style // soon to expire, port not open
	Bad      Style // failed
	Border   Style // rules and frames
	Match    Style // text that a search has found; never told apart by colour alone

	// Selected is the background of the selected row where the focus is, and Unfocused where it is not.
	Selected, Unfocused Style
	// Moved is the background of a row that was changed or moved just now.
	Moved Style
	// PlainRows reports whether a selected row has one look for all its cells, because their colours could not be read on
	// it.
	PlainRows bool
	// ASCII reports whether the finished frame is rewritten with ASCII signs.
	ASCII bool
}

// SpellKeys returns a label of keys as it is drawn: in ASCII, signs of keys whose spelling would be taken for another
// key become words.
func (t *Theme) SpellKeys(keys string) string {
	if !t.ASCII {
		return keys
	}
	return asciiKeys.Replace(keys)
}

// Cell returns the look of a cell with style st in a row with background row (Selected, Unfocused or none).
func (t *Theme) Cell(st, row Style) Style {
	if t.PlainRows && row != "" {
		return row
	}
	return st.With(row)
}

// CellMatch returns the look of text that a search has found, in a cell with style st in a row with background row.
func (t *Theme) CellMatch(st, row Style) Style {
	if t.PlainRows && row != "" {
		return row.With("1;4")
	}
	return t.Cell(st, row).With(t.Match)
}

// Dark returns the theme for terminals with a dark background, which is the first one.
func Dark() Theme {
	return Theme{
		Name:      "dark",
		Dim:       fg("#8b949e"),
		Strong:    "1",
		Accent:    fg("#7cc4ff"),
		Good:      fg("#7ee2a0"),
		Progress:  fg("#7cc4ff"),
		Pinned:    fg("#f2cc60"),
		Mine:      fg("#d2a8ff"),
		Warn:      fg("#f0b35e"),
		Bad:       fg("#ff8f86"),
		Match:     "1;4;" + fg("#f2cc60"),
		Border:    fg("#57606a"),
		Selected:  bg("#1a2a3c"),
		Unfocused: bg("#1d242d"),
		Moved:     bg("#33290f"),
	}
}

// For256Colors returns the theme for terminals with 256 colours. Most tokens are near enough to one of these; those of
// the dark theme that would look tinted get a grey of the palette instead.
func (t Theme) For256Colors() Theme {
	if t.Name == "dark" {
		t.Dim, t.Border = fg("#9e9e9e"), fg("#626262")
		t.Selected, t.Unfocused, t.Moved = bg("#303030"), bg("#262626"), bg("#303030")
	}
	return t
}

// Light returns the theme for terminals with a light background.
func Light() Theme {
	return Theme{
		Name:      "light",
		Dim:       fg("#57606a"),
		Strong:    "1",
		Accent:    fg("#0a58b8"),
		Good:      fg("#146c2e"),
		Progress:  fg("#0a58b8"),
		Pinned:    fg("#795400"),
		Mine:      fg("#7a2fc0"),
		Warn:      fg("#8a4600"),
		Bad:       fg("#b3261e"),
		Match:     "1;4;" + fg("#795400"),
		Border:    fg("#a8b0b8"),
		Selected:  bg("#d5e6f8"),
		Unfocused: bg("#ebeef1"),
		Moved:     bg("#fbf0cf"),
	}
}

// Contrast returns the theme with high contrast: every text has at least seven to one (WCAG AAA) on a dark background,
// or on a light one, and the selected row is unmistakable.
func Contrast(light bool) Theme {
	if light {
		return Theme{
			Name:      "high contrast",
			Text:      fg("#000000"),
			Dim:       fg("#333333"),
			Strong:    "1;" + fg("#000000"),
			Accent:    "1;" + fg("#000087"),
			Good:      fg("#00471a"),
			Progress:  fg("#000087"),
			Pinned:    fg("#004a4a"),
			Mine:      fg("#5a0f9c"),
			Warn:      "1;" + fg("#5f0000"),
			Bad:       "1;" + fg("#8a0a0a"),
			Match:     "1;4;" + fg("#004a4a"),
			Border:    fg("#333333"),
			Selected:  "1;" + fg("#ffffff") + ";" + bg("#00215c"),
			Unfocused: fg("#000000") + ";" + bg("#d0d0d0"),
			Moved:     fg("#000000") + ";" + bg("#ffe9a8"),
			PlainRows: true,
		}
	}
	return Theme{
		Name:      "high contrast",
		Text:      fg("#ffffff"),
		Dim:       fg("#d4d4d4"),
		Strong:    "1;" + fg("#ffffff"),
		Accent:    "1;" + fg("#8fd3ff"),
		Good:      fg("#8dff9e"),
		Progress:  fg("#8fd3ff"),
		Pinned:    fg("#ffe066"),
		Mine:      fg("#e6c8ff"),
		Warn:      "1;" + fg("#ffc266"),
		Bad:       "1;" + fg("#ffb0a8"),
		Match:     "1;4;" + fg("#ffe066"),
		Border:    fg("#d4d4d4"),
		Selected:  "1;" + fg("#000000") + ";" + bg("#ffe066"),
		Unfocused: fg("#ffffff") + ";" + bg("#404040"),
		Moved:     fg("#ffffff") + ";" + bg("#4a3a00"),
		PlainRows: true,
	}
}

// SixteenColors returns the theme for terminals with the sixteen colours of ECMA-48, whose exact shades are unknown.
func SixteenColors() Theme {
	return Theme{
		Name:      "16 colours",
		Strong:    "1",
		Accent:    "36",
		Good:      "32",
		Progress:  "36",
		Pinned:    "33",
		Mine:      "35",
		Warn:      "33",
		Bad:       "31",
		Match:     "1;4;33",
		Selected:  "7",
		Unfocused: "1",
		Moved:     "4",
		PlainRows: true,
	}
}

// None returns the theme without colours: it has only weight and reverse video.
func None() Theme {
	return Theme{
		Name:      "none",
		Strong:    "1",
		Accent:    "1",
		Pinned:    "1",
		Warn:      "1",
		Bad:       "1",
		Match:     "1;4",
		Selected:  "7",
		Unfocused: "1",
		Moved:     "4",
		PlainRows: true,
	}
}

func fg(hex string) Style { return Style("38;2;" + rgb(hex)) }
func bg(hex string) Style { return Style("48;2;" + rgb(hex)) }

// rgb converts "#rrggbb" to SGR parameters; only constants of this file are passed to it.
func rgb(hex string) string {
	var r, g, b uint8
	_, _ = fmt.Sscanf(hex, "#%02x%02x%02x", &r, &g, &b)
	return fmt.Sprintf("%d;%d;%d", r, g, b)
}

// Color returns the foreground, or else the background, of a style, and false if the style sets none as red, green and
// blue.
func (st Style) Color() (color.RGBA, bool) {
	c := color.RGBA{A: 255}
	s := string(st)
	for _, lead := range []string{"38;2;", "48;2;"} {
		if i := strings.Index(s, lead); i >= 0 {
			n, _ := fmt.Sscanf(s[i+len(lead):], "%d;%d;%d", &c.R, &c.G, &c.B)
			return c, n == 3
		}
	}
	return c, false
}

// ColorNames returns the names of colours that ColorStyle accepts.
func ColorNames() []string { return []string{"blue", "cyan", "green", "magenta", "red", "yellow"} }

// ColorStyle returns the style of a colour that a person has chosen: one of ColorNames, in a shade that is readable in
// this theme, or #rrggbb, which is used as it is. For an empty name, and for any in a theme without colours, it is the
// accent colour.
func (t *Theme) ColorStyle(name string) Style {
	switch name {
	case "blue", "cyan":
		return t.Progress
	case "green":
		return t.Good
	case "magenta":
		return t.Mine
	case "red":
		return t.Bad
	case "yellow":
		return t.Warn
	}
	if _, ok := t.Accent.Color(); ok && IsColor(name) && name != "" {
		return fg(name)
	}
	return t.Accent
}

// IsColor reports whether a name is one of ColorNames, or #rrggbb in hex digits.
func IsColor(name string) bool {
	if hex, ok := strings.CutPrefix(name, "#"); ok {
		_, err := strconv.ParseUint(hex, 16, 32)
		return err == nil && len(hex) == 6
	}
	return slices.Contains(ColorNames(), name)
}
