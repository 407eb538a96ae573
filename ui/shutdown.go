package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/engine"
	"wtptui/ui/dialog"
	"wtptui/ui/keys"
	"wtptui/ui/question"
	"wtptui/ui/theme"
)

// EndRequest is a request from outside that this program ends, as `wtptui stop` sends it.
type EndRequest struct {
	// Answer must be called with the person's answer. It may be called at any time, and does not wait.
	Answer func(end bool)
}

// shutdown ends the program on request, or the engine that it is attached to.
type shutdown struct {
	cfg    *Config
	conn   *connection
	screen *screen
	// requests are those that the person has not been asked about yet.
	requests []EndRequest
}

type (
	// endRequestMsg has a request that the program ends.
	endRequestMsg struct{ request EndRequest }
	// engineStoppedMsg reports that the engine has ended, or why not.
	engineStoppedMsg struct{ err error }
)

// awaitRequest returns a command that waits for the next request; nil if there will be none.
func (e *shutdown) awaitRequest() tea.Cmd {
	ctx, requests := e.conn.ctx, e.cfg.EndRequests
	if requests == nil {
		return nil
	}
	return guardPanic(func() tea.Msg {
		select {
		case r := <-requests:
			return endRequestMsg{r}
		case <-ctx.Done():
			return nil
		}
	})
}

func (e *shutdown) handleRequest(msg endRequestMsg) tea.Cmd {
	e.requests = append(e.requests, msg.request)
	return e.awaitRequest()
}

// showRequest asks the person about the next request, as soon as no window is open and nothing is being typed.
func (e *shutdown) showRequest() {
	if len(e.requests) == 0 || e.screen.windows.shown != nil || e.screen.filter.typing() {
		return
	}
	e.screen.windows.shown = newEndWindow(e.requests[0], e.cfg.Now, e.screen.theme)
	e.requests = e.requests[1:]
}

// askStop asks before it ends the engine that the dashboard is attached to.
func (e *shutdown) askStop() {
	stop, ctx := e.cfg.StopEngine, e.conn.ctx
	if stop == nil {
		key := e.screen.keys.FirstKey(keys.Quit)
		e.screen.toast.ShowNothingDone("No engine of this machine runs in the background: " + key + " ends the dashboard")
		return
	}
	e.screen.windows.askQuestion(question.Question{
		Title: "End the engine?", Verb: "End",
		Text: "The engine in the background leaves all swarms and serves no pages until it is started again; its data " +
			"stays on the disk. The dashboard closes.",
	}, func() tea.Cmd {
		e.screen.toast.Show(engine.Info, "Ending the engine")
		return guardPanic(func() tea.Msg { return engineStoppedMsg{stop(ctx)} })
	})
}

func (e *shutdown) handleStopped(msg engineStoppedMsg) tea.Cmd {
	if msg.err == nil {
		return tea.Quit
	}
	e.screen.toast.Show(engine.Problem, "The engine could not be ended: "+engine.Message(msg.err))
	return nil
}

// readTime is how long a question that appears by itself ignores answers: a key pressed as it appears was meant for
// something else.
const readTime = 700 * time.Millisecond

// endWindow asks the person whether the program may end. However it closes, the request gets an answer.
type endWindow struct {
	*dialog.Form
	request  EndRequest
	opened   time.Time
	now      func() time.Time
	answered bool
}

func newEndWindow(request EndRequest, now func() time.Time, th *theme.Theme) *endWindow {
	w := &endWindow{request: request, opened: now(), now: now}
	const text = "Somebody on this machine has run `wtptui stop`. wtptui then leaves all swarms and serves no pages " +
		"until it is started again; its data stays on the disk."
	w.Form = dialog.NewQuestion(th, "End this wtptui?", text, "End", func() tea.Cmd {
		w.answerOnce(true)
		return tea.Quit
	})
	return w
}

func (w *endWindow) answerOnce(end bool) {
	if !w.answered {
		w.answered = true
		w.request.Answer(end)
	}
}

// Act answers the question once there was time to read it.
func (w *endWindow) Act(a keys.Action) (cmd tea.Cmd, open bool) {
	if w.now().Sub(w.opened) < readTime {
		return nil, true
	}
	cmd, open = w.Form.Act(a)
	if !open {
		w.answerOnce(false)
	}
	return cmd, open
}

// Click is Act for the mouse.
func (w *endWindow) Click(x, y int, twice bool) (cmd tea.Cmd, open bool) {
	if w.now().Sub(w.opened) < readTime {
		return nil, true
	}
	cmd, open = w.Form.Click(x, y, twice)
	if !open {
		w.answerOnce(false)
	}
	return cmd, open
}
