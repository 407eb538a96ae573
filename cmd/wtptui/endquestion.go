package main

import (
	"context"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/ui"
)

// endQuestions passes requests to end the program to the person at the dashboard.
type endQuestions struct {
	requests chan ui.EndRequest
	// closed is closed when the person has left the dashboard, which answers every question with yes.
	closed chan struct{}
	close  func()
}

func newEndQuestions() endQuestions {
	closed := make(chan struct{})
	return endQuestions{requests: make(chan ui.EndRequest), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

// ending returns how the control server ends the program: it asks the person.
func (q endQuestions) ending() control.StopHandler {
	return control.StopHandler{AsksPerson: true, Stop: q.askPerson}
}

func (q endQuestions) askPerson(ctx context.Context) error {
	answer := make(chan bool, 1)
	request := ui.EndRequest{Answer: func(end bool) {
		select {
		case answer <- end:
		default: // Only the first answer counts.
		}
	}}
	select {
	case q.requests <- request:
	case <-q.closed:
		return nil
	case <-ctx.Done():
		return interruptedError(ctx, "stop")
	}
	select {
	case end := <-answer:
		if end {
			return nil
		}
		return &engine.Error{
			Op: "stop", Kind: engine.Refused, Msg: "the person at the dashboard has chosen to keep it running",
		}
	case <-q.closed:
		return nil
	case <-ctx.Done():
		return interruptedError(ctx, "stop")
	}
}
