package inspector

import (
	"strings"
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
	"wtptui/ui/search"
	"wtptui/ui/sections"
	"wtptui/ui/theme"
	"wtptui/ui/trackers"
)

// Pane is the inspector.
type Pane struct {
	theme      *theme.Theme
	keys       *keys.Map
	sections   sections.Set
	files      *files.Pane
	focused    bool
	site       engine.Site
	loaded     bool   // the detail of host has arrived
	problem    string // what is wrong with the site
	choices    string // what a person can do about a found one
	linesAbove int    // the lines between title and section when it was last drawn
	rates      history.Series
	summary    *overview.Pane // what stands beside the section where there is room
	// hideX is where the title line says how to hide the inspector; 0 when there was no room for that.
	hideX int
}

// New returns an inspector without a site.
func New(th *theme.Theme, km *keys.Map) *Pane {
	f := files.New(th)
	set := sections.New(th, peers.New(th), f, trackers.New(th), eventlog.New(th))
	return &Pane{theme: th, keys: km, files: f, summary: overview.New(th, km), sections: set}
}

// SetSite changes to a site; one without a host is none. Nothing of the last site is shown any more.
func (p *Pane) SetSite(site engine.Site, rates history.Series) {
	p.rates = rates
	p.summary.SetRates(rates)
	another := site.Ref() != p.site.Ref()
	p.site = site
	if !another {
		return
	}
	p.loaded, p.problem, p.choices = false, "", ""
	p.sections.Set(engine.Detail{}, time.Time{})
}

// Set sets the detail of a site. The detail of another site than that of SetSite is ignored.
func (p *Pane) Set(d engine.Detail, now time.Time) {
	if d.Site.Ref() != p.site.Ref() {
		return
	}
	p.loaded, p.problem, p.choices = true, "", badge.FoundChoices(d.Site, p.keys)
	if text, bad := badge.Problem(d.Site); bad {
		p.problem = format.Text(text)
	}
	p.sections.Set(d, now)
	p.summary.Set(d, now)
}

// Focus sets whether keys move in the inspector.
func (p *Pane) Focus(on bool) {
	p.focused = on
	p.sections.Focus(on)
}

// Focused reports whether keys move in the inspector.
func (p *Pane) Focused() bool { return p.focused }

// Section returns the name of what is shown.
func (p *Pane) Section() string { return p.sections.Active().Name() }

// Handle changes the section or moves in it.
func (p *Pane) Handle(a keys.Action) bool {
	return p.sections.ChangeSection(a) || p.sections.Active().Handle(a)
}

// Search returns the search in what is shown.
func (p *Pane) Search() *search.Search { return p.sections.Search() }

// Click shows the section whose tab is at x of the title line, or selects what is at line y.
func (p *Pane) Click(x, y int) {
	if y == 0 {
		p.sections.Click(x)
		return
	}
	p.sections.ClickRow(y - 1 - p.linesAbove)
}

// IsHideButton reports whether the hint how to hide the inspector is at x of the title line.
func (p *Pane) IsHideButton(x int) bool { return p.hideX > 0 && x >= p.hideX }

// URL returns the local address of the selected file, while files are shown and the inspector has the keys.
func (p *Pane) URL() (string, bool) {
	if !p.focused || p.sections.Active() != sections.Section(p.files) {
		return "", false
	}
	return p.files.URL()
}

// View draws the title line with the tabs and the section below it.
func (p *Pane) View(w, h int) string {
	if h <= 0 {
		return ""
	}
	title := p.drawTitle(w)
	if p.site.Host == "" {
		return layout.Block(title+"\n\n  "+p.theme.Dim.Render("Nothing is selected."), w, h)
	}
	if !p.loaded {
		return layout.Block(title, w, h)
	}
	return title + "\n" + layout.Block(p.drawBody(w, h-1), w, h-1)
}

// The least widths at which something is shown beside a section: the rates of the last minute beside the peers, and on
// a wide screen a summary of the site beside any section. The summary includes the rates, and is too graphical for a
// screen reader.
const (
	chartMinWidth   = 118
	summaryMinWidth = 160
	summaryWidth    = 66
)

