package field

import (
	"charm.land/bubbles/v2/textinput"

	"wtptui/ui/format"
	"wtptui/ui/theme"
)

// New returns a focused field for at most limit characters, with a text in it and the cursor after the text. Its cursor
// does not blink, which would redraw the screen for nothing.
func New(th *theme.Theme, limit int, text string) textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	st := textinput.DefaultStyles(th.Name != "light")
	plain := st.Focused
	plain.Text = plain.Text.UnsetForeground()
	st.Focused = plain
	st.Cursor.Blink = false
	st.Cursor.Color = nil
	in.SetStyles(st)
	in.CharLimit = limit
	in.SetValue(text)
	in.CursorEnd()
	in.Focus()
	return in
}

// View draws a field with a mark before it in a line of at most w cells.
func View(in textinput.Model, th *theme.Theme, w int) string {
	in.SetWidth(w - 3)
	return format.Cut(th.Accent.Render("›")+" "+in.View(), w)
}
