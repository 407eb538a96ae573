package publish

import (
	"strings"

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
	// Recall asks from which folder a site was published here, and reports Recalled.
	Recall func(host string) tea.Cmd
	// Keys asks which keys this machine has, and reports Known.
	Keys func() tea.Cmd
	// Resolve asks what the domain points to, and reports Named; Probe tries to load the site, and reports Probed.
	Resolve func(job int, host string) tea.Cmd
	Probe   func(job int, host string) tea.Cmd
	// Published is told of the site that there is now.
	Published func(host string)
	// Copy puts a text into the clipboard, Open shows an address in the browser.
	Copy, Open func(text string) tea.Cmd
	// Forward returns the command that brings a local address to the other end of an SSH session; empty outside of one.
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
	// Recalled is how a site was published last.
	Recalled struct {
		Host string
		From engine.PublishedFrom
		Err  error
	}
	// Known are the keys of this machine; none where they could not be asked for.
	Known struct{ Keys []engine.Key }
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

// The steps, in their order.
const (
	atFolder = iota
	atCheck
	atReview
	atLive
)

// Pane is the window in which a folder is published.
type Pane struct {
	theme *theme.Theme
	do    Do
	at    int // which step is shown, unless work is under way
	job   int

	folder *folderStep
	check  *checkStep
	review *reviewStep
	live   *liveStep

	// work is under way unless it is nil: a check, or the publication itself.
	work    *workStep
	problem problem
}

// New opens the window with a folder and a domain, either of which may be empty.
func New(th *theme.Theme, dir, domain string, do Do) *Pane {
	p := &Pane{theme: th, do: do, problem: problem{theme: th}}
	p.folder = newFolder(th, &p.problem, dir, domain)
	p.check = newCheck(th, &p.problem)
	p.review = &reviewStep{theme: th, problem: &p.problem}
	p.live = &liveStep{theme: th, problem: &p.problem, do: &p.do}
	return p
}

// Again is told, right after New, that a new version of a site that was published here is most likely meant: it is
// asked where that was. title is what the site is called.
func (p *Pane) Again(host, title string) tea.Cmd {
	p.folder.awaitFolder(host, title)
	return p.do.Recall(host)
}

// ListKeys asks which keys there are, right after New.
func (p *Pane) ListKeys() tea.Cmd { return p.do.Keys() }

// step is what is shown now.
func (p *Pane) step() step {
	if p.work != nil {
		return p.work
	}
	return [...]step{atFolder: p.folder, atCheck: p.check, atReview: p.review, atLive: p.live}[p.at]
}

// Full says that the window takes the whole place between header and toast line.
func (*Pane) Full() {}

// Situation names its keys.
func (p *Pane) Situation() string { return p.step().situation() }

// Idle reports whether an action has nothing to do now.
func (p *Pane) Idle(a keys.Action) bool { return p.step().idle(a) }

// headLines are the lines above the present step: the names of all steps, and a rule.
const headLines = 2

// Click goes to the field at x, y, selects the finding there, or gives the answer there.
func (p *Pane) Click(x, y int, twice bool) (cmd tea.Cmd, open bool) {
	if y < headLines {
		return nil, true
	}
	if a := p.step().click(x, y-headLines, twice); a != "" {
		return p.Act(a)
	}
	return nil, true
}

// Act carries out an action of the present step.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if p.work == nil {
		p.problem.text = ""
	}
	cmd, what := p.step().act(a)
	switch what {
	case nothing:
	case toFolder:
		p.at = atFolder
	case toCheck:
		p.at = atCheck
	case toReview:
		p.at = atReview
	case doCheck:
		if p.at == atFolder { // It may be another one.
			p.check.forget()
		}
		p.at = atFolder
		cmd = p.startJob(true)
	case doReview:
		cmd = p.startJob(true)
	case doPublish:
		cmd = p.startJob(false)
	case doStop: // Its Done is still to come.
		p.work.stopped = true
		p.do.Stop()
	case doClose:
		return cmd, false
	}
	return cmd, true
}

