package publish

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/format"
	"wtptui/ui/keys"
	"wtptui/ui/layout"
	"wtptui/ui/theme"
)

// Do is what the pane lets others do. Each function runs within Update and returns the command that does it.
type Do struct {
	// Publish carries a request out, of which Dir is as it was typed; it reports Progress and then Done, with the number
	// that it was given. Stop ends it early.
	Publish func(job int, req engine.PublishRequest) tea.Cmd
	Stop    func()
	// Resolve asks what the domain points to, and reports Named; Probe tries to load the site, and reports Probed.
	Resolve func(job int, host string) tea.Cmd
	Probe   func(job int, host string) tea.Cmd
	// Published is told of the site that there is now.
	Published func(host string)
	// Copy puts a text into the clipboard, Open shows an address in the browser.
	Copy, Open func(text string) tea.Cmd
	// Forward gives the command that brings a local address to the other end of an SSH session; empty outside of one.
	Forward func(url string) string
}

// What the commands of Do report. Job is the number that they were given; what belongs to an older one is ignored.
type (
	// Progress is how far a publication is; Next waits for the next one.
	Progress struct {
		Job  int
		Now  engine.PublishProgress
		Next tea.Cmd
	}
	// Done is how a publication ended.
	Done struct {
		Job         int
		Publication engine.Publication
		Err         error
	}
	// Named is what the site's domain points to.
	Named struct {
		Job  int
		Name engine.Name
		Err  error
	}
	// Probed is who can load the site.
	Probed struct {
		Job   int
		Reach engine.Reach
		Err   error
	}
)

// step is a step on the way.
type step int

const (
	atFolder step = iota
	atCheck
	atReview
	atLive
)

// Pane is the window in which a folder is published.
type Pane struct {
	theme *theme.Theme
	do    Do
	step  step
	job   int

	folder folderStep
	check  checkStep
	review reviewStep
	live   liveStep

	// work is under way unless it is nil: a check, or the publication itself.
	work *work
	// wrong is what the engine said when it could not do what was asked.
	wrong string
}

// New opens the window with a folder and a domain, either of which may be empty.
func New(th *theme.Theme, dir, domain string, do Do) *Pane {
	p := &Pane{theme: th, do: do}
	p.folder = newFolder(th, dir, domain)
	p.check = newCheck(th)
	return p
}

// Full says that the window takes the whole place between header and toast line.
func (*Pane) Full() {}

// Situation names its keys.
func (p *Pane) Situation() string {
	if p.work != nil {
		return "working"
	}
	return [...]string{atFolder: "folder", atCheck: "check", atReview: "review", atLive: "live"}[p.step]
}

// Act carries out an action of the present step.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if p.work != nil {
		if a == keys.Cancel {
			p.stop()
		}
		return nil, true
	}
	p.wrong = ""
	switch p.step {
	case atFolder:
		return p.actFolder(a)
	case atCheck:
		return p.actCheck(a), true
	case atReview:
		return p.actReview(a), true
	}
	return p.actLive(a)
}

// Update takes what is typed or pasted, and what commands report.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case Completion:
		p.folder.complete(msg)
	case Progress:
		if p.work != nil && msg.Job == p.job {
			if p.work.now.Stage != msg.Now.Stage {
				p.work.begun = p.work.at
			}
			p.work.now = msg.Now
		}
		return msg.Next
	case Done:
		if p.work != nil && msg.Job == p.job {
			return p.done(msg)
		}
	case Named:
		if msg.Job == p.job {
			p.live.named(msg)
		}
	case Probed:
		if msg.Job == p.job {
			p.live.probed(msg)
		}
	default:
		if p.step == atFolder && p.work == nil {
			p.wrong = ""
			return p.folder.update(msg)
		}
	}
	return nil
}

// Watch takes the newest snapshot.
func (p *Pane) Watch(snap engine.Snapshot) tea.Cmd {
	if p.work != nil {
		p.work.at = snap.At.Std()
	}
	if p.step != atLive {
		return nil
	}
	return p.watchLive(snap)
}

