package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"wtptui/cmd/wtptui/pinlist"
	"wtptui/engine"
)

// putState writes a state like the running engine.
func putState(t *testing.T, lists pinlist.Folder, s pinlist.State) {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.Replace(lists.OrderFile(s.Order.Source), ".order.", ".state.", 1)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// listWaitTest is a state of an order while the verb waits for it.
type listWaitTest struct {
	name string
	// first is the state at the beginning, and then the state a quarter of an hour later.
	first, then pinlist.State
	stops       bool // the engine ends meanwhile
	want        pinlist.State
	fails       string
}

// run waits for the order, which takes a quarter of an hour of virtual time, and compares what the verb reports.
func (tc listWaitTest) run(t *testing.T, order pinlist.Order) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		folder, err := lockDataFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer folder.lock.Close()
		p := &listVerb{client: newClient(environment{}, &settings{DataDir: dir})}
		putState(t, p.lists(), tc.first)
		later := time.AfterFunc(15*time.Minute, func() {
			putState(t, p.lists(), tc.then)
			if tc.stops {
				folder.lock.Close()
			}
		})
		defer later.Stop()
		got, err := p.awaitList(t.Context(), order)
		if tc.fails != "" {
			if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), tc.fails) {
				t.Errorf("got %v", err)
			}
			return
		}
		got = pinlist.State{Applied: got.Applied, Pinned: got.Pinned, Sites: got.Sites, Error: got.Error}
		want := pinlist.State{
			Applied: tc.want.Applied, Pinned: tc.want.Pinned, Sites: tc.want.Sites, Error: tc.want.Error,
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, tc.want)
		}
		wantErr := !tc.want.Applied
		if err := unfinishedError(order, got); (err != nil) != wantErr {
			t.Errorf("it ends with %v", err)
		}
	})
}

// The verb waits for an order that takes long, and does not report one as done that is not. Time is virtual.
func TestPinWaitsForTheList(t *testing.T) {
	order := pinlist.Order{Source: "/lists/sites.txt", At: now}
	older := pinlist.State{
		Order: pinlist.Order{Source: order.Source, At: now.Add(-time.Hour)}, Applied: true, Sites: 9, Pinned: 9,
	}
	pinning := pinlist.State{
		Order: order, Sites: 2, Pinned: 1,
		Marks: map[string]pinlist.Mark{"a.example": pinlist.Ours, "b.example": pinlist.Intended},
	}
	done := pinlist.State{Order: order, Sites: 2, Pinned: 2, Applied: true}
	failing := pinlist.State{
		Order: order, Sites: 2, Pinned: 1, Failures: 1, Error: "cannot pin b.example: the disk is full",
	}
	waiting := pinlist.State{Order: order, Error: "waits for lists.example: peers"}
	for _, tc := range []listWaitTest{
		{name: "done", first: done, want: done},
		{name: "long", first: pinning, then: done, want: done},
		{name: "long, and then a difficulty", first: pinning, then: failing, want: failing},
		{
			name: "long, and then another order", first: pinning, then: older,
			want: pinlist.State{Error: "it has not read the list yet"},
		},
		{name: "the engine ends", first: pinning, then: pinning, stops: true, fails: "has stopped: it pins the rest"},
		{name: "not read", first: older, then: done, want: pinlist.State{Error: "it has not read the list yet"}},
		{name: "a site that nobody has", first: waiting, then: done, want: waiting},
	} {
		t.Run(tc.name, func(t *testing.T) { tc.run(t, order) })
	}
	followed := order
	followed.Follow = true
	if err := unfinishedError(followed, waiting); err != nil {
		t.Errorf("a list that is followed ends with %v", err)
	}
}

func TestWaitingForAListCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := &listVerb{client: newClient(environment{}, &settings{DataDir: t.TempDir()})}
	_, err := p.awaitList(ctx, pinlist.Order{Source: "/lists/sites.txt", At: now})
	if engine.KindOf(err) != engine.Unavailable || !strings.Contains(engine.Message(err), "goes on with the list") {
		t.Errorf("got %v", err)
	}
}
