package publish

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/scroll"
)

// reviewStep shows what exactly would be published, and asks.
type reviewStep struct {
	req    engine.PublishRequest
	plan   engine.Publication
	yes    bool
	window scroll.Window
	// line is where the answers stood when they were last drawn.
	line int
}

func (r *reviewStep) take(req engine.PublishRequest, plan engine.Publication) {
	*r = reviewStep{req: req, plan: plan}
}

func (p *Pane) actReview(a keys.Action) tea.Cmd {
	r := &p.review
	switch a {
	case keys.Switch:
		r.yes = !r.yes
	case keys.Yes:
		return p.start(p.request(false))
	case keys.Accept:
		if r.yes {
			return p.start(p.request(false))
		}
		p.step = atCheck
	case keys.Cancel:
		r.yes = false
		p.step = atCheck
	default:
		r.window.Handle(a)
	}
	return nil
}

func (p *Pane) viewReview(w, h int) []string {
	th, r := p.theme, &p.review
	out := []string{""}
	row := func(name, value string) {
		out = append(out, format.Cut("  "+th.Dim.Render(format.Fit(name, 10))+value, w))
	}
	row("Folder", format.CutLeft(format.Text(r.req.Dir), max(w-14, 8)))
	row("Address", r.address())
	row("Files", format.Plural(r.plan.Files, "file")+", "+format.Bytes(r.plan.Size)+th.Dim.Render("   in pieces of "+format.Bytes(r.plan.PieceLength)))
	row("Left out", p.leftOut())
	row("Changes", r.changes())
	below := []string{""}
	for _, l := range format.Wrap("⚠ It cannot be unpublished: whoever has fetched it may keep it and pass it on.", max(w-4, 10)) {
		below = append(below, "  "+th.Warn.Render(l))
	}
	below = append(below, "", indent+p.answers())
	answers := len(below) - 1
	below = append(below, p.problem(w)...)
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

// leftOut names what will not be published.
func (p *Pane) leftOut() string {
	var names []string
	for i := range p.check.Items() {
		if f := &p.check.Items()[i]; choice(p.check.chosen, f) == engine.LeftOut && f.Path != "" {
			names = append(names, format.Text(f.Path))
		}
	}
	if len(names) == 0 {
		return p.theme.Dim.Render("nothing")
	}
	return fmt.Sprintf("%d: %s", len(names), strings.Join(names, ", "))
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
func (p *Pane) answers() string {
	th := p.theme
	no, yes := notYet, publishIt
	if p.review.yes {
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
