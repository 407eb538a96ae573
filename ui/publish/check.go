package publish

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/rows"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// checkStep shows what was found in the folder, and what is to be done with it.
type checkStep struct {
	rows.List[engine.Finding]

	theme   *theme.Theme
	problem *problem

	// columns are all columns, whether shown or not.
	columns []rows.Column[engine.Finding]
	// decisions are those of the person, by path: ChoiceNote to publish it, ChoiceLeaveOut not to.
	decisions map[string]engine.Choice
	// publishable reports whether the engine would publish the folder with these decisions; changed reports whether there
	// are newer ones.
	publishable, changed bool
	// listTop is the line at which the list began when it was last drawn.
	listTop int
}

func newCheck(th *theme.Theme, prob *problem) *checkStep {
	c := &checkStep{theme: th, problem: prob, decisions: map[string]engine.Choice{}}
	decisions := c.decisions
	c.Theme = th
	c.Key = func(f *engine.Finding) string { return f.Path + "\x00" + f.Code }
	c.columns = []rows.Column[engine.Finding]{
		{Title: "Choice", Width: 11, Cell: func(f *engine.Finding) table.Cell {
			return choiceCell(choiceOf(decisions, f), th)
		}},
		{Title: "Path", Width: 26, Min: 16, Max: 36, Cell: func(f *engine.Finding) table.Cell {
			if f.Path == "" {
				return table.Cell{Text: "the whole folder", Style: th.Dim}
			}
			return table.Cell{Text: format.Text(f.Path)}
		}},
		{Title: "Since", Width: 12, Rank: 1, Cell: func(f *engine.Finding) table.Cell { return sinceCell(f, th) }},
		{Title: "Kind", Width: 13, Rank: 1, Cell: func(f *engine.Finding) table.Cell {
			return table.Cell{Text: format.Text(strings.ReplaceAll(f.Code, "-", " ")), Style: th.Dim}
		}},
		{
			Title: "Why", Width: 20, Min: 8, Max: 200, Rank: 2,
			Cell: func(f *engine.Finding) table.Cell { return table.Cell{Text: format.Text(f.Why), Style: th.Dim} },
		},
	}
	c.Columns = c.columns
	c.Focus(true)
	return c
}

// sinceCell returns whether a finding is new, or decided as last time.
func sinceCell(f *engine.Finding, th *theme.Theme) table.Cell {
	switch {
	case f.New:
		return table.Cell{Text: "new", Style: th.Warn}
	case f.AsBefore:
		return table.Cell{Text: "as last time", Style: th.Dim}
	}
	return table.Cell{}
}

// setFindings shows findings, and how they compare with the last time if any does.
func (c *checkStep) setFindings(list []engine.Finding) {
	c.Columns = c.columns
	if !slices.ContainsFunc(list, func(f engine.Finding) bool { return f.New || f.AsBefore }) {
		c.Columns = slices.Delete(slices.Clone(c.columns), sinceColumn, sinceColumn+1)
	}
	c.SetItems(list)
}

// sinceColumn is the index of the column that says what is new.
const sinceColumn = 2

// clearDecisions drops all decisions: another folder is going to be checked.
func (c *checkStep) clearDecisions() {
	clear(c.decisions)
	c.SetItems(nil)
}

// showFindings shows what was found. What a person has decided to leave out is no longer found, but stays in the list,
// so that the decision can be changed.
func (c *checkStep) showFindings(found []engine.Finding, publishable bool) {
	c.publishable, c.changed = publishable, false
	list := make([]engine.Finding, 0, len(found))
	present := map[string]bool{}
	for _, f := range found {
		present[f.Path] = true
		if f.Choice != engine.ChoiceNote && c.decisions[f.Path] == engine.ChoiceNote {
			delete(c.decisions, f.Path) // The engine cannot publish it, whatever a person wants.
		}
	}
	for _, f := range c.Items() {
		if choice := c.decisions[f.Path]; choice == engine.ChoiceLeaveOut || choice != "" && (present[f.Path] || f.AsBefore) {
			// As it was found at first: the reason is what matters, not that a person has decided.
			list = append(list, f)
		}
	}
	for _, f := range found {
		if c.decisions[f.Path] == "" {
			list = append(list, f)
		}
	}
	c.setFindings(sortFindings(list))
}

// sortFindings puts findings first that have to be decided, then those that are left out, then the others; within each
// of these new ones first, then those decided last time.
func sortFindings(list []engine.Finding) []engine.Finding {
	choices := []engine.Choice{engine.ChoiceRefuse, engine.ChoiceLeaveOut, engine.ChoiceNote}
	rank := func(f engine.Finding) int {
		n := 3 * slices.Index(choices, f.Choice)
		switch {
		case f.New:
		case f.AsBefore:
			n++
		default:
			n += 2
		}
		return n
	}
	slices.SortStableFunc(list, func(a, b engine.Finding) int { return rank(a) - rank(b) })
	return list
}

// choiceOf returns what is going to be done with a finding.
func choiceOf(chosen map[string]engine.Choice, f *engine.Finding) engine.Choice {
	if ch := chosen[f.Path]; ch != "" && f.Path != "" {
		return ch
	}
	return f.Choice
}

func choiceCell(ch engine.Choice, th *theme.Theme) table.Cell {
	switch ch {
	case engine.ChoiceRefuse:
		return table.Cell{Text: "✗ decide", Style: th.Bad}
	case engine.ChoiceLeaveOut:
		return table.Cell{Text: "○ left out", Style: th.Pinned}
	case engine.ChoiceNote:
	}
	return table.Cell{Text: "● published", Style: th.Good}
}

