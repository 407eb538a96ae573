package publish

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/scroll"
)

// askAgain is how long a domain that does not name the site yet is left in peace.
const askAgain = 15 * time.Second

// liveStep shows what became of a site that has just been published.
type liveStep struct {
	pub    engine.Publication
	domain string
	window scroll.Window

	now    time.Time
	site   engine.Site
	there  bool
	asking bool // the domain is being asked
	name   engine.Name
	nameAt time.Time // when it was asked last
	noName string    // why it could not be asked
	trying bool      // the site is being loaded
	reach  engine.Reach
	tried  bool
	noTry  string // why it could not be tried
}

// goLive shows the new site, asks its domain, and tries to load it.
func (p *Pane) goLive(pub engine.Publication) tea.Cmd {
	p.live = liveStep{pub: pub}
	if !engine.IsInfohash(pub.Host) { // The folder may have got its name when it was published before.
		p.live.domain = pub.Host
	}
	p.do.Published(pub.Host)
	return tea.Batch(p.ask(), p.try())
}

// ask asks what the domain points to, if there is one.
func (p *Pane) ask() tea.Cmd {
	l := &p.live
	if l.domain == "" || l.asking {
		return nil
	}
	l.asking, l.nameAt = true, l.now
	return p.do.Resolve(p.job, l.domain)
}

// try lets the site be loaded as a stranger would.
func (p *Pane) try() tea.Cmd {
	l := &p.live
	if l.trying {
		return nil
	}
	l.trying = true
	return p.do.Probe(p.job, l.pub.Host)
}

func (l *liveStep) named(msg Named) {
	l.asking, l.name, l.noName = false, msg.Name, engine.Message(msg.Err)
	if msg.Err == nil && msg.Name.ErrorKind == engine.Unavailable { // What is known of it then is from before.
		l.noName = msg.Name.Error
	}
}

func (l *liveStep) probed(msg Probed) {
	l.trying, l.tried, l.reach, l.noTry = false, true, msg.Reach, engine.Message(msg.Err)
}

// watchLive takes the site as it is now, and asks its domain again when it is time.
func (p *Pane) watchLive(snap engine.Snapshot) tea.Cmd {
	l := &p.live
	l.now, l.there = snap.At.Std(), false
	for i := range snap.Sites {
		if snap.Sites[i].Host == l.pub.Host {
			l.site, l.there = snap.Sites[i], true
		}
	}
	if l.nameAt.IsZero() {
		l.nameAt = l.now
	}
	if !l.agrees() && l.now.Sub(l.nameAt) >= askAgain {
		return p.ask()
	}
	return nil
}

// agrees reports whether the domain names what was published.
func (l *liveStep) agrees() bool { return l.name.Infohash == l.pub.Infohash && !l.name.Stale }

func (p *Pane) actLive(a keys.Action) (cmd tea.Cmd, open bool) {
	l := &p.live
	switch a {
	case keys.CopyURL:
		return p.do.Copy(l.pub.URL), true
	case keys.CopyMenu:
		if len(l.pub.Records) == 0 {
			p.wrong = "without a domain there are no records"
			return nil, true
		}
		return p.do.Copy(strings.Join(l.pub.Records, "\n")), true
	case keys.Open:
		if forward := p.do.Forward(l.pub.LocalURL); forward != "" {
			return p.do.Copy(forward + "\n" + l.pub.LocalURL), true
		}
		return p.do.Open(l.pub.LocalURL), true
	case keys.Reset:
		return tea.Batch(p.ask(), p.try()), true
	case keys.Cancel:
		return nil, false
	}
	l.window.Handle(a)
	return nil, true
}

func (p *Pane) viewLive(w, h int) []string {
	th, l := p.theme, &p.live
	out := []string{""}
	row := func(name, value string) {
		out = append(out, format.Cut("  "+th.Dim.Render(format.Fit(name, 12))+value, w))
	}
	long := func(name, value string) {
		for _, part := range format.Break(value, max(w-16, 10)) {
			row(name, part)
			name = ""
		}
	}
	long("Address", l.pub.URL)
	long("Local", l.pub.LocalURL)
	if forward := p.do.Forward(l.pub.LocalURL); forward != "" {
		long("Over SSH", forward)
	}
	long("Infohash", l.pub.Infohash)
	row("Files", format.Plural(l.pub.Files, "file")+", "+format.Bytes(l.pub.Size))
	row("Who has it", p.holders())
	out = append(out, "")
	for _, part := range p.loadable(w) {
		out = append(out, format.Cut(part, w))
	}
	if l.domain != "" {
		out = append(out, "", "  "+th.Strong.Render("TXT records for "+l.domain)+th.Dim.Render("   Y copies them"))
		for _, r := range l.pub.Records {
			for _, part := range format.Break(format.Text(r), max(w-6, 10)) {
				out = append(out, "    "+th.Accent.Render(part))
			}
		}
		for _, part := range p.dns(w) {
			out = append(out, format.Cut(part, w))
		}
	}
	out = append(out, "")
	out = append(out, p.problem(w)...)
	return l.window.View(out, h)
}

