package publish

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/scroll"
	"wtptui/ui/theme"
)

// reviewStep shows what exactly would be published, and asks.
type reviewStep struct {
	theme   *theme.Theme
	problem *problem

	req  engine.PublishRequest
	plan engine.Publication
	yes  bool
	// leftOut are the paths of what will not be published.
	leftOut []string
	window  scroll.Window
	// line is where the answers stood when they were last drawn.
	line int
}

// take shows what came of a dry run.
func (r *reviewStep) take(req engine.PublishRequest, plan engine.Publication, leftOut []string) {
	*r = reviewStep{theme: r.theme, problem: r.problem, req: req, plan: plan, leftOut: leftOut}
}

func (*reviewStep) situation() string     { return "review" }
func (*reviewStep) idle(keys.Action) bool { return false }

func (r *reviewStep) act(a keys.Action) (tea.Cmd, ask) {
	switch a {
	case keys.Switch:
		r.yes = !r.yes
	case keys.Yes:
		return nil, doPublish
	case keys.Accept:
		if r.yes {
			return nil, doPublish
		}
		return nil, toCheck
	case keys.Cancel:
		r.yes = false
		return nil, toCheck
	default:
		r.window.Handle(a)
	}
	return nil, nothing
}

// click gives the answer at x, y. The answers are as wide whichever of them is marked.
func (r *reviewStep) click(x, y int, _ bool) keys.Action {
	from := format.Width(indent)
	switch yes := from + format.Width(notYet) + format.Width(between); {
	case y != r.line || x < from:
	case x < from+format.Width(notYet):
		return keys.Cancel
	case x >= yes && x < yes+format.Width(publishIt):
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
	row("Address", r.address())
	row("Files", format.Plural(r.plan.Files, "file")+", "+format.Bytes(r.plan.Size)+th.Dim.Render("   in pieces of "+format.Bytes(r.plan.PieceLength)))
	row("Left out", r.namesLeftOut())
	row("Changes", r.changes())
	below := []string{""}
	for _, l := range format.Wrap("⚠ It cannot be unpublished: whoever has fetched it may keep it and pass it on.", max(w-4, 10)) {
		below = append(below, "  "+th.Warn.Render(l))
	}
	below = append(below, "", indent+r.answers())
	answers := len(below) - 1
	below = append(below, r.problem.view(w)...)
	if list := r.paths(); len(list) > 0 {
		out = append(out, "")
		for _, l := range r.window.View(list, max(h-len(out)-len(below), 1)) {
			out = append(out, format.Cut("            "+l, w))
		}
	}
	r.line = len(out) + answers
	return append(out, below...)
}

func (r *reviewStep) address() string {
	if r.plan.URL != "" {
		return r.plan.URL
	}
	return "wtp://" + r.plan.Infohash + "/"
}

func (r *reviewStep) namesLeftOut() string {
	if len(r.leftOut) == 0 {
		return r.theme.Dim.Render("nothing")
	}
	return fmt.Sprintf("%d: %s", len(r.leftOut), format.Text(strings.Join(r.leftOut, ", ")))
}

// changes says how the folder differs from the version before.
func (r *reviewStep) changes() string {
	if r.plan.Previous == "" {
		return "this is its first version"
	}
	many := func(paths []string) string {
		if len(paths) >= engine.MaxChanges {
			return "at least " + format.Count(len(paths))
		}
		return format.Count(len(paths))
	}
	if len(r.plan.Added)+len(r.plan.Changed)+len(r.plan.Removed) == 0 {
		return "none: this version is published already"
	}
	return fmt.Sprintf("%s new, %s changed, %s gone, %s as before, since %s", many(r.plan.Added), many(r.plan.Changed), many(r.plan.Removed),
		format.Count(r.plan.Same), format.Host(r.plan.Previous, 14))
}

// paths lists what differs from the version before.
func (r *reviewStep) paths() []string {
	if r.plan.Previous == "" {
		return nil
	}
	var out []string
	for _, part := range []struct {
		mark  string
		paths []string
	}{{"+ ", r.plan.Added}, {"~ ", r.plan.Changed}, {"- ", r.plan.Removed}} {
		for _, path := range part.paths {
			out = append(out, part.mark+format.Text(path))
		}
	}
	return out
}

// answers are the two, the safe one marked at first.
func (r *reviewStep) answers() string {
	th := r.theme
	no, yes := notYet, publishIt
	if r.yes {
		yes = th.Selected.Render(strings.Replace(yes, " ", "▸", 1))
	} else {
		no = th.Selected.Render(strings.Replace(no, " ", "▸", 1))
	}
	return no + between + yes
}

// The answers, with room for the mark of the one that is marked, and what stands around them.
const (
	indent    = "  "
	notYet    = "  Not yet  "
	between   = "   "
	publishIt = "  Publish  "
)
