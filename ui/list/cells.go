package list

import (
	"fmt"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/columns"
	"wtptui/ui/format"
	"wtptui/ui/table"
	"wtptui/ui/theme"
)

// expirySoon is the time left from which an expiry stands out.
const expirySoon = 5 * time.Minute

// cells makes the cells of a row.
type cells struct {
	theme *theme.Theme
	now   time.Time
	// hasTitleColumn reports whether there is a column for the title.
	hasTitleColumn bool
	// colors are Pane.MachineColors.
	colors map[string]string
}

// cellFunc returns the function that makes the cells of a column.
func (d cells) cellFunc(c columns.Column) func(*engine.Site) table.Cell {
	switch c.ID {
	case columns.State:
		return d.stateCell(c)
	case columns.Site:
		return func(s *engine.Site) table.Cell {
			return table.Cell{Text: d.siteText(s, c.Width), Style: d.theme.Strong}
		}
	case columns.Machine:
		return d.machineCell(c)
	case columns.Title:
		return d.titleCell
	case columns.Size:
		return d.sizeCell
	case columns.Done:
		return d.doneCell
	case columns.Down:
		return func(s *engine.Site) table.Cell { return d.rateCell(s.DownRate) }
	case columns.Up:
		return func(s *engine.Site) table.Cell { return d.rateCell(s.UpRate) }
	case columns.Peers:
		return d.peersCell
	case columns.Copies:
		return d.copiesCell(c)
	case columns.Ratio:
		return d.ratioCell
	case columns.Expires:
		return d.expiryCell(c)
	}
	return d.extraCell(c)
}

// extraCell is cellFunc for a column that is shown only if a person asks for it.
func (d cells) extraCell(c columns.Column) func(*engine.Site) table.Cell {
	text := func(value func(*engine.Site) string) func(*engine.Site) table.Cell {
		return func(s *engine.Site) table.Cell { return table.Cell{Text: value(s), Style: d.theme.Dim} }
	}
	number := func(value func(*engine.Site) int) func(*engine.Site) table.Cell {
		return func(s *engine.Site) table.Cell {
			n := value(s)
			if n == 0 {
				return table.Cell{Text: "0", Style: d.theme.Dim}
			}
			return table.Cell{Text: format.Count(n)}
		}
	}
	switch c.ID {
	case columns.Seeds:
		return number(func(s *engine.Site) int { return s.Seeds })
	case columns.Web:
		return number(func(s *engine.Site) int { return s.WebPeers })
	case columns.Files:
		return number(func(s *engine.Site) int { return s.Files })
	case columns.Downloaded:
		return text(func(s *engine.Site) string { return format.Bytes(s.Downloaded) })
	case columns.Uploaded:
		return text(func(s *engine.Site) string { return format.Bytes(s.Uploaded) })
	case columns.Added:
		return text(func(s *engine.Site) string { return format.Duration(d.now.Sub(s.AddedAt.Std())) })
	case columns.Opened:
		return text(func(s *engine.Site) string { return format.Duration(d.now.Sub(s.LastOpen.Std())) })
	case columns.Labels:
		return text(func(s *engine.Site) string { return strings.Join(s.Labels, " ") })
	case columns.Hash:
		return text(func(s *engine.Site) string { return format.Host(s.Infohash, c.Width) })
	}
	return text(func(*engine.Site) string { return "" })
}

func (d cells) stateCell(c columns.Column) func(*engine.Site) table.Cell {
	return func(s *engine.Site) table.Cell {
		b := badge.ForSite(*s, d.theme)
		if !c.WithWord() {
			return table.Cell{Text: b.Short(), Style: b.Style}
		}
		return table.Cell{Text: b.Text(), Style: b.Style}
	}
}

// siteText returns the host, by which people recognize a site. An infohash has its title beside it where no other
// column shows that.
func (d cells) siteText(s *engine.Site, w int) string {
	if !engine.IsOpaque(s.Host) || d.hasTitleColumn && s.Error == "" {
		return badge.Host(s.Host, w)
	}
	return badge.NameWithoutMachine(*s, w)
}

// machineCell returns the machine that has the site, in its own colour, or in that of a warning while it is away.
func (d cells) machineCell(c columns.Column) func(*engine.Site) table.Cell {
	return func(s *engine.Site) table.Cell {
		style := d.theme.Text
		if color := d.colors[s.Machine]; color != "" {
			style = d.theme.ColorStyle(color)
		}
		if s.Away {
			style = d.theme.Warn
		}
		return table.Cell{Text: machineName(s.Machine, c.Width), Style: style}
	}
}

