package publish

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

// reviewStep shows what exactly would be published, and asks.
type reviewStep struct {
	theme   *theme.Theme
	problem *problem

	req       engine.PublishRequest
	plan      engine.Publication
	yesMarked bool
	// leftOut are the paths that will not be published.
	leftOut []string
	// isNewVersion reports whether the site was published from the same folder before.
	isNewVersion bool
	// writeIgnore reports whether what is left out is also to be written into the folder's .wtpignore.
	writeIgnore bool

	// rivalText is the warning that the newest record of the site's key was signed elsewhere, and when; empty if it was
	// not. Then publishing takes over.
	rivalText string

	window scroll.Window
	// answersLine is the line of the answers when they were last drawn.
	answersLine int
}

// showPlan shows the result of a dry run.
func (r *reviewStep) showPlan(req engine.PublishRequest, plan engine.Publication, leftOut []string, isNewVersion bool) {
	write := r.writeIgnore && len(plan.Ignore) > 0
	*r = reviewStep{
		theme: r.theme, problem: r.problem, req: req, plan: plan, leftOut: leftOut, isNewVersion: isNewVersion,
		writeIgnore: write,
	}
}

func (*reviewStep) situation() string { return "review" }

// hasNoEffect reports whether there is nothing to write, or nothing to publish.
func (r *reviewStep) hasNoEffect(a keys.Action) bool {
	switch a {
	case keys.WriteIgnore:
		return len(r.plan.Ignore) == 0
	case keys.Yes, keys.Switch:
		return r.nothingToDo()
	}
	return false
}

// nothingToDo reports whether publishing would change nothing at all.
func (r *reviewStep) nothingToDo() bool { return r.plan.Unchanged && !r.writeIgnore }

// publish publishes the folder, unless that would change nothing.
func (r *reviewStep) publish() (tea.Cmd, transition) {
	if r.nothingToDo() {
		r.problem.text = "nothing has changed since the version that is live: there is nothing to publish"
		return nil, nothing
	}
	return nil, doPublish
}

func (r *reviewStep) act(a keys.Action) (tea.Cmd, transition) {
	switch a {
	case keys.Switch:
		r.yesMarked = !r.yesMarked && !r.nothingToDo()
	case keys.Yes:
		return r.publish()
	case keys.Accept:
		if r.yesMarked {
			return r.publish()
		}
		return nil, toCheck
	case keys.WriteIgnore:
		if len(r.plan.Ignore) == 0 {
			r.problem.text = ".wtpignore has all that you left out already"
			break
		}
		r.writeIgnore = !r.writeIgnore
		r.yesMarked = r.yesMarked && !r.nothingToDo()
	case keys.Cancel:
		r.yesMarked = false
		return nil, toCheck
	default:
		r.window.Handle(a)
	}
	return nil, nothing
}

// click returns the answer at x, y. The width of the answers does not depend on which one is marked.
func (r *reviewStep) click(x, y int, _ bool) keys.Action {
	from := format.Width(indent)
	switch yes := from + format.Width(notYetAnswer) + format.Width(answerGap); {
	case y != r.answersLine || x < from:
	case x >= yes && r.nothingToDo():
	case x < from+format.Width(notYetAnswer):
		return keys.Cancel
	case x >= yes && x < yes+format.Width(r.yesAnswer()):
		return keys.Yes
	}
	return ""
}

func (r *reviewStep) view(w, h int) []string {
	th := r.theme
	out := []string{""}
	row := func(name, value string) {
		out = append(out, format.Cut("  "+th.Dim.Render(format.Fit(name, 10))+value, w))
	}
	row("Folder", format.CutLeft(format.Text(r.req.Dir), max(w-14, 8)))
	row("Address", r.addressText())
	row("Files", format.Plural(r.plan.Files,
		"file")+", "+format.Bytes(r.plan.Size)+th.Dim.Render("   in pieces of "+format.Bytes(r.plan.PieceLength)))
	row("Left out", r.leftOutText())
	row("Changes", r.changesText())
	for i, l := range r.ignoreOffer(w - 14) {
		name := ""
		if i == 0 {
			name = "Ignore"
		}
		row(name, l)
	}
	warning, style := "⚠ It cannot be unpublished: whoever has fetched it may keep and share it.", th.Warn
	if r.nothingToDo() {
		warning, style = "✓ Nothing has changed since the version that is live: there is nothing to publish.", th.Good
	}
	if r.rivalText != "" {
		warning = "⚠ " + format.Text(
			r.rivalText,
		) + ". If that was you on another machine, bring its version here first. To take over " +
			"replaces it for everybody."
	}
	below := append([]string{""}, layout.Paragraph(warning, w, style)...)
	below = append(below, "", indent+r.answersText())
	answers := len(below) - 1
	below = append(below, r.problem.view(w)...)
	if list := r.paths(); len(list) > 0 {
		out = append(out, "")
		for _, l := range r.window.View(list, max(h-len(out)-len(below), 1)) {
			out = append(out, format.Cut("            "+l, w))
		}
	}
	r.answersLine = len(out) + answers
	return append(out, below...)
}

