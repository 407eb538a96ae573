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

// Commands are the functions through which the pane acts. Each runs within Update and returns the command that does it.
type Commands struct {
	// Publish publishes, or checks in a dry run, a request whose Dir is as it was typed. It reports Progress and then
	// Done, with the number of the job. Stop ends it early.
	Publish func(job int, req engine.PublishRequest) tea.Cmd
	Stop    func()
	// LoadLast requests how a site was last published here, and reports LastLoaded.
	LoadLast func(host string) tea.Cmd
	// LoadKeys requests the keys of this machine, and reports KeysLoaded.
	LoadKeys func() tea.Cmd
	// Resolve resolves the domain, and reports Resolved; Probe tries to load the site, and reports Probed.
	Resolve func(job int, host string) tea.Cmd
	Probe   func(job int, host string) tea.Cmd
	// Published is called with the new site.
	Published func(host string)
	// Copy copies a text to the clipboard, Open opens an address in the browser.
	Copy, Open func(text string) tea.Cmd
	// Forward returns the command that forwards a local address to the other end of an SSH session; empty outside of one.
	Forward func(url string) string
}

// The messages of Commands. Job is the number of the job that they belong to; those of an older one are ignored.
type (
	// Progress is how far a job is; Next waits for the next message.
	Progress struct {
		Job  int
		Now  engine.PublishProgress
		Next tea.Cmd
	}
	// Done is the result of a job.
	Done struct {
		Job         int
		Publication engine.Publication
		Err         error
	}
	// LastLoaded is how a site was published last.
	LastLoaded struct {
		Host string
		From engine.PublishedFrom
		Err  error
	}
	// KeysLoaded are the keys of this machine; none if they could not be requested.
	KeysLoaded struct{ Keys []engine.Key }
	// Resolved is what the site's domain points to.
	Resolved struct {
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
	theme    *theme.Theme
	commands Commands
	step     int // which step is shown, unless work is under way
	job      int

	folder *folderStep
	check  *checkStep
	review *reviewStep
	live   *liveStep

	// work is under way unless it is nil: a check, or the publication itself.
	work    *workStep
	problem problem
}

// New returns the window with a folder and a domain, either of which may be empty.
func New(th *theme.Theme, dir, domain string, commands Commands) *Pane {
	p := &Pane{theme: th, commands: commands, problem: problem{theme: th}}
	p.folder = newFolder(th, &p.problem, dir, domain)
	p.check = newCheck(th, &p.problem)
	p.review = &reviewStep{theme: th, problem: &p.problem}
	p.live = &liveStep{theme: th, problem: &p.problem, commands: &p.commands}
	return p
}

// SetNewVersionOf must be called right after New, if at all. It sets the site that was published here and of which a
// new version is most likely meant, and requests how it was published last. title is the site's name.
func (p *Pane) SetNewVersionOf(host, title string) tea.Cmd {
	p.folder.awaitLast(host, title)
	return p.commands.LoadLast(host)
}

// LoadKeys requests the keys that can be offered. It must be called right after New.
func (p *Pane) LoadKeys() tea.Cmd { return p.commands.LoadKeys() }

// shownStep returns the step that is shown now.
func (p *Pane) shownStep() step {
	if p.work != nil {
		return p.work
	}
	return [...]step{atFolder: p.folder, atCheck: p.check, atReview: p.review, atLive: p.live}[p.step]
}

// Full marks the window as one that takes the whole body.
func (*Pane) Full() {}

// Situation names the stack of scopes that is in force.
func (p *Pane) Situation() string { return p.shownStep().situation() }

// HasNoEffect reports whether an action has no effect now.
func (p *Pane) HasNoEffect(a keys.Action) bool { return p.shownStep().hasNoEffect(a) }

// headLines is how many lines are above the present step: the names of all steps, and a rule.
const headLines = 2

// Click goes to the field at x, y, selects the finding there, or gives the answer there.
func (p *Pane) Click(x, y int, twice bool) (cmd tea.Cmd, open bool) {
	if y < headLines {
		return nil, true
	}
	if a := p.shownStep().click(x, y-headLines, twice); a != "" {
		return p.Act(a)
	}
	return nil, true
}

// Act carries out an action of the present step.
func (p *Pane) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if p.work == nil {
		p.problem.text = ""
	}
	cmd, what := p.shownStep().act(a)
	switch what {
	case nothing:
	case toFolder:
		p.step = atFolder
	case toCheck:
		p.step = atCheck
	case toReview:
		p.step = atReview
	case doCheck:
		if p.step == atFolder { // It may be another one.
			p.check.clearDecisions()
		}
		p.step = atFolder
		cmd = p.startJob(true)
	case doReview:
		cmd = p.startJob(true)
	case doPublish:
		cmd = p.startJob(false)
	case doStop: // Its Done is still to come.
		p.work.stopped = true
		p.commands.Stop()
	case doClose:
		return cmd, false
	}
	return cmd, true
}