// drawBody draws the section below the site's problem, and what is beside it.
func (p *Pane) drawBody(w, h int) string {
	charted := w >= chartMinWidth && p.Section() == "Peers"
	switch {
	case p.theme.ASCII && charted: // Words beside a table would be read as a part of its lines.
		return p.drawSection(w, h, []string{p.maxRatesText(), ""}, nil)
	case p.theme.ASCII:
		return p.drawSection(w, h, nil, nil)
	case w < summaryMinWidth && charted:
		return p.drawSection(w, h, nil, p.chartLines())
	case w < summaryMinWidth:
		return p.drawSection(w, h, nil, nil)
	}
	left := w - summaryWidth - 1
	lines := strings.Split(layout.Block(p.drawSection(left, h, nil, nil), left, h), "\n")
	for i, l := range p.summary.Summary(summaryWidth-1, h) {
		lines[i] += p.theme.Border.Render(" │") + l
	}
	return strings.Join(lines, "\n")
}

// drawSection draws the section below the site's problem and other texts, with a chart beside it if there is one.
func (p *Pane) drawSection(w, h int, texts, chart []string) string {
	above := append(p.problemLines(w, h+1), texts...)
	p.linesAbove = len(above)
	h -= p.linesAbove
	room := w
	if chart != nil {
		room -= format.Width(chart[0]) + 3
	}
	section := layout.Block(p.sections.Active().View(room, h), room, h)
	if chart != nil {
		section = joinChart(section, chart)
	}
	return strings.Join(append(above, section), "\n")
}

// ShowsProblem reports whether the site's problem is shown when the inspector has h lines.
func (p *Pane) ShowsProblem(h int) bool {
	_, bad := badge.Problem(p.site)
	return bad && h >= problemMinHeight
}

// problemMinHeight is the least height at which the site's problem has lines of its own.
const problemMinHeight = 7

// problemLines returns the site's problem, or what is not decided about it, with what to do about it, and a blank line.
// Row and toast may have no room for it.
func (p *Pane) problemLines(w, h int) []string {
	text, style := p.choices, p.theme.Warn
	if p.problem != "" {
		text, style = "✗ "+p.problem, p.theme.Bad
	}
	if text == "" || h < problemMinHeight {
		return nil
	}
	lines := layout.Paragraph(text, w, style)
	return append(lines[:min(len(lines), 3)], "")
}

func (p *Pane) drawTitle(w int) string {
	rule, name, line := p.theme.Border, p.theme.Strong, p.theme.Rule
	if p.focused {
		rule, name = p.theme.Accent, p.theme.Accent.Bold()
	}
	site := "no site"
	if p.site.Host != "" {
		site = badge.Name(p.site, max(w-58, 12))
	}
	left := rule.Render(line(2)+" ") + name.Render(site) + rule.Render(" "+line(2)+" ")
	key := p.theme.Accent.Render(p.keys.FirstKey(keys.ToggleInspector))
	right := key + p.theme.Dim.Render(" hide ") + rule.Render(line(2))
	// Where there is little room the counts go before the way out.
	left += p.sections.Tabs(format.Width(left), w-format.Width(left)-format.Width(right)-3)
	n := w - format.Width(left) - format.Width(right) - 2
	if n < 1 {
		p.hideX = 0
		return format.Prefix(left+" "+rule.Render(line(w)), w)
	}
	p.hideX = w - format.Width(right)
	return left + " " + rule.Render(line(n)) + " " + right
}

// chartWidth is the width of a chart in cells; each shows four seconds, so that all of it is a minute.
const chartWidth = history.Seconds / 4

// chartLines draws the rates of the last minute in both directions.
func (p *Pane) chartLines() []string {
	down, up := p.rates.Max()
	line := func(arrow string, series []int64, top int64) string {
		return p.theme.Dim.Render(arrow+" 60 s ") + p.theme.Accent.Render(format.Spark(series, chartWidth)) +
			p.theme.Dim.Render("  max ") + format.Fit(format.Speed(top), 9)
	}
	half := p.rates.Halved()
	return []string{line("▼", half.Down, down), line("▲", half.Up, up)}
}

// maxRatesText returns what the chart shows, in words.
func (p *Pane) maxRatesText() string {
	down, up := p.rates.Max()
	return "  In the last 60 s down at most " + format.Speed(down) + ", up at most " + format.Speed(up) + "."
}

// joinChart puts the chart to the right of the text, from its second line on: the first one is a table's header.
func joinChart(text string, chart []string) string {
	lines := strings.Split(text, "\n")
	for i, c := range chart {
		if i+1 < len(lines) {
			lines[i+1] += "   " + c
		}
	}
	return strings.Join(lines, "\n")
}
