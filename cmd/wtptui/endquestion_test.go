package main

import (
	"context"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

// The program ends if the person agrees, or leaves the dashboard.
func TestEndQuestions(t *testing.T) {
	t.Parallel()
	q := newEndQuestions()
	ask := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() { done <- q.ending().Stop(ctx) }()
		return done
	}
	for _, yes := range []bool{true, false} {
		done := ask(t.Context())
		request := enginetest.Receive(t, q.requests, "the question")
		request.Answer(yes)
		request.Answer(!yes)
		err := enginetest.Receive(t, done, "the answer")
		if yes && err != nil || !yes && engine.KindOf(err) != engine.Refused {
			t.Errorf("the person says %t: %v", yes, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := ask(ctx)
	enginetest.Receive(t, q.requests, "the question")
	cancel()
	if err := enginetest.Receive(t, done, "the answer"); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("nobody waits any more: %v", err)
	}
	shown, unseen := ask(t.Context()), ask(t.Context())
	enginetest.Receive(t, q.requests, "the question")
	q.close()
	for _, done := range []<-chan error{shown, unseen} {
		if err := enginetest.Receive(t, done, "the answer"); err != nil {
			t.Errorf("the person has left: %v", err)
		}
	}
}