// keepAndLeaveOut returns the decisions that differ from what would be done without them.
func (c *checkStep) keepAndLeaveOut() (keep, leaveOut []string) {
	seen := map[string]bool{}
	for _, f := range c.Items() {
		ch := c.decisions[f.Path]
		if ch == "" || seen[f.Path] {
			continue
		}
		seen[f.Path] = true
		switch ch {
		case engine.ChoiceNote:
			keep = append(keep, f.Path)
		case engine.ChoiceLeaveOut:
			leaveOut = append(leaveOut, f.Path)
		case engine.ChoiceRefuse:
		}
	}
	return keep, leaveOut
}

// leftOut returns the paths that will not be published.
func (c *checkStep) leftOut() []string {
	var paths []string
	for i := range c.Items() {
		if f := &c.Items()[i]; choiceOf(c.decisions, f) == engine.ChoiceLeaveOut && f.Path != "" {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// toggle changes the decision on the selected finding. What has to be decided is left out at first, which is safe.
func (c *checkStep) toggle() (ok bool) {
	f, ok := c.Selected()
	if !ok || f.Path == "" || f.Code == engine.FindingIgnored {
		return false
	}
	next := engine.ChoiceLeaveOut
	if choiceOf(c.decisions, f) == engine.ChoiceLeaveOut {
		next = engine.ChoiceNote
	}
	c.decisions[f.Path] = next
	c.changed = true
	return true
}

// countUndecided returns how many findings still prevent publishing, and how many of them are about the whole folder.
func (c *checkStep) countUndecided() (n, wholeFolder int) {
	for i := range c.Items() {
		f := &c.Items()[i]
		if choiceOf(c.decisions, f) == engine.ChoiceRefuse {
			n++
			if f.Path == "" {
				wholeFolder++
			}
		}
	}
	return n, wholeFolder
}

func (*checkStep) situation() string { return "check" }

// hasNoEffect reports whether there is nothing to keep or leave out because nothing was found.
func (c *checkStep) hasNoEffect(a keys.Action) bool { return a == keys.Toggle && c.Count() == 0 }

func (c *checkStep) click(_, y int, twice bool) keys.Action {
	if c.ClickRow(y-c.listTop) && twice {
		return keys.Toggle
	}
	return ""
}

func (c *checkStep) act(a keys.Action) (tea.Cmd, transition) {
	switch a {
	case keys.Toggle:
		if f, ok := c.Selected(); ok && !c.toggle() {
			c.problem.text = "that concerns the whole folder: fix it, then " + keys.Name("r") + " checks again"
			switch {
			case f.Code == engine.FindingIgnored:
				c.problem.text = "the folder's own .wtpignore leaves that out: change that file, then " + keys.Name("r") +
					" checks again"
			case f.Choice == engine.ChoiceNote:
				c.problem.text = "that concerns the whole folder: there is nothing to leave out"
			}
		}
	case keys.Accept:
		n, wholeFolder := c.countUndecided()
		switch {
		case wholeFolder > 0:
			c.problem.text = "the folder cannot be published like this: fix what is marked, then check again"
		case n > 0:
			have := "have"
			if n == 1 {
				have = "has"
			}
			c.problem.text = fmt.Sprintf("%s %s to be decided: space leaves the selected one out, space again publishes it",
				format.Plural(n, "finding"), have)
		case c.publishable && !c.changed:
			return nil, toReview
		default:
			return nil, doReview
		}
	case keys.Reset:
		return nil, doCheck
	case keys.Cancel:
		return nil, toFolder
	default:
		c.Handle(a)
	}
	return nil, nothing
}

func (c *checkStep) view(w, h int) []string {
	th := c.theme
	out := []string{""}
	if c.Count() == 0 {
		out = append(out, "  "+th.Good.Render("✓ The check found nothing that you have to know."), "")
		return append(append(out, c.problem.view(w)...), "  "+th.Dim.Render("enter shows what would be published."))
	}
	out = append(out, "  "+c.countsText(), "")
	c.listTop = len(out)
	below := []string{""}
	if f, ok := c.Selected(); ok {
		below = append(below, layout.Paragraph(placeText(f)+format.Text(f.Why)+".", w, "")...)
	}
	below = append(append(below, ""), c.problem.view(w)...)
	room := max(h-len(out)-len(below), 3)
	table := strings.Split(c.View(w, room), "\n")
	return append(append(out, table...), below...)
}

func placeText(f *engine.Finding) string {
	if f.Path == "" {
		return "The whole folder: "
	}
	return format.Text(f.Path) + ": "
}

// countsText returns how many findings there are of each kind.
func (c *checkStep) countsText() string {
	var n [3]int
	newFindings := 0
	for i := range c.Items() {
		if c.Items()[i].New {
			newFindings++
		}
		switch choiceOf(c.decisions, &c.Items()[i]) {
		case engine.ChoiceRefuse:
			n[0]++
		case engine.ChoiceLeaveOut:
			n[1]++
		case engine.ChoiceNote:
			n[2]++
		}
	}
	th := c.theme
	parts := []string{}
	for i, part := range []string{
		th.Bad.Render("✗ %d to be decided"), th.Pinned.Render("○ %d left out"),
		th.Good.Render("● %d published"),
	} {
		if n[i] > 0 {
			parts = append(parts, fmt.Sprintf(part, n[i]))
		}
	}
	if newFindings > 0 {
		parts = append(parts, th.Warn.Render(fmt.Sprintf("%d new since last time", newFindings)))
	}
	return strings.Join(parts, "   ")
}