func (r *reviewStep) addressText() string {
	if r.plan.URL != "" {
		return r.plan.URL
	}
	if key := r.plan.Key.Name; key != "" {
		return "that of the new key " + format.Text(key) + ", which is created when you publish"
	}
	return "wtp://" + r.plan.Infohash + "/"
}

func (r *reviewStep) leftOutText() string {
	if len(r.leftOut) == 0 {
		return r.theme.Dim.Render("nothing")
	}
	return fmt.Sprintf("%d: %s", len(r.leftOut), format.Text(strings.Join(r.leftOut, ", ")))
}

// changesText returns how the folder differs from the version before.
func (r *reviewStep) changesText() string {
	switch {
	case r.plan.Unchanged:
		return "none: all " + format.Plural(r.plan.Same, "file") + " are as they were"
	case r.plan.Previous == "" && r.plan.Same > 0:
		return "none, but it gets its name"
	case r.plan.Previous == "":
		return "this is its first version"
	}
	return fmt.Sprintf("%s new, %s changed, %s gone, %s as before, since %s", format.Count(r.plan.AddedCount),
		format.Count(r.plan.ChangedCount), format.Count(r.plan.RemovedCount), format.Count(r.plan.Same),
		format.Host(r.plan.Previous, 14))
}

// paths returns what differs from the version before, a line each.
func (r *reviewStep) paths() []string {
	if r.plan.Previous == "" {
		return nil
	}
	var out []string
	for _, part := range []struct {
		mark  string
		paths []string
		sizes []int64
		all   int
	}{
		{"+ ", r.plan.Added, r.plan.AddedSizes, r.plan.AddedCount},
		{"~ ", r.plan.Changed, r.plan.ChangedSizes, r.plan.ChangedCount},
		{"- ", r.plan.Removed, r.plan.RemovedSizes, r.plan.RemovedCount},
	} {
		for i, path := range part.paths {
			size := ""
			if i < len(part.sizes) { // An older engine tells none.
				size = format.Bytes(part.sizes[i])
			}
			out = append(out, part.mark+format.FitRight(size, sizeWidth)+"  "+format.Text(path))
		}
		if more := part.all - len(part.paths); more > 0 {
			out = append(out, part.mark+"and "+format.Count(more)+" more")
		}
	}
	return out
}

// sizeWidth is the width of a file's size, in cells.
const sizeWidth = 9

// ignoreOffer returns what would be added to the folder's .wtpignore, in lines of w cells.
func (r *reviewStep) ignoreOffer(w int) []string {
	n := len(r.plan.Ignore)
	if n == 0 {
		return nil
	}
	shown := r.plan.Ignore[:min(n, maxListed)]
	text := "w adds what you left out to .wtpignore, for all later versions: "
	if r.writeIgnore {
		text = "✓ .wtpignore gets " + format.Plural(n, "line") + " more (w undoes that): "
	}
	text += strings.Join(shown, "  ")
	if more := n - len(shown); more > 0 {
		text += "  and " + format.Count(more) + " more"
	}
	st := r.theme.Dim
	if r.writeIgnore {
		st = r.theme.Good
	}
	var out []string
	for _, l := range format.Wrap(format.Text(text), max(w, 10)) {
		out = append(out, st.Render(l))
	}
	return out
}

// answersText returns the two answers; at first the safe one is marked.
func (r *reviewStep) answersText() string {
	th := r.theme
	no, yes := notYetAnswer, r.yesAnswer()
	if r.nothingToDo() {
		return th.Selected.Render(strings.Replace(no, " ", "▸", 1))
	}
	if r.yesMarked {
		yes = th.Selected.Render(strings.Replace(yes, " ", "▸", 1))
	} else {
		no = th.Selected.Render(strings.Replace(no, " ", "▸", 1))
	}
	return no + answerGap + yes
}

// The answers, with room for the mark of the marked one, and the blanks around them.
const (
	indent         = "  "
	notYetAnswer   = "  Not yet  "
	answerGap      = "   "
	publishAnswer  = "  Publish  "
	takeOverAnswer = "  Take over  "
)
