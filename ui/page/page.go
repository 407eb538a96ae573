package page

import (
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/eventlog"
	"wtptui/ui/files"
	"wtptui/ui/format"
	"wtptui/ui/history"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/overview"
	"wtptui/ui/peers"
	"wtptui/ui/pieces"
	"wtptui/ui/requests"
	"wtptui/ui/search"
	"wtptui/ui/sections"
	"wtptui/ui/theme"
	"wtptui/ui/trackers"
)

// Pane is the site page.
type Pane struct {
	theme    *theme.Theme
	sections sections.Set
	overview *overview.Pane
	files    *files.Pane
	requests *requests.Pane
	ref      string
	site     engine.Site
	gone     bool
}

// New returns the page of a site of which only the snapshot's part is known so far.
func New(th *theme.Theme, km *keys.Map, site engine.Site, now time.Time) *Pane {
	p := &Pane{
		theme: th, overview: overview.New(th, km), files: files.New(th), requests: requests.New(th, km), ref: site.Ref(),
	}
	p.sections = sections.New(th, p.overview, peers.New(th), p.files, trackers.New(th), pieces.New(th), p.requests,
		eventlog.New(th))
	p.sections.Focus(true)
	p.sections.Set(engine.Detail{Site: site}, now)
	p.site = site
	return p
}

// Ref returns the site's identity.
func (p *Pane) Ref() string { return p.ref }

// Set sets the newest detail; one of another site is ignored.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	if d.Site.Ref() != p.ref {
		return
	}
	p.site, p.gone = d.Site, false
	p.sections.Set(d, now)
}

// SetRates sets the rates of the site's last minute.
func (p *Pane) SetRates(s history.Series) { p.overview.SetRates(s) }

// SetHomes sets Status.Homes.
func (p *Pane) SetHomes(all []engine.Home) { p.overview.SetHomes(all) }

// SetEnough sets Status.Enough.
func (p *Pane) SetEnough(n int) { p.overview.SetEnough(n) }

// SetGoals sets Status.Goals.
func (p *Pane) SetGoals(all []engine.Goals) { p.overview.SetGoals(all) }

// ShowsProblem reports whether the site's problem is shown.
func (p *Pane) ShowsProblem() bool { return p.sections.Active() == sections.Section(p.overview) }

// SetGone sets whether the site is gone. Then its last known state is shown.
func (p *Pane) SetGone(gone bool) { p.gone = gone }

// Handle changes the section or moves in it.
func (p *Pane) Handle(a keys.Action) bool {
	for i, n := range []keys.Action{keys.One, keys.Two, keys.Three, keys.Four, keys.Five, keys.Six, keys.Seven} {
		if a == n {
			p.sections.ShowSection(i)
			return true
		}
	}
	return p.sections.ChangeSection(a) || p.sections.Active().Handle(a)
}

// Search returns the search in what is shown; nil if nothing in it can be searched.
func (p *Pane) Search() *search.Search { return p.sections.Search() }

// Click shows the section whose tab is at x, y of the page, or selects the row there; it reports whether there is a
// row.
func (p *Pane) Click(x, y int) (row bool) {
	if y == 1 {
		p.sections.Click(x)
		return false
	}
	return y > 1 && p.sections.ClickRow(y-2)
}

// SiteAction returns what the selected line of the overview does, while the overview is shown.
func (p *Pane) SiteAction() (overview.SiteAction, bool) {
	if p.sections.Active() != sections.Section(p.overview) {
		return overview.SiteAction{}, false
	}
	return p.overview.SiteAction()
}

// HasSelection reports whether something is selected that a key can act on.
func (p *Pane) HasSelection() bool {
	switch p.sections.Active() {
	case sections.Section(p.overview):
		_, ok := p.SiteAction()
		return ok
	case sections.Section(p.files):
		_, ok := p.files.Selected()
		return ok
	}
	return false
}

// IsSelectable reports whether something can be selected in what is shown.
func (p *Pane) IsSelectable() bool {
	return p.sections.Active() == sections.Section(p.overview) || p.sections.Active() == sections.Section(p.files) &&
		p.files.Count() > 0
}

// URL returns the local address of the selected file while files are shown, and that of the page that lacks something
// while requests are shown.
func (p *Pane) URL() (string, bool) {
	switch p.sections.Active() {
	case sections.Section(p.files):
		return p.files.URL()
	case sections.Section(p.requests):
		return p.requests.URL()
	}
	return "", false
}

// View draws the site's name, the tabs and the section.
func (p *Pane) View(w, h int) string {
	b := badge.ForSite(p.site, p.theme)
	state := b.Style.Render(b.Text())
	if p.gone {
		state = p.theme.Bad.Render("✗ GONE")
	}
	body := p.sections.Active().View(w, h-2)
	more := p.moreText()
	if more != "" {
		more = " " + p.theme.Dim.Render(more) + " "
	}
	room := w - format.Width(state) - format.Width(more) - 3
	name := " " + p.theme.Strong.Render(badge.Name(p.site, max(room, 8))) + "  " + state
	name = format.Fit(name, w-format.Width(more)) + more
	rule := p.theme.Border
	left := rule.Render(p.theme.Rule(2) + " ")
	left += p.sections.Tabs(format.Width(left), w-format.Width(left)) + " "
	left += rule.Render(p.theme.Rule(w - format.Width(left)))
	return layout.Block(format.Cut(name, w)+"\n"+left+"\n"+body, w, h)
}

// moreText returns a hint that what is shown goes on above or below, where its tab has no count.
func (p *Pane) moreText() string {
	if text, ok := p.sections.Active().(interface{ More() string }); ok {
		return text.More()
	}
	return ""
}
