package overview

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
)

// hashWidth is the width of a shortened infohash, in cells.
const hashWidth = 14

// writeDomain writes what the site's domain points to, which server answered so, and when it will be asked again. It
// reports whether the site has a domain.
func (f *facts) writeDomain(b *lines) bool {
	s, n, th := f.detail.Site, f.detail.Domain, f.theme
	if engine.IsInfohash(s.Host) {
		return false
	}
	says := "DNS says"
	if s.HasKey() || n.Key != "" {
		says = "Key says"
	}
	switch {
	case n.Infohash == "":
		b.addRow(says, th.Dim.Render("nothing yet"))
	case n.Infohash == s.Infohash:
		b.addRow(says, th.Good.Render("✓ ")+format.Host(n.Infohash, b.valueWidth()-14)+th.Dim.Render("  this one"))
	default:
		b.addRow(says, th.Warn.Render("⚠ ")+format.Host(n.Infohash, b.valueWidth()-14)+th.Dim.Render("  another"))
	}
	if n.Source != "" {
		b.addRow("Source", format.CutLeft(sourceName(n.Source), b.valueWidth()))
		b.addRow("", f.answerText())
	}
	f.writeRecord(b)
	b.addRow("Next check", f.nextCheckText())
	if s.NextInfohash != "" {
		b.addRow("Next", th.Progress.Render("↓ ")+format.Host(s.NextInfohash, hashWidth)+" is on its way")
	}
	if k := len(n.Asked); k > 1 || k == 1 && n.Asked[0].Error != "" {
		for i, a := range n.Asked {
			name := ""
			if i == 0 {
				name = "Asked"
			}
			b.addRow(name, f.queryText(a, b.valueWidth()))
		}
	}
	if t, w := len(n.Trackers), len(n.WebSeeds); t+w > 0 {
		b.addRow("Hints", format.Plural(t, "tracker")+", "+format.Plural(w, "web seed"))
	}
	for _, w := range n.Warnings {
		b.addWrapped("", "⚠ "+format.Text(w), th.Warn)
	}
	if n.Error != "" && n.Error != s.Error { // The state of the site says it already.
		b.addWrapped("", "✗ "+format.Text(n.Error), th.Bad)
	}
	return true
}

// writeRecord writes what is known of the record of the site's key, and offers to accept the key that the domain now
// names instead.
func (f *facts) writeRecord(b *lines) {
	r, th := f.detail.Site.Record, f.theme
	if r.Seq > 0 {
		b.addRow("Record", f.recordText(r, b.valueWidth()))
	}
	if r.Signer != "" {
		b.addRow("", "signed here with key "+format.Text(r.Signer))
	}
	switch {
	case r.PutAt.IsZero():
	case r.Nodes+r.Relays == 0:
		b.addRow("Stored by", th.Warn.Render("⚠ no node, ")+format.Ago(r.PutAt.Std(), f.now))
	default:
		b.addRow("Stored by", format.RecordHolders(r)+", "+format.Ago(r.PutAt.Std(), f.now))
	}
	if !r.ReadAt.IsZero() && r.Nearest > 0 {
		nodes := format.Plural(r.Nearest, "nearest node")
		b.addRow("Found at", fmt.Sprintf("%d of the %s, ", r.Found, nodes)+format.Ago(r.ReadAt.Std(), f.now))
	}
	if r.Error != "" {
		b.addWrapped("", "⚠ "+format.Text(r.Error), th.Warn)
	}
	if next := f.detail.Site.NextKey; next != "" {
		b.addWrapped("", "⚠ The domain names another key now, "+format.Host(next, keyWidth)+
			". The former one decides until you accept it", th.Warn)
		b.addChoice("", th.Accent.Render("→ accept the new key"), SiteAction{AcceptKey: true})
	}
}

// keyWidth is the width of a shortened key that a person may want to compare with another one, in cells.
const keyWidth = 24

// recordText returns the infohash in a record and when it was signed, in w cells.
func (f *facts) recordText(r engine.Record, w int) string {
	th := f.theme
	when := ""
	if !r.SignedAt.IsZero() {
		when = "  signed " + format.Ago(r.SignedAt.Std(), f.now)
	}
	mark := th.Good.Render("✓ ")
	if r.Infohash != f.detail.Site.Infohash {
		mark = th.Warn.Render("⚠ ")
	}
	return mark + format.Host(r.Infohash, max(min(hashWidth, w-len("✓ ")-format.Width(when)), 8)) + th.Dim.Render(when)
}