// work is a publication, or its dry run, under way.
type work struct {
	req     engine.PublishRequest
	now     engine.PublishProgress
	begun   time.Time
	at      time.Time // when a snapshot came last
	stopped bool
}

// start lets the engine check or publish.
func (p *Pane) start(req engine.PublishRequest) tea.Cmd {
	p.job++
	p.wrong = ""
	p.work = &work{req: req, now: engine.PublishProgress{Stage: engine.PublishCheck}}
	return p.do.Publish(p.job, req)
}

// stop ends what is under way; its Done is still to come.
func (p *Pane) stop() {
	p.work.stopped = true
	p.do.Stop()
}

// done goes on to the next step, or says why not.
func (p *Pane) done(msg Done) tea.Cmd {
	w := p.work
	p.work = nil
	switch {
	case w.stopped && msg.Err != nil:
		p.wrong = "stopped: everything is as it was"
	case engine.KindOf(msg.Err) == engine.Refused && len(msg.Publication.Findings) > 0:
		p.check.take(msg.Publication.Findings, false)
		p.step = atCheck
	case msg.Err != nil:
		p.wrong = engine.Message(msg.Err)
		if p.step == atReview {
			p.step = atCheck
		}
	case !w.req.DryRun:
		p.step = atLive
		return p.goLive(msg.Publication)
	default:
		p.check.take(msg.Publication.Findings, true)
		p.review.take(w.req, msg.Publication)
		// From the folder the way leads past what was found, even if that is nothing.
		p.step = min(p.step+1, atReview)
	}
	return nil
}

// request is what would be asked of the engine with the decisions made so far.
func (p *Pane) request(dry bool) engine.PublishRequest {
	req := engine.PublishRequest{Dir: p.folder.dir(), Name: p.folder.name(), DryRun: dry}
	req.Keep, req.LeaveOut = p.check.decisions()
	return req
}

// View draws the steps and the present one in w by h cells.
func (p *Pane) View(w, h int) string {
	head := []string{"", p.theme.Border.Render(strings.Repeat("─", max(w, 0)))}
	room := max(h-headLines, 0)
	var body []string
	switch {
	case p.work != nil:
		body = p.viewWork(w)
	case p.step == atFolder:
		body = p.viewFolder(w, room)
	case p.step == atCheck:
		body = p.viewCheck(w, room)
	case p.step == atReview:
		body = p.viewReview(w, room)
	default:
		body = p.viewLive(w, room)
	}
	head[0] = p.steps(w)
	if p.step == atLive && p.live.window.More() != "" {
		more := p.live.window.More()
		head[0] = format.Fit(head[0], w-format.Width(more)-2) + " " + p.theme.Dim.Render(more)
	}
	return layout.Block(strings.Join(append(head, body...), "\n"), w, h)
}

// steps says where on the way one is.
func (p *Pane) steps(w int) string {
	th := p.theme
	parts := []string{}
	for i, name := range []string{"Folder", "Check", "Review", "Live"} {
		switch {
		case step(i) == p.step:
			parts = append(parts, th.Accent.Bold().Render("["+name+"]"))
		case step(i) < p.step:
			parts = append(parts, th.Good.Render("✓ "+name))
		default:
			parts = append(parts, th.Dim.Render(name))
		}
	}
	title := "Publish a folder"
	if p.step == atLive {
		title = "Published"
	}
	return format.Cut(" "+th.Strong.Render(title)+"   "+strings.Join(parts, th.Dim.Render(" → ")), w)
}

// problem is what went wrong last, wrapped.
func (p *Pane) problem(w int) []string {
	if p.wrong == "" {
		return nil
	}
	var out []string
	for _, l := range format.Wrap("✗ "+format.Text(p.wrong), max(w-4, 10)) {
		out = append(out, "  "+p.theme.Bad.Render(l))
	}
	return append(out, "")
}