// holders says how many peers have the site.
func (p *Pane) holders() string {
	s := p.live.site
	switch {
	case !p.live.there:
		return p.theme.Dim.Render("you")
	case s.Peers == 0:
		return "you; no peer has come for it yet"
	}
	text := fmt.Sprintf("you, and %s with all of it", format.Plural(s.Seeds, "peer"))
	if rest := s.Peers - s.Seeds; rest > 0 {
		text += fmt.Sprintf(", %d fetching it", rest)
	}
	return text + p.theme.Dim.Render("   ▲ "+format.Speed(s.UpRate))
}

// loadable says who can load the site.
func (p *Pane) loadable(w int) []string {
	th, l := p.theme, &p.live
	out := []string{"  " + th.Strong.Render("Can they load it?") + th.Dim.Render("   r tries again")}
	switch {
	case l.trying:
		return append(out, "    "+th.Move.Render("◌ trying to load it as a stranger would: over WebRTC alone, then over TCP alone"))
	case l.noTry != "":
		return append(out, p.wrapped("✗ it could not be tried: "+l.noTry, w)...)
	case !l.tried:
		return out
	}
	for i, part := range p.wrapped(l.reach.Verdict, w) {
		st := th.Warn
		if l.reach.WebRTC.OK {
			st = th.Good
		} else if !l.reach.TCP.OK {
			st = th.Bad
		}
		if i == 0 {
			part = "    " + st.Bold().Render(strings.TrimSpace(part))
		}
		out = append(out, part)
	}
	for _, way := range []struct {
		who string
		engine.ReachWay
	}{{"Browsers", l.reach.WebRTC}, {"Torrent clients", l.reach.TCP}} {
		line := "    " + format.Fit(way.who, 17)
		if way.OK {
			out = append(out, line+th.Good.Render("✓ yes")+", the first page after "+took(way.Took))
			continue
		}
		out = append(out, line+th.Bad.Render("✗ no"))
		// The verdict may have said why already.
		if !strings.Contains(l.reach.Verdict, way.Why) {
			for _, part := range format.Wrap(format.Text(way.Why), max(w-23, 10)) {
				out = append(out, format.Blank(21)+part)
			}
		}
	}
	return out
}

// dns says whether the domain names the site already, and if not, when it will be asked again.
func (p *Pane) dns(w int) []string {
	th, l := p.theme, &p.live
	again := ""
	if left := askAgain - l.now.Sub(l.nameAt); !l.asking && left >= time.Second {
		again = "; asked again in " + format.Span(left)
	}
	switch {
	case l.asking && l.name.Host == "":
		return []string{"    " + th.Move.Render("◌ asking what DNS says")}
	case l.noName != "":
		return p.wrapped("✗ DNS could not be asked: "+l.noName+again, w)
	case l.agrees():
		return []string{"    " + th.Good.Render("✓ DNS says so already")}
	case l.name.Infohash != "" && !l.name.Stale:
		text := "⚠ DNS still names " + format.Host(l.name.Infohash, 14)
		if left := l.name.Expires.Std().Sub(l.now); !l.name.Expires.IsZero() && left > 0 {
			text += ", and resolvers may go on with that for " + format.Countdown(left)
		}
		return p.wrapped(text+again, w)
	}
	return p.wrapped("○ DNS does not name it yet"+again, w)
}

func (p *Pane) wrapped(text string, w int) []string {
	var out []string
	for _, l := range format.Wrap(format.Text(text), max(w-6, 10)) {
		out = append(out, "    "+l)
	}
	return out
}

// took writes how long something took, to a tenth of a second.
func took(ns int64) string {
	return fmt.Sprintf("%.1f s", time.Duration(ns).Seconds())
}
