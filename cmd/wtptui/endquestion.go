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
	asked chan ui.EndRequest
	// left is closed when the dashboard has been left, and with that every question is answered.
	left  chan struct{}
	leave func()
}

func newEndQuestions() endQuestions {
	left := make(chan struct{})
	return endQuestions{asked: make(chan ui.EndRequest), left: left, leave: sync.OnceFunc(func() { close(left) })}
}

// ending asks the person.
func (q endQuestions) ending() control.StopHandler {
	return control.StopHandler{AsksPerson: true, Stop: q.ask}
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
	case q.asked <- request:
	case <-q.left:
		return nil
	case <-ctx.Done():
		return interrupted(ctx, "stop")
	}
	select {
	case end := <-answer:
		if end {
			return nil
		}
		return &engine.Error{Op: "stop", Kind: engine.Refused, Msg: "the person at the dashboard wants it to go on"}
	case <-q.left:
		return nil
	case <-ctx.Done():
		return interrupted(ctx, "stop")
	}
}
