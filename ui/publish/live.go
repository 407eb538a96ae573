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
	"wtptui/ui/theme"
)

// resolveInterval is how long to wait before a domain that does not name the site yet is resolved again.
const resolveInterval = 15 * time.Second

// liveStep shows a site that has just been published.
type liveStep struct {
	theme    *theme.Theme
	commands *Commands
	problem  *problem
	job      int // the number of the publication, for the messages of Commands

	req    engine.PublishRequest
	pub    engine.Publication
	domain string
	window scroll.Window

	now            time.Time
	site           engine.Site
	found          bool
	resolving      bool // an answer is awaited
	name           engine.Name
	resolvedAt     time.Time // when the domain was last resolved
	resolveProblem string    // why it could not be resolved
	probing        bool      // the site is being loaded
	reach          engine.Reach
	probed         bool
	probeProblem   string // why that was not possible
}

// showPublished shows the new site, resolves its domain, and tries to load it.
func (l *liveStep) showPublished(job int, req engine.PublishRequest, pub engine.Publication) tea.Cmd {
	*l = liveStep{theme: l.theme, commands: l.commands, problem: l.problem, job: job, req: req, pub: pub}
	if engine.IsDomain(pub.Host) { // The folder may have got its name when it was published before.
		l.domain = pub.Host
	}
	l.commands.Published(pub.Host)
	return tea.Batch(l.resolve(), l.probe())
}

// resolve resolves the domain, if there is one.
func (l *liveStep) resolve() tea.Cmd {
	if l.domain == "" || l.resolving {
		return nil
	}
	l.resolving, l.resolvedAt = true, l.now
	return l.commands.Resolve(l.job, l.domain)
}

// probe tries to load the site as a visitor would.
func (l *liveStep) probe() tea.Cmd {
	if l.probing {
		return nil
	}
	l.probing = true
	return l.commands.Probe(l.job, l.pub.Host)
}

func (l *liveStep) handleResolved(msg Resolved) {
	l.resolving, l.name, l.resolveProblem = false, msg.Name, engine.Message(msg.Err)
	if msg.Err == nil && msg.Name.ErrorKind == engine.Unavailable { // What is known of it then is from before.
		l.resolveProblem = msg.Name.Error
	}
}

func (l *liveStep) handleProbed(msg Probed) {
	l.probing, l.probed, l.reach, l.probeProblem = false, true, msg.Reach, engine.Message(msg.Err)
}

// watch sets the site as it is now, and resolves its domain again when it is time.
func (l *liveStep) watch(snap engine.Snapshot) tea.Cmd {
	l.now, l.found = snap.At.Std(), false
	for i := range snap.Sites {
		if snap.Sites[i].Host == l.pub.Host {
			l.site, l.found = snap.Sites[i], true
		}
	}
	if l.resolvedAt.IsZero() {
		l.resolvedAt = l.now
	}
	if !l.domainAgrees() && l.now.Sub(l.resolvedAt) >= resolveInterval {
		return l.resolve()
	}
	return nil
}

// domainAgrees reports whether the domain names what was published.
func (l *liveStep) domainAgrees() bool { return l.name.Infohash == l.pub.Infohash && !l.name.Stale }

func (*liveStep) situation() string { return "live" }

// hasNoEffect reports whether there are no records to copy, because the site has no domain, or no link, because only
// wtptui opens it.
func (l *liveStep) hasNoEffect(a keys.Action) bool {
	switch a {
	case keys.CopyMenu:
		return len(l.pub.Records) == 0
	case keys.CopyLink:
		return l.site.PublicURL == ""
	case keys.Open:
		return l.pub.LocalURL == ""
	}
	return false
}

func (*liveStep) click(int, int, bool) keys.Action { return "" }