// answerText returns when the answer came and how far it can be trusted.
func (f *facts) answerText() string {
	n, th := f.detail.Domain, f.theme
	text := th.Dim.Render(format.Ago(n.At.Std(), f.now))
	switch left := n.Expires.Std().Sub(f.now); {
	case n.Stale:
		text += th.Warn.Render("  ⚠ out of date")
	case !n.Expires.IsZero() && left > 0:
		text += th.Dim.Render("  good for " + format.Countdown(left))
	}
	if n.DNSSEC {
		text += th.Good.Render("  ✓ DNSSEC")
	}
	return text
}

func (f *facts) nextCheckText() string {
	s := f.detail.Site
	switch {
	case s.Held:
		return f.theme.Warn.Render("‖ held") + ": stays at this version"
	case s.NextCheck.IsZero():
		return f.theme.Dim.Render("–")
	}
	if left := s.NextCheck.Std().Sub(f.now); left > 0 {
		return "in " + format.Countdown(left)
	}
	return f.theme.Progress.Render("◌ now")
}

func (f *facts) queryText(a engine.Asked, w int) string {
	answer := format.Host(a.Infohash, hashWidth)
	st := f.theme.Text
	switch {
	case a.Error != "":
		answer, st = "✗ "+format.Text(a.Error), f.theme.Bad
	case a.Infohash == "":
		answer, st = "no key", f.theme.Dim
	}
	took := format.FitRight(format.Elapsed(time.Duration(a.Took)), 7)
	room := max(min(w-format.Width(answer)-9, 24), 12)
	return format.Fit(format.CutLeft(serverName(a.URL), room), room) + f.theme.Dim.Render(took) + "  " + st.Render(answer)
}

// sourceName returns who answered: the DHT, or the server at a URL.
func sourceName(by string) string {
	if by == "dht" {
		return "the DHT"
	}
	return format.Text(by)
}

// serverName returns the name of the server in an address.
func serverName(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		address = u.Host
	}
	return format.Text(address)
}

// writeVersions lists the infohashes that the site has had; the person can switch to each of them. It reports whether
// there are any.
func (f *facts) writeVersions(b *lines) bool {
	s, th := f.detail.Site, f.theme
	if len(f.detail.Versions) == 0 {
		return false
	}
	for i, v := range f.detail.Versions {
		name := ""
		if i == 0 {
			name = "Versions"
		}
		b.addChoice(name, f.versionText(v, b.valueWidth()), SiteAction{SwitchTo: v.Infohash})
	}
	switch {
	case s.Held:
		b.addChoice("", th.Accent.Render("→ follow its owner again"), SiteAction{Follow: true})
	case b.focused && len(f.detail.Versions) > 1:
		b.addRow("", th.Dim.Render("select one to switch to it and stay there"))
	}
	return true
}

func (f *facts) versionText(v engine.Version, w int) string {
	th := f.theme
	glyph, word, st := "○", "kept", th.Dim
	switch v.State {
	case engine.VersionCurrent:
		glyph, word, st = "●", "served", th.Good
		if f.detail.Site.Held {
			word = "held"
		}
	case engine.VersionNext:
		glyph, word, st = "↓", "coming", th.Progress
	case engine.VersionGone:
		glyph, word = "✗", "gone"
	case engine.VersionKept:
		if left := v.KeptUntil.Std().Sub(f.now); !v.KeptUntil.IsZero() {
			word = "kept " + format.Duration(max(left, 0))
		}
	}
	text := st.Render(glyph+" "+format.Fit(word, 8)) + " " + format.Host(v.Infohash, hashWidth-2) + "  " +
		dayText(v.FirstSeen.Std(), f.now)
	if v.Size >= 0 {
		text += "  " + format.FitRight(format.Bytes(v.Size), 7)
	}
	if source := format.Text(v.Source); source != "" && format.Width(text)+format.Width(source)+2 <= w {
		text += "  " + th.Dim.Render(source)
	}
	return text
}

// dayText returns the date of t, or its time if it is today.
func dayText(t, now time.Time) string {
	full := format.DateTime(t, now)
	if date, clock, ok := strings.Cut(full, " "); ok {
		if strings.HasPrefix(format.DateTime(now, now), date) {
			return format.FitRight(clock, len(date))
		}
		return date
	}
	return format.Fit(full, 10)
}
