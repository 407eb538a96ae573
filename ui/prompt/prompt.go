package prompt

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

// Pane is the add prompt.
type Pane struct {
	theme   *theme.Theme
	machine string
	// submit asks the engine for the address; the window stays until there is an answer.
	submit func(*Pane) tea.Cmd
	input  textinput.Model
	// wrong is what is wrong with the address; the engine's word or the grammar's.
	wrong string
	busy  bool
	// rewritten says that the address was made of a web address, and not typed.
	rewritten bool
}

// New opens the prompt with text in it. submit is called with an address that is well-formed. machine is the one of a
// fleet that is asked; empty where there is no fleet.
func New(th *theme.Theme, text, machine string, submit func(*Pane) tea.Cmd) *Pane {
	p := &Pane{theme: th, machine: machine, submit: submit, input: field.New(th, 4*engine.MaxAddress+1, strings.TrimSpace(text))}
	if text != "" {
		p.Check()
	}
	return p
}

// Situation names its keys.
func (*Pane) Situation() string { return "prompt" }

// Act closes the prompt, or asks the engine. A web address is first rewritten as the wtp address that it would be, for
// the person to see and to accept.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	wtp, isWeb := engine.FromWeb(p.Value())
	switch {
	case a != keys.Accept:
		return nil, false
	case isWeb:
		p.input.SetValue(wtp)
		p.input.CursorEnd()
		p.wrong, p.rewritten = "", true
		return nil, true
	case !p.Check():
		return nil, true
	}
	return p.submit(p), true
}

// Update edits the text with a key or a paste.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	before := p.input.Value()
	var cmd tea.Cmd
	p.input, cmd = p.input.Update(msg)
	if p.input.Value() != before {
		p.wrong, p.busy, p.rewritten = "", false, false // What is asked now is about something else.
	}
	if _, pasted := msg.(tea.PasteMsg); pasted {
		p.Check()
	}
	return cmd
}

// Value is what has been typed, without blanks around it.
func (p *Pane) Value() string { return strings.TrimSpace(p.input.Value()) }

// Check tells the person what is wrong with the address, if anything is, and reports whether it is good.
func (p *Pane) Check() bool {
	_, err := engine.ParseAddress(p.Value())
	p.wrong = engine.Message(err)
	return err == nil
}

// Busy says that the engine has been asked.
func (p *Pane) Busy(on bool) { p.busy = on }

// Fail shows the engine's answer.
func (p *Pane) Fail(why string) { p.busy, p.wrong = false, why }

// View draws the window for a screen of w cells.
func (p *Pane) View(w, _ int) string {
	inner := min(w-6, 84)
	lines := []string{field.View(p.input, p.theme, inner), ""}
	for _, l := range p.below(inner) {
		lines = append(lines, format.Cut(l, inner))
	}
	for len(lines) < 5 {
		lines = append(lines, "")
	}
	title := "Add a site"
	if p.machine != "" {
		title += " on " + p.machine
	}
	return layout.Frame(strings.Join(lines, "\n"), title, inner, len(lines), p.theme)
}

// below is what stands under the field: what is wrong, or what the address is, or what can be given.
func (p *Pane) below(w int) []string {
	var lines []string
	switch {
	case p.busy:
		return []string{p.theme.Move.Render("◌ asking the engine…")}
	case p.wrong != "":
		for _, l := range format.Wrap("✗ "+p.wrong, w) {
			lines = append(lines, p.theme.Bad.Render(l))
		}
		return lines[:min(len(lines), 3)]
	case p.Value() == "":
		return []string{
			p.theme.Dim.Render("wtp://tomjwatson.com/   an infohash   a domain"),
			p.theme.Dim.Render("magnet:?xt=urn:btih:…   ~/Downloads/site.torrent"),
		}
	}
	a, err := engine.ParseAddress(p.Value())
	switch {
	case err != nil:
		return nil // not yet: it is still being typed
	case p.rewritten:
		for _, l := range format.Wrap("⚠ that is a web address; as a wtp site it would be this: enter takes it", w) {
			lines = append(lines, p.theme.Warn.Render(l))
		}
		return append(lines, p.theme.Good.Render("✓")+" the site "+format.Host(a.Host, w-11))
	case a.TorrentFile != "":
		return []string{p.theme.Good.Render("✓") + " the file " + format.CutLeft(a.TorrentFile, w-11)}
	case a.Host != "":
		return []string{p.theme.Good.Render("✓") + " the site " + format.Host(a.Host, w-11)}
	}
	return []string{p.theme.Good.Render("✓") + " a site of this server"}
}