// machineName returns the name of a machine in at most w cells. It is cut in its middle: the names of one owner's
// machines often differ in their last characters only.
func machineName(name string, w int) string {
	const tail = 2
	if len(name) <= w || w <= tail+1 {
		return format.Cut(name, w)
	}
	return format.Prefix(name, w-tail-1) + "…" + name[len(name)-tail:]
}

// titleCell returns the title, or instead of it what is wrong with the site. A found site keeps its title, by which
// alone it can be recognized.
func (d cells) titleCell(s *engine.Site) table.Cell {
	switch text, bad := badge.Problem(*s); {
	case bad:
		return table.Cell{Text: format.Text(text), Style: d.theme.Bad}
	case text != "" && (s.Title == "" || s.State != engine.Found && (s.State != engine.Downloading || s.Peers == 0)):
		return table.Cell{Text: "(" + format.Text(text) + ")", Style: d.theme.Dim}
	case s.MissingParts > 0:
		return table.Cell{Text: "⚠ " + badge.MissingParts(*s), Style: d.theme.Warn}
	}
	return table.Cell{Text: format.Text(s.Title)}
}

func (d cells) sizeCell(s *engine.Site) table.Cell {
	if s.Size < 0 {
		return table.Cell{Text: "?", Style: d.theme.Dim}
	}
	return table.Cell{Text: format.Bytes(s.Size)}
}

func (d cells) doneCell(s *engine.Site) table.Cell {
	c := table.Cell{Text: format.Percent(s.Done())}
	switch {
	case s.State == engine.Failed:
		c.Style = d.theme.Dim
	case s.Done() < 1:
		c.Style = d.theme.Progress
	}
	return c
}

// rateCell returns a rate, dim if it is 0.
func (d cells) rateCell(n int64) table.Cell {
	c := table.Cell{Text: format.Rate(n)}
	if n == 0 {
		c.Style = d.theme.Dim
	}
	return c
}

func (d cells) peersCell(s *engine.Site) table.Cell {
	c := table.Cell{Text: fmt.Sprintf("%d/%d", s.Peers, max(s.KnownPeers, s.Peers))}
	if s.Peers == 0 {
		c.Style = d.theme.Dim
	}
	return c
}

// copiesCell returns how many complete copies there are elsewhere, and beside it those that browsers reach. An
// exclamation mark precedes the number of a site that is endangered, or that nobody else has.
func (d cells) copiesCell(c columns.Column) func(*engine.Site) table.Cell {
	const webWidth = 4
	return func(s *engine.Site) table.Cell {
		out := table.Cell{Text: "?", Style: d.theme.Dim}
		switch {
		case s.Copies < 0:
		case s.Copies == 0:
			out = table.Cell{Text: "!0", Style: d.theme.Bad}
		case s.IsEndangered():
			out = table.Cell{Text: "!" + format.Count(s.Copies), Style: d.theme.Warn}
		case s.Copies > 999:
			out = table.Cell{Text: "999+"}
		default:
			out = table.Cell{Text: format.Count(s.Copies)}
		}
		if c.WithWeb() {
			out.Tail, out.TailStyle = format.Blank(webWidth), d.theme.Dim
			if s.WebCopies > 0 {
				out.Tail = format.FitRight(format.Count(min(s.WebCopies, 99))+"w", webWidth)
			}
		}
		return out
	}
}

func (d cells) ratioCell(s *engine.Site) table.Cell {
	c := table.Cell{Text: format.Ratio(s.Ratio())}
	if s.Uploaded == 0 {
		c.Style = d.theme.Dim
	}
	return c
}

// expiryCell returns the time left, with a gauge of how much of the cache period that is.
func (d cells) expiryCell(c columns.Column) func(*engine.Site) table.Cell {
	return func(s *engine.Site) table.Cell {
		switch {
		case s.ExpiresAt.IsZero():
			return table.Cell{Text: " never", Style: d.theme.Dim}
		case s.InUse:
			return table.Cell{Text: " in use", Style: d.theme.Good}
		}
		left := s.ExpiresAt.Std().Sub(d.now)
		text, style, gauge := " "+format.Countdown(left), d.theme.Text, d.theme.Dim
		if left < expirySoon {
			text, style, gauge = "!"+format.Countdown(left), d.theme.Warn, d.theme.Warn
		}
		if !c.WithGauge() || d.theme.ASCII {
			return table.Cell{Text: text, Style: style}
		}
		part := 1.0
		if period := s.ExpiresAt.Sub(s.LastOpen); period > 0 {
			part = float64(left) / float64(period)
		}
		return table.Cell{Text: text, Style: style, Tail: format.Gauge(min(max(part, 0), 1), 4), TailStyle: gauge}
	}
}
