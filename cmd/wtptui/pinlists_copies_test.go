package main

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine/resolve"
	"wtptui/engine/swarm"
)

// swarmCounting counts a copy for each tracker that a question names, and notes the questions.
type swarmCounting struct{ asked []swarm.CopiesQuery }

func (s *swarmCounting) CountCopies(_ context.Context, queries []swarm.CopiesQuery) []swarm.CopiesAnswer {
	s.asked = queries
	answers := make([]swarm.CopiesAnswer, len(queries))
	for i, q := range queries {
		answers[i] = swarm.CopiesAnswer{Copies: len(q.Trackers), Fetching: 7, Met: 8}
	}
	return answers
}

// namesTold are the answers for some hosts.
type namesTold map[string]resolve.Answer

func (n namesTold) Resolve(_ context.Context, host string) (resolve.Answer, error) {
	if a, known := n[host]; known {
		return a, nil
	}
	return resolve.Answer{}, errors.New("nobody knows " + host)
}

// TestCountCopiesOfNames: what is asked of trackers is what the name says now, or said before, with the trackers that
// the list and the name give.
func TestCountCopiesOfNames(t *testing.T) {
	one, two, three := strings.Repeat("1", 40), strings.Repeat("2", 40), strings.Repeat("3", 40)
	s := &swarmCounting{}
	c := &copyCounter{s, namesTold{"new.example": {Infohash: one, Trackers: []string{
		"udp://a.example:1",
		"udp://b.example:1",
	}}}}
	got := c.CountCopies(t.Context(), []pinlist.CountRequest{
		{Address: "new.example"},
		{Address: "unknown.example"},
		{Address: "before.example", Infohash: two, Trackers: []string{"udp://c.example:1"}},
		{Address: "magnet:?xt=urn:btih:" + three + "&tr=udp://d.example:1", Infohash: three},
		{Address: "no address"},
	})
	want := []pinlist.CountResult{
		{Infohash: one, Trackers: []string{"udp://a.example:1", "udp://b.example:1"}, Copies: 2, Fetching: 7, Met: 8},
		{Copies: -1},
		{Infohash: two, Copies: 1, Fetching: 7, Met: 8},
		{Infohash: three, Copies: 1, Fetching: 7, Met: 8},
		{Copies: -1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if len(s.asked) != 3 {
		t.Errorf("asked %+v", s.asked)
	}
}
