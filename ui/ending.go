package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"wtptui/ui/confirm"
	"wtptui/ui/keys"
)

// EndRequest is somebody's wish that this program ends, as `wtptui stop` has it.
type EndRequest struct {
	// Answer takes what the person says to it. It may be called at any time, and does not wait.
	Answer func(end bool)
}

// endRequestMsg says that a wish has arrived.
type endRequestMsg struct{ request EndRequest }

// awaitEndRequest waits for the next wish; nil if there will be none.
func awaitEndRequest(ctx context.Context, requests <-chan EndRequest) tea.Cmd {
	if requests == nil {
		return nil
	}
	return guarded(func() tea.Msg {
		select {
		case r := <-requests:
			return endRequestMsg{r}
		case <-ctx.Done():
			return nil
		}
	})
}

// readTime is how long a question that comes by itself takes no answer: what is pressed as it appears was meant for
// what was there before.
const readTime = 700 * time.Millisecond

// endWindow asks the person whether the program may end. However it closes, whoever has asked gets an answer.
type endWindow struct {
	*confirm.Pane
	request  EndRequest
	opened   time.Time
	now      func() time.Time
	answered bool
}

func newEndWindow(request EndRequest, now func() time.Time, pane *confirm.Pane) *endWindow {
	w := &endWindow{Pane: pane, request: request, opened: now(), now: now}
	pane.Title = "End this wtptui?"
	pane.Text = "`wtptui stop` asks for it, from somewhere else on this machine. It leaves all swarms and serves no pages " +
		"until it is started again; what is kept stays on the disk."
	pane.Verb = "End"
	pane.Do = func() tea.Cmd {
		w.answer(true)
		return tea.Quit
	}
	return w
}

func (w *endWindow) answer(end bool) {
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
	cmd, open = w.Pane.Act(a)
	if !open {
		w.answer(false)
	}
	return cmd, open
}

// Click is Act for the mouse.
func (w *endWindow) Click(x, y int, twice bool) (cmd tea.Cmd, open bool) {
	if w.now().Sub(w.opened) < readTime {
		return nil, true
	}
	cmd, open = w.Pane.Click(x, y, twice)
	if !open {
		w.answer(false)
	}
	return cmd, open
}

// showEndRequest asks the person about the first wish that nobody has been asked about, as soon as nothing lies on the
// screen and nothing is typed.
func showEndRequest(m *Model) {
	if len(m.endRequests) == 0 || m.window != nil || m.typing != nil {
		return
	}
	m.window = newEndWindow(m.endRequests[0], m.cfg.Now, &confirm.Pane{Theme: m.theme})
	m.endRequests = m.endRequests[1:]
}