func (l *liveStep) act(a keys.Action) (tea.Cmd, transition) {
	switch a {
	case keys.CopyURL:
		return l.commands.Copy(l.pub.URL), nothing
	case keys.CopyMenu:
		if len(l.pub.Records) == 0 {
			l.problem.text = "without a domain there are no records"
			return nil, nothing
		}
		return l.commands.Copy(strings.Join(l.pub.Records, "\n")), nothing
	case keys.CopyLink:
		if l.site.PublicURL == "" {
			l.problem.text = "there is no link for anyone yet: `wtptui serve --home` or `wtptui publish --loader` makes one"
			return nil, nothing
		}
		return l.commands.Copy(l.site.PublicURL), nothing
	case keys.Open:
		if forward := l.commands.Forward(l.pub.LocalURL); forward != "" {
			return l.commands.Copy(forward + "\n" + l.pub.LocalURL), nothing
		}
		return l.commands.Open(l.pub.LocalURL), nothing
	case keys.Reset:
		return tea.Batch(l.resolve(), l.probe()), nothing
	case keys.Cancel:
		return nil, doClose
	}
	l.window.Handle(a)
	return nil, nothing
}

func (l *liveStep) view(w, h int) []string {
	th := l.theme
	out := []string{""}
	row := func(name, value string) {
		out = append(out, format.Cut("  "+th.Dim.Render(format.Fit(name, 12))+value, w))
	}
	rows := func(name string, parts []string) {
		for _, part := range parts {
			row(name, part)
			name = ""
		}
	}
	address := func(name, value string) { rows(name, format.WrapAnywhere(value, max(w-16, 10))) }
	sentence := func(name, value string) { rows(name, format.Wrap(value, max(w-16, 10))) }
	address("Address", l.pub.URL)
	if l.site.PublicURL != "" {
		address("For anyone", format.Text(l.site.PublicURL))
	}
	address("Local", l.pub.LocalURL)
	if forward := l.commands.Forward(l.pub.LocalURL); forward != "" {
		address("Over SSH", forward)
	}
	address("Infohash", l.pub.Infohash)
	row("Files", format.Plural(l.pub.Files, "file")+", "+format.Bytes(l.pub.Size))
	row("Who has it", l.holdersText())
	l.writeKey(row, sentence)
	if l.req.WriteIgnore && l.problem.text == "" {
		row("Ignore", th.Good.Render("✓ .wtpignore has "+format.Plural(len(l.pub.Ignore), "line")+" more"))
	}
	out = append(out, "")
	for _, part := range l.probeLines(w) {
		out = append(out, format.Cut(part, w))
	}
	if l.domain != "" {
		out = append(out, l.recordLines(w)...)
	}
	for _, part := range l.versionLines(w) {
		out = append(out, format.Cut(part, w))
	}
	out = append(out, "")
	out = append(out, l.problem.view(w)...)
	return l.window.View(out, h)
}

// writeKey shows the record of the site's key, and what is left to do for the key.
func (l *liveStep) writeKey(row, sentence func(name, value string)) {
	if l.pub.Key.Host == "" {
		return
	}
	record := l.pub.Record
	if l.found && l.site.Record.Seq >= record.Seq {
		record = l.site.Record
	}
	switch {
	case record.Nodes > 0 || record.Relays > 0:
		row("Record", l.theme.Good.Render("✓ ")+"stored by "+format.RecordHolders(record))
	case record.Error != "":
		sentence("Record", "⚠ "+format.Text(record.Error))
	default:
		sentence("Record", "not stored yet: waiting for a node of the DHT")
	}
	if !l.pub.Key.BackedUp {
		name := format.Text(l.pub.Key.Name)
		sentence("Key", name+" exists on this machine only. Back it up: wtptui keys export "+name+" FILE")
	}
}

