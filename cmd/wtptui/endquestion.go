package main

import (
	"context"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/control"
	"wtptui/ui"
)

// endQuestions has the person at a dashboard asked whether the program may end.
type endQuestions struct {
	requests chan ui.EndRequest
	// left is closed when the dashboard has been left, and with that every question is answered.
	closed chan struct{}
	close  func()
}

func newEndQuestions() endQuestions {
	closed := make(chan struct{})
	return endQuestions{requests: make(chan ui.EndRequest), closed: closed, close: sync.OnceFunc(func() { close(closed) })}
}

// ending asks the person.
func (q endQuestions) ending() control.Ending {
	return control.Ending{Asks: true, End: q.ask}
}

func (q endQuestions) ask(ctx context.Context) error {
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
		return &engine.Error{Op: "stop", Kind: engine.Refused, Msg: "the person at the dashboard wants it to go on"}
	case <-q.closed:
		return nil
	case <-ctx.Done():
		return interruptedError(ctx, "stop")
	}
}