// Update handles keys and pastes, and the messages of commands.
func (p *Pane) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case Completion:
		p.folder.applyCompletion(msg)
	case LastLoaded:
		p.folder.handleLastLoaded(msg)
	case KeysLoaded:
		p.folder.keys = msg.Keys
	case Progress:
		if p.work != nil && msg.Job == p.job {
			p.work.setProgress(msg.Now)
		}
		return msg.Next
	case Done:
		if p.work != nil && msg.Job == p.job {
			return p.handleDone(msg)
		}
	case Resolved:
		if msg.Job == p.job {
			p.live.handleResolved(msg)
		}
	case Probed:
		if msg.Job == p.job {
			p.live.handleProbed(msg)
		}
	default:
		if p.shownStep() == step(p.folder) {
			p.problem.text = ""
			return p.folder.update(msg)
		}
	}
	return nil
}

// Watch sets the newest snapshot.
func (p *Pane) Watch(snap engine.Snapshot) tea.Cmd {
	if p.work != nil {
		p.work.snapshotAt = snap.At.Std()
	}
	if p.step != atLive {
		return nil
	}
	return p.live.watch(snap)
}

// startJob lets the engine check or publish, with the decisions made so far.
func (p *Pane) startJob(dry bool) tea.Cmd {
	req := engine.PublishRequest{Dir: p.folder.dir(), Name: p.folder.name(), Key: p.folder.key(), DryRun: dry}
	req.InPlace = p.folder.inPlace()
	req.WriteIgnore = !dry && p.review.writeIgnore
	req.TakeOver = !dry && p.review.rivalText != ""
	req.Keep, req.LeaveOut = p.check.keepAndLeaveOut()
	p.job++
	p.problem.text = ""
	p.work = &workStep{theme: p.theme, req: req, progress: engine.PublishProgress{Stage: engine.PublishCheck}}
	return p.commands.Publish(p.job, req)
}

// handleDone goes on to the next step, or shows why that is not possible.
func (p *Pane) handleDone(msg Done) tea.Cmd {
	w := p.work
	p.work = nil
	switch {
	case w.stopped && msg.Err != nil:
		p.problem.text = "stopped: nothing was changed"
	case engine.KindOf(msg.Err) == engine.Refused && len(msg.Publication.Findings) > 0:
		p.check.showFindings(msg.Publication.Findings, false)
		p.step = atCheck
	case p.step == atReview && !w.req.DryRun && msg.Publication.Host == "" && isRivalError(msg.Err):
		p.review.askTakeOver(msg.Err)
	case msg.Err != nil && (w.req.DryRun || msg.Publication.Host == ""):
		p.problem.text = engine.Message(msg.Err)
		switch p.step {
		case atFolder:
			p.problem.text += p.folder.movedText(msg.Err)
		case atReview:
			p.step = atCheck
		}
	case !w.req.DryRun: // It is published, even if something failed after that.
		p.step = atLive
		p.problem.text = engine.Message(msg.Err)
		return p.live.showPublished(p.job, w.req, msg.Publication)
	default:
		p.check.showFindings(msg.Publication.Findings, true)
		p.review.showPlan(w.req, msg.Publication, p.check.leftOut(), p.folder.isNewVersion())
		// From the folder the way leads past what was found, even if that is nothing.
		p.step = min(p.step+1, atReview)
	}
	return nil
}

// View draws the names of the steps and the present one in w by h cells.
func (p *Pane) View(w, h int) string {
	head := []string{p.stepNames(w), p.theme.Border.Render(strings.Repeat("─", max(w, 0)))}
	body := p.shownStep().view(w, max(h-headLines, 0))
	if p.step == atLive && p.live.window.More() != "" {
		more := p.live.window.More()
		head[0] = format.Fit(head[0], w-format.Width(more)-2) + " " + p.theme.Dim.Render(more)
	}
	return layout.Block(strings.Join(append(head, body...), "\n"), w, h)
}

// stepNames returns the names of all steps, with the present one marked.
func (p *Pane) stepNames(w int) string {
	th := p.theme
	parts := []string{}
	for i, name := range []string{"Folder", "Check", "Review", "Live"} {
		switch {
		case i == p.step:
			parts = append(parts, th.Accent.Bold().Render("["+name+"]"))
		case i < p.step:
			parts = append(parts, th.Good.Render("✓ "+name))
		default:
			parts = append(parts, th.Dim.Render(name))
		}
	}
	title := p.folder.title()
	if p.step == atLive {
		title = "Published"
	}
	return format.Cut(" "+th.Strong.Render(title)+"   "+strings.Join(parts, th.Dim.Render(" → ")), w)
}
