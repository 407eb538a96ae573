package entry

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/field"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// maxLength bounds what can be typed, in runes.
const maxLength = 200

// Question says what is to be typed.
type Question struct {
	// Title is the window's, Hint says what can be typed. Value is there already, selected: what is typed takes its place.
	Title, Hint, Value string
	// Take takes what was typed. An error is shown, and the window stays; else it closes.
	Take func(string) (tea.Cmd, error)
}

// Pane is the window.
type Pane struct {
	theme *theme.Theme
	ask   Question
	input textinput.Model
	// selected says that the whole text is, as it is until the first key.
	selected bool
	wrong    string
}

// New opens the window.
func New(th *theme.Theme, q Question) *Pane {
	p := &Pane{theme: th, ask: q, input: field.New(th, maxLength, q.Value), selected: q.Value != ""}
	return p
}

// Situation names its keys.
func (*Pane) Situation() string { return "entry" }

// Act takes what was typed, or closes.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if a != keys.Accept {
		return nil, false
	}
	cmd, err := p.ask.Take(strings.TrimSpace(p.input.Value()))
	p.wrong = engine.Message(err)
	return cmd, err != nil
}

// Update edits the text with a key or a paste.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	if p.selected {
		p.selected = false
		switch msg := msg.(type) {
		case tea.PasteMsg:
			p.input.SetValue("")
		case tea.KeyPressMsg:
			if erases := msg.Code == tea.KeyBackspace || msg.Code == tea.KeyDelete; erases || msg.Text != "" {
				p.input.SetValue("")
			}
		}
	}
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	p.wrong = ""
	return cmd
}

// View draws the window for a screen of w cells.
func (p *Pane) View(w, _ int) string {
	inner := min(w-6, 60)
	in := p.input
	in.SetWidth(inner - 3)
	text := in.View()
	if p.selected {
		text = p.theme.Strong.With(p.theme.Selected).Render(format.Text(p.ask.Value))
	}
	lines := []string{format.Cut(p.theme.Accent.Render("›")+" "+text, inner), ""}
	below, style := p.ask.Hint, p.theme.Dim
	if p.wrong != "" {
		below, style = "✗ "+p.wrong, p.theme.Bad
	}
	for _, l := range format.Wrap(below, inner) {
		lines = append(lines, style.Render(l))
	}
	return layout.Frame(strings.Join(lines, "\n"), p.ask.Title, inner, len(lines), p.theme)
}
