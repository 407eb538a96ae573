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

// recordingSwarm counts a copy for each tracker of a query, and records the queries.
type recordingSwarm struct{ queries []swarm.CopiesQuery }

func (s *recordingSwarm) CountCopies(_ context.Context, queries []swarm.CopiesQuery) []swarm.CopiesAnswer {
	s.queries = queries
	answers := make([]swarm.CopiesAnswer, len(queries))
	for i, q := range queries {
		answers[i] = swarm.CopiesAnswer{Copies: len(q.Trackers), Fetching: 7, Met: 8}
	}
	return answers
}

// fakeResolver returns fixed answers.
type fakeResolver map[string]resolve.Answer

func (n fakeResolver) Resolve(_ context.Context, host string) (resolve.Answer, error) {
	if a, known := n[host]; known {
		return a, nil
	}
	return resolve.Answer{}, errors.New("nobody knows " + host)
}

// The queries have the infohash to which the name resolves, or that of before, with the trackers of the list and of the
// name.
func TestCountCopiesOfNames(t *testing.T) {
	one, two, three := strings.Repeat("1", 40), strings.Repeat("2", 40), strings.Repeat("3", 40)
	s := &recordingSwarm{}
	c := &copyCounter{s, fakeResolver{"new.example": {Infohash: one, Trackers: []string{
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
	if len(s.queries) != 3 {
		t.Errorf("asked %+v", s.queries)
	}
}
