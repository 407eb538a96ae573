package publish

import (
	tea "charm.land/bubbletea/v2"

	"wtptui/ui/format"
	"wtptui/ui/keys"
)

// headLines are the lines above the present step: the names of all steps, and a rule.
const headLines = 2

// Click goes to the field at x, y, selects the finding there, or gives the answer there.
func (p *Pane) Click(x, y int, twice bool) (cmd tea.Cmd, open bool) {
	y -= headLines
	if p.work != nil || y < 0 {
		return nil, true
	}
	switch p.step {
	case atFolder:
		if i := 1 - p.folder.at; y == p.folder.lines[i] {
			return p.Act(keys.Switch)
		}
	case atCheck:
		if p.check.ClickRow(y-p.check.top) && twice {
			return p.Act(keys.Toggle)
		}
	case atReview:
		// The answers are as wide whichever of them is marked.
		from := format.Width(indent)
		switch yes := from + format.Width(notYet) + format.Width(between); {
		case y != p.review.line || x < from:
		case x < from+format.Width(notYet):
			return p.Act(keys.Cancel)
		case x >= yes && x < yes+format.Width(publishIt):
			return p.Act(keys.Yes)
		}
	case atLive:
	}
	return nil, true
}

// Idle says that there is nothing to be copied of a site without a domain, and nothing to be kept or left out where nothing
// was found.
func (p *Pane) Idle(a keys.Action) bool {
	switch {
	case p.work != nil:
		return false
	case p.step == atLive && a == keys.CopyMenu:
		return len(p.live.pub.Records) == 0
	case p.step == atLive && a == keys.Open:
		return p.live.pub.LocalURL == ""
	case p.step == atCheck && a == keys.Toggle:
		return p.check.Count() == 0
	}
	return false
}
