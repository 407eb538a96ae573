package labels

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

// width is the largest inner width of the window, in cells, and maxRows the largest number of labels in it.
const (
	width   = 60
	maxRows = 14
)

// Pane is the window.
type Pane struct {
	*dialog.List
	theme  *theme.Theme
	refs   map[string]bool
	assign func(engine.Assignment) tea.Cmd

	all     []label
	shown   []label
	problem string
}

// label is one line of the window.
type label struct {
	name string
	// selected is how many of the window's sites have the label, and everywhere how many of all.
	selected, everywhere int
	// isNew reports whether no site has the label: it is the typed text.
	isNew bool
}

// New returns a window for sites, of which there has to be one, with the newest snapshot. name is the name of the
// sites, and assign changes all of them.
func New(th *theme.Theme, name string, sites []engine.Site, snap engine.Snapshot,
	assign func(engine.Assignment) tea.Cmd,
) *Pane {
	p := &Pane{theme: th, refs: map[string]bool{}, assign: assign}
	for _, s := range sites {
		p.refs[s.Ref()] = true
	}
	p.List = dialog.NewList(dialog.List{
		Theme: th, Title: "Labels of " + name, Scopes: "labels", Width: width, DetailRight: true,
		Filter:    &dialog.Filter{Limit: engine.MaxLabelLength, Changed: p.search, NoteText: p.noteText},
		Load:      p.lines,
		MaxRows:   func() int { return min(maxRows, max(len(p.all)+1, 4)) },
		Choose:    p.choose,
		OnClick:   func(int, int) keys.Action { return keys.Toggle },
		EmptyText: p.emptyText,
	}, 0)
	p.Watch(snap)
	return p
}

// Watch sets a new snapshot: somebody else may label sites as well.
func (p *Pane) Watch(snap engine.Snapshot) tea.Cmd {
	counts := map[string]label{}
	for _, s := range snap.Sites {
		for _, name := range s.Labels {
			l := counts[name]
			l.everywhere++
			if p.refs[s.Ref()] {
				l.selected++
			}
			counts[name] = l
		}
	}
	for _, l := range snap.Status.LabelLimits {
		if _, ok := counts[l.Label]; !ok {
			counts[l.Label] = label{} // Nobody has it yet, and it has limits.
		}
	}
	p.all = p.all[:0]
	for name, l := range counts {
		l.name = name
		p.all = append(p.all, l)
	}
	slices.SortFunc(p.all, func(a, b label) int { return strings.Compare(a.name, b.name) })
	p.search(p.Text())
	p.Refresh()
	return nil
}

// search shows the labels that contain the typed text, and before them the text itself, if there is no such label.
func (p *Pane) search(text string) {
	p.shown, p.problem = p.shown[:0], ""
	typed := strings.ToLower(strings.TrimSpace(text))
	if typed != "" && !slices.ContainsFunc(p.all, func(l label) bool { return l.name == typed }) {
		if name, err := engine.ParseLabel(typed); err == nil {
			p.shown = append(p.shown, label{name: name, isNew: true})
		} else {
			p.problem = engine.Message(err)
		}
	}
	for _, l := range p.all {
		if strings.Contains(l.name, typed) {
			p.shown = append(p.shown, l)
		}
	}
}

// choose puts the label at i on the sites, or takes it off, or closes the window.
func (p *Pane) choose(a keys.Action, i int) (cmd tea.Cmd, open bool) {
	found := i < len(p.shown)
	switch {
	case a == keys.Toggle && found:
		return p.toggle(p.shown[i]), true
	case a == keys.Toggle:
		return nil, true
	case p.Text() == "": // Everything has been done by then.
		return nil, false
	case found && p.shown[i].selected < len(p.refs):
		return p.toggle(p.shown[i]), false
	}
	return nil, p.problem != ""
}

// toggle takes a label off if all of the sites have it, and otherwise puts it on those that do not.
func (p *Pane) toggle(l label) tea.Cmd {
	p.SetText("")
	p.Select(l.name)
	if l.selected == len(p.refs) {
		return p.assign(engine.Assignment{Unlabel: []string{l.name}})
	}
	return p.assign(engine.Assignment{Label: []string{l.name}})
}

// noteText returns what is wrong with the typed text, or what can be typed.
func (p *Pane) noteText() string {
	if p.problem == "" && p.Text() == "" {
		return p.theme.Dim.Render("  type a new label, or choose one of these")
	}
	return p.theme.Bad.Render(p.problem)
}

// emptyText returns what is shown instead of labels.
func (p *Pane) emptyText() string {
	if p.problem != "" {
		return ""
	}
	return "There are no labels yet: type the first one."
}

// lines returns a line for each label that is shown: [x] for one that all of the sites have, [-] for one that some
// have.
func (p *Pane) lines() []dialog.Line {
	lines := make([]dialog.Line, len(p.shown))
	for i, l := range p.shown {
		box := "[ ]"
		switch {
		case l.selected == len(p.refs):
			box = "[x]"
		case l.selected > 0:
			box = "[-]"
		}
		lines[i] = dialog.Line{Box: box, Label: l.name, Detail: p.countText(l)}
	}
	return lines
}

// countText returns how many sites have a label.
func (p *Pane) countText(l label) string {
	switch {
	case l.isNew:
		return "new"
	case l.selected > 0 && l.selected < len(p.refs):
		return fmt.Sprintf("on %s of these %s", format.Count(l.selected), format.Count(len(p.refs)))
	case l.everywhere == 0:
		return "on no site"
	}
	return "on " + format.Plural(l.everywhere, "site")
}