// recordLines returns the TXT records that the domain needs, with what DNS says about those that name the site. Those
// that name the tracker of the homes only help to find peers, and come after that.
func (l *liveStep) recordLines(w int) []string {
	th := l.theme
	out := []string{"", "  " + th.Strong.Render("TXT records for "+l.domain) + th.Dim.Render("   Y copies them")}
	var beside []string
	for _, r := range l.pub.Records {
		for _, part := range format.WrapAnywhere(format.Text(r), max(w-6, 10)) {
			part = "    " + th.Accent.Render(part)
			if strings.Contains(r, `"wtptracker=`) {
				beside = append(beside, part)
			} else {
				out = append(out, part)
			}
		}
	}
	for _, part := range l.dnsLines(w) {
		out = append(out, format.Cut(part, w))
	}
	if len(beside) > 0 {
		out = append(out, format.Cut("  "+th.Dim.Render("and, so that peers are found at once:"), w))
	}
	return append(out, beside...)
}

// versionLines returns how to switch back to the version before, if there was one that is kept.
func (l *liveStep) versionLines(w int) []string {
	if l.pub.Previous == "" || l.req.InPlace {
		return nil
	}
	out := []string{"", "  " + l.theme.Strong.Render("To go back to the version before")}
	out = append(out, indented("As long as it is kept, choose "+format.Host(l.pub.Previous,
		14)+" among the versions on the site's Overview, or type", w)...)
	for _, part := range format.WrapAnywhere("wtptui switch "+l.pub.Host+" "+l.pub.Previous, max(w-6, 10)) {
		out = append(out, "    "+l.theme.Accent.Render(part))
	}
	return out
}

// holdersText returns how many peers have the site.
func (l *liveStep) holdersText() string {
	s := l.site
	switch {
	case !l.found:
		return l.theme.Dim.Render("you")
	case s.Peers == 0:
		return "you; no peer has come for it yet"
	}
	text := fmt.Sprintf("you, and %s with all of it", format.Plural(s.Seeds, "peer"))
	if fetching := s.Peers - s.Seeds; fetching > 0 {
		text += fmt.Sprintf(", %d fetching it", fetching)
	}
	return text + l.theme.Dim.Render("   ▲ "+format.Speed(s.UpRate))
}

// probeLines returns who can load the site.
func (l *liveStep) probeLines(w int) []string {
	th := l.theme
	out := []string{"  " + th.Strong.Render("Can others load it?") + th.Dim.Render("   r tries again")}
	switch {
	case l.probing:
		for _, part := range indented("◌ loading it as a visitor would: over WebRTC, then over TCP", w) {
			out = append(out, th.Progress.Render(part))
		}
		return out
	case l.probeProblem != "":
		return append(out, indented("✗ could not try it: "+l.probeProblem, w)...)
	case !l.probed:
		return out
	}
	for i, part := range indented(l.reach.Verdict, w) {
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
			out = append(out, line+th.Good.Render("✓ yes")+", the first page after "+format.Elapsed(time.Duration(way.Took)))
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

// dnsLines returns whether the domain names the site already, and if not, when it will be resolved again.
func (l *liveStep) dnsLines(w int) []string {
	th := l.theme
	again := ""
	if left := resolveInterval - l.now.Sub(l.resolvedAt); !l.resolving && left >= time.Second {
		again = "; asked again in " + format.Duration(left)
	}
	switch {
	case l.resolving && l.name.Host == "":
		return []string{"    " + th.Progress.Render("◌ asking what DNS says")}
	case l.resolveProblem != "":
		return indented("✗ DNS could not be asked: "+l.resolveProblem+again, w)
	case l.domainAgrees():
		return []string{"    " + th.Good.Render("✓ DNS has it already")}
	case l.name.Infohash != "" && !l.name.Stale:
		text := "⚠ DNS still names " + format.Host(l.name.Infohash, 14)
		if left := l.name.Expires.Std().Sub(l.now); !l.name.Expires.IsZero() && left > 0 {
			text += ", and resolvers may keep that for " + format.Countdown(left)
		}
		return indented(text+again, w)
	}
	return indented("○ DNS does not have it yet"+again, w)
}

func indented(text string, w int) []string {
	var out []string
	for _, l := range format.Wrap(format.Text(text), max(w-6, 10)) {
		out = append(out, "    "+l)
	}
	return out
}