// Update takes what is typed or pasted, and what commands report.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case Completion:
		p.folder.complete(msg)
	case Recalled:
		p.folder.handleRecalled(msg)
	case Known:
		p.folder.known = msg.Keys
	case Progress:
		if p.work != nil && msg.Job == p.job {
			p.work.setProgress(msg.Now)
		}
		return msg.Next
	case Done:
		if p.work != nil && msg.Job == p.job {
			return p.handleDone(msg)
		}
	case Named:
		if msg.Job == p.job {
			p.live.handleNamed(msg)
		}
	case Probed:
		if msg.Job == p.job {
			p.live.handleProbed(msg)
		}
	default:
		if p.step() == step(p.folder) {
			p.problem.text = ""
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
	if p.at != atLive {
		return nil
	}
	return p.live.watch(snap)
}

// startJob lets the engine check or publish, with the decisions made so far.
func (p *Pane) startJob(dry bool) tea.Cmd {
	req := engine.PublishRequest{Dir: p.folder.dir(), Name: p.folder.name(), Key: p.folder.key(), DryRun: dry}
	req.InPlace = p.folder.inPlace()
	req.WriteIgnore = !dry && p.review.writeIgnore
	req.TakeOver = !dry && p.review.rival != ""
	req.Keep, req.LeaveOut = p.check.decisions()
	p.job++
	p.problem.text = ""
	p.work = &workStep{theme: p.theme, req: req, now: engine.PublishProgress{Stage: engine.PublishCheck}}
	return p.do.Publish(p.job, req)
}

// handleDone goes on to the next step, or says why not.
func (p *Pane) handleDone(msg Done) tea.Cmd {
	w := p.work
	p.work = nil
	switch {
	case w.stopped && msg.Err != nil:
		p.problem.text = "stopped: everything is as it was"
	case engine.KindOf(msg.Err) == engine.Refused && len(msg.Publication.Findings) > 0:
		p.check.showFound(msg.Publication.Findings, false)
		p.at = atCheck
	case p.at == atReview && !w.req.DryRun && msg.Publication.Host == "" && isRival(msg.Err):
		p.review.askTakeOver(msg.Err)
	case msg.Err != nil && (w.req.DryRun || msg.Publication.Host == ""):
		p.problem.text = engine.Message(msg.Err)
		switch p.at {
		case atFolder:
			p.problem.text += p.folder.movedText(msg.Err)
		case atReview:
			p.at = atCheck
		}
	case !w.req.DryRun: // It is published, even if something failed after that.
		p.at = atLive
		p.problem.text = engine.Message(msg.Err)
		return p.live.showPublished(p.job, w.req, msg.Publication)
	default:
		p.check.showFound(msg.Publication.Findings, true)
		p.review.showPlan(w.req, msg.Publication, p.check.leftOut(), p.folder.again())
		// From the folder the way leads past what was found, even if that is nothing.
		p.at = min(p.at+1, atReview)
	}
	return nil
}

// View draws the names of the steps and the present one in w by h cells.
func (p *Pane) View(w, h int) string {
	head := []string{p.stepNames(w), p.theme.Border.Render(strings.Repeat("─", max(w, 0)))}
	body := p.step().view(w, max(h-headLines, 0))
	if p.at == atLive && p.live.window.More() != "" {
		more := p.live.window.More()
		head[0] = format.Fit(head[0], w-format.Width(more)-2) + " " + p.theme.Dim.Render(more)
	}
	return layout.Block(strings.Join(append(head, body...), "\n"), w, h)
}

// stepNames says where on the way one is.
func (p *Pane) stepNames(w int) string {
	th := p.theme
	parts := []string{}
	for i, name := range []string{"Folder", "Check", "Review", "Live"} {
		switch {
		case i == p.at:
			parts = append(parts, th.Accent.Bold().Render("["+name+"]"))
		case i < p.at:
			parts = append(parts, th.Good.Render("✓ "+name))
		default:
			parts = append(parts, th.Dim.Render(name))
		}
	}
	title := p.folder.title()
	if p.at == atLive {
		title = "Published"
	}
	return format.Cut(" "+th.Strong.Render(title)+"   "+strings.Join(parts, th.Dim.Render(" → ")), w)
}
