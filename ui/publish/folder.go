package publish

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/prompt"
	"wtptui/ui/theme"
)

// maxPath bounds what can be typed, in characters.
const maxPath = 4096

// folderStep asks for the folder, and for the domain that the site will have.
type folderStep struct {
	fields [2]textinput.Model // the folder and the domain
	at     int
	names  []string // what the folder can become
	hint   string   // why it can become nothing
	lines  [2]int   // where the fields stood when they were last drawn
}

func newFolder(th *theme.Theme, dir, domain string) folderStep {
	f := folderStep{}
	for i, text := range []string{Path(dir), domain} {
		in := prompt.Input(th)
		in.CharLimit = maxPath
		in.SetValue(text)
		in.CursorEnd()
		f.fields[i] = in
	}
	f.fields[0].Focus()
	return f
}

func (f *folderStep) dir() string  { return f.fields[0].Value() }
func (f *folderStep) name() string { return strings.TrimSpace(f.fields[1].Value()) }

// turn goes to the other field.
func (f *folderStep) turn() {
	f.fields[f.at].Blur()
	f.at = 1 - f.at
	f.fields[f.at].Focus()
}

// update edits the field that has the cursor. A path that is pasted or dropped replaces the one that is there when it
// is whole.
func (f *folderStep) update(msg tea.Msg) tea.Cmd {
	f.names, f.hint = nil, ""
	if paste, ok := msg.(tea.PasteMsg); ok && LooksLikePath(paste.Content) {
		f.fields[0].SetValue(Path(paste.Content))
		f.fields[0].CursorEnd()
		return nil
	}
	var cmd tea.Cmd
	f.fields[f.at], cmd = f.fields[f.at].Update(msg)
	return cmd
}

// complete takes what the path can become, unless another one has been typed meanwhile.
func (f *folderStep) complete(c Completion) {
	if c.Text != f.dir() {
		return
	}
	f.names, f.hint = c.Names, c.Wrong
	f.fields[0].SetValue(c.Value)
	f.fields[0].CursorEnd()
}

func (p *Pane) actFolder(a keys.Action) (cmd tea.Cmd, open bool) {
	f := &p.folder
	switch a {
	case keys.Cancel:
		return nil, false
	case keys.Switch:
		f.turn()
	case keys.Complete:
		if f.at == 1 {
			f.turn()
			return nil, true
		}
		text := f.dir()
		return func() tea.Msg { return Complete(text) }, true
	case keys.Accept:
		return p.accept(), true
	}
	return nil, true
}

// accept lets the folder be checked, if both fields are well-formed.
func (p *Pane) accept() tea.Cmd {
	f := &p.folder
	if strings.TrimSpace(f.dir()) == "" {
		p.wrong = "which folder? Type its path; tab completes it"
		return nil
	}
	if name := f.name(); name != "" {
		host, err := engine.ParseName(name)
		if err == nil && engine.IsInfohash(host) {
			p.wrong = "an infohash is no domain: leave that field empty"
			return nil
		}
		if err != nil {
			p.wrong = engine.Message(err)
			return nil
		}
		f.fields[1].SetValue(host)
	}
	p.check.forget()
	return p.start(p.request(true))
}

func (p *Pane) viewFolder(w, h int) []string {
	th, f := p.theme, &p.folder
	out := []string{""}
	for i, label := range []string{"Folder", "Domain"} {
		in := f.fields[i]
		in.SetWidth(max(w-16, 4))
		mark, st := " ", th.Dim
		if i == f.at {
			mark, st = "›", th.Accent
		}
		line := "  " + st.Render(format.Fit(label, 8)+mark) + " "
		switch {
		case i == 1 && in.Value() == "" && i != f.at:
			line += th.Dim.Render("none; or the name that it will have, example.org")
		default:
			line += in.View()
		}
		f.lines[i] = len(out)
		out = append(out, format.Cut(line, w))
		if i == 0 {
			out = append(out, p.offers(w, max(h-11, 1))...)
			out = append(out, "")
		}
	}
	out = append(out, "")
	out = append(out, p.problem(w)...)
	for _, l := range []string{
		"A site is a folder of static files, with an index.html at its top.",
		"First it is only looked at: nothing is published before you have seen what.",
		"A domain is not needed: without one the site's address is its infohash.",
	} {
		for _, l := range format.Wrap(l, max(w-4, 10)) {
			out = append(out, "  "+th.Dim.Render(l))
		}
	}
	return out
}

// offers are the folders that the path can become, in columns, or why it can become none.
func (p *Pane) offers(w, rows int) []string {
	f, th := &p.folder, p.theme
	if f.hint != "" {
		return []string{format.Cut("            "+th.Warn.Render(f.hint), w)}
	}
	if len(f.names) == 0 {
		return nil
	}
	width := 0
	for _, n := range f.names {
		width = max(width, format.Width(format.Text(n))+3)
	}
	width = min(width, max(w-14, 10))
	cols := max((w-12)/width, 1)
	var out []string
	for i := 0; i < len(f.names); i += cols {
		if len(out) == rows {
			out[rows-1] = format.Cut("            "+th.Dim.Render("and "+format.Count(len(f.names)-i+cols)+" more"), w)
			break
		}
		line := "            "
		for _, n := range f.names[i:min(i+cols, len(f.names))] {
			line += th.Accent.Render(format.Fit(format.Text(n)+"/", width))
		}
		out = append(out, format.Cut(line, w))
	}
	return out
}
