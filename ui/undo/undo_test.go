package undo

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"wtptui/engine"
)

func verbChange(v engine.Verb, hosts ...string) Change { return Change{Verb: v, Hosts: hosts} }

func newSite(host string, with ...func(*engine.Site)) engine.Site {
	s := engine.Site{Host: host, State: engine.Seeding}
	for _, w := range with {
		w(&s)
	}
	return s
}

func isPinned(s *engine.Site)     { s.Pinned = true }
func isPaused(s *engine.Site)     { s.State = engine.Paused }
func isFound(s *engine.Site)      { s.State = engine.Found }
func isNoClearnet(s *engine.Site) { s.NoClearnet = true }

func labelled(labels ...string) func(*engine.Site) {
	return func(s *engine.Site) { s.Labels = labels }
}

func withEnough(n int) func(*engine.Site) { return func(s *engine.Site) { s.Enough = n } }

func held(hash, next string) func(*engine.Site) {
	return func(s *engine.Site) { s.Held, s.Infohash, s.NextInfohash = true, hash, next }
}

func TestNewEntryKnowsTheWayBack(t *testing.T) {
	set := func(a engine.Assignment) Change { return Change{Assign: &a, Hosts: []string{"a", "b"}} }
	for _, tc := range []struct {
		name      string
		change    Change
		before    []engine.Site
		undo      []Change
		does, way string
	}{
		{
			"pin", verbChange(engine.Pin, "a", "b"),
			[]engine.Site{newSite("a"), newSite("b", isPinned)},
			[]Change{verbChange(engine.Unpin, "a")},
			"pin X", "unpin X",
		},
		{"pin what was found", verbChange(engine.Pin, "a"), []engine.Site{newSite("a", isFound)}, nil, "", ""},
		{
			"unpin", verbChange(engine.Unpin, "a"),
			[]engine.Site{newSite("a", isPinned)},
			[]Change{verbChange(engine.Pin, "a")},
			"unpin X",
			"pin X",
		},
		{
			"pause", verbChange(engine.Pause, "a", "b"),
			[]engine.Site{newSite("a"), newSite("b", isPaused)},
			[]Change{verbChange(engine.Resume, "a")},
			"pause X", "resume X",
		},
		{
			"resume", verbChange(engine.Resume, "a", "b"),
			[]engine.Site{newSite("a", isFound), newSite("b", isPaused)},
			[]Change{verbChange(engine.Pause, "b")},
			"resume X", "pause X",
		},
		{
			"close", verbChange(engine.NoClearnet, "a"),
			[]engine.Site{newSite("a")},
			[]Change{verbChange(engine.Clearnet, "a")},
			"keep X from asking other servers", "let X ask other servers",
		},
		{"close what is closed", verbChange(engine.NoClearnet, "a"), []engine.Site{newSite("a", isNoClearnet)}, nil, "", ""},
		{
			"evict", verbChange(engine.Evict, "a"),
			[]engine.Site{newSite("a")},
			[]Change{verbChange(engine.Undo, "a")},
			"evict X",
			"bring back X",
		},
		{
			"remove", verbChange(engine.Remove, "a"),
			[]engine.Site{newSite("a", isPinned)},
			[]Change{verbChange(engine.Undo, "a")},
			"remove X",
			"bring back X",
		},
		{"touch", verbChange(engine.Touch, "a"), []engine.Site{newSite("a")}, nil, "", ""},
		{"bring back", verbChange(engine.Undo, "a"), []engine.Site{newSite("a")}, nil, "", ""},
		{"nothing", verbChange(engine.Pin), nil, nil, "", ""},
		{
			"switch",
			Change{Version: &Version{"", "abc"}, Hosts: []string{"a"}},
			[]engine.Site{newSite("a")},
			[]Change{{Version: &Version{"abc", ""}, Hosts: []string{"a"}}},
			"switch X to abc", "let X follow its owner",
		},
		{
			"limits",
			Change{Limits: &Limits{engine.Limits{}, engine.Limits{Down: 1000}}},
			nil,
			[]Change{{Limits: &Limits{engine.Limits{Down: 1000}, engine.Limits{}}}},
			"set the limits: download 1000 B/s", "lift the limits",
		},
		{
			"label", set(engine.Assignment{Label: []string{"news"}}),
			[]engine.Site{newSite("a"), newSite("b", labelled("news"))},
			[]Change{{Assign: &engine.Assignment{Unlabel: []string{"news"}}, Hosts: []string{"a"}}},
			"put the label news on X", "take the label news off X",
		},
		{
			"unlabel", set(engine.Assignment{Unlabel: []string{"news"}}),
			[]engine.Site{newSite("a"), newSite("b", labelled("news"))},
			[]Change{{Assign: &engine.Assignment{Label: []string{"news"}}, Hosts: []string{"b"}}},
			"take the label news off X", "put the label news on X",
		},
		{
			"enough", set(engine.Assignment{SetEnough: true, Enough: 3}),
			[]engine.Site{newSite("a"), newSite("b", withEnough(-1))},
			[]Change{
				{Assign: &engine.Assignment{SetEnough: true}, Enough: 3, Hosts: []string{"a"}},
				{Assign: &engine.Assignment{SetEnough: true, Enough: -1}, Enough: 3, Hosts: []string{"b"}},
			},
			"let X rest while 3 others seed it", "let X rest as all sites do",
		},
	} {
		e, ok := NewEntry(tc.change, tc.before, "X")
		if ok != (tc.undo != nil) {
			t.Errorf("%s: can be undone: %v", tc.name, ok)
			continue
		}
		if !ok {
			continue
		}
		if diff := cmp.Diff(tc.undo, e.Undo); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
		if e.RedoPhrase() != tc.does || e.UndoPhrase() != tc.way {
			t.Errorf("%s: %q, %q", tc.name, e.RedoPhrase(), e.UndoPhrase())
		}
		if !e.isValid() {
			t.Errorf("%s: it would not be read again", tc.name)
		}
	}
}

// changedState returns the state of an engine whose sites others may have changed: each is named after what it is.
func changedState() EngineState {
	here := []engine.Site{
		newSite("pinned", isPinned), newSite("free"), newSite("paused", isPaused), newSite("closed", isNoClearnet),
		newSite("held", held("old", "")),
		newSite("turning", held("old", "new")), newSite("news", labelled("news")), newSite("rests", withEnough(3)),
		newSite("own", isPinned, func(s *engine.Site) { s.Own = true }),
	}
	return EngineState{
		Lookup: func(host string) (engine.Site, bool) {
			i := slices.IndexFunc(here, func(s engine.Site) bool { return s.Host == host })
			if i < 0 {
				return engine.Site{}, false
			}
			return here[i], true
		},
		Limits: func(label, _ string) engine.Limits { return engine.Limits{Label: label, Up: 500} },
	}
}

// A change that somebody else has made since is kept.
func TestPlanSkipsWhatOthersHaveChanged(t *testing.T) {
	now := changedState()
	limits := func(from int64) Change {
		return Change{Limits: &Limits{From: engine.Limits{Up: from}, To: engine.Limits{}}}
	}
	version := func(host, from string) Change { return Change{Version: &Version{From: from}, Hosts: []string{host}} }
	assign := func(host string, a engine.Assignment, enough int) Change {
		return Change{Assign: &a, Enough: enough, Hosts: []string{host}}
	}
	for _, tc := range []struct {
		change Change
		does   int // hosts; 1 for limits
		skips  int
	}{
		{verbChange(engine.Unpin, "pinned", "free", "gone"), 1, 2},
		{verbChange(engine.Pin, "pinned", "free"), 1, 1},
		{verbChange(engine.Resume, "paused", "free"), 1, 1},
		{verbChange(engine.Clearnet, "closed", "free"), 1, 1},
		{verbChange(engine.Undo, "free", "gone"), 1, 1},
		{verbChange(engine.Evict, "free", "gone"), 1, 1},
		{verbChange(engine.Evict, "free", "own"), 1, 1}, // It was published since.
		{verbChange(engine.Unpin, "own"), 0, 1},
		{version("held", "old"), 1, 0},
		{version("held", "new"), 0, 1},
		{version("turning", "new"), 1, 0},
		{version("free", ""), 1, 0},
		{limits(500), 1, 0},
		{limits(400), 0, 1},
		{assign("news", engine.Assignment{Unlabel: []string{"news"}}, 0), 1, 0},
		{assign("free", engine.Assignment{Unlabel: []string{"news"}}, 0), 0, 1},
		{assign("news", engine.Assignment{Label: []string{"news"}}, 0), 0, 1},
		{assign("rests", engine.Assignment{SetEnough: true}, 3), 1, 0},
		{assign("rests", engine.Assignment{SetEnough: true}, 4), 0, 1},
	} {
		do, skipped := Plan([]Change{tc.change}, now)
		n := 0
		for _, c := range do {
			n += max(len(c.Hosts), 1)
		}
		if n != tc.does || len(skipped) != tc.skips {
			t.Errorf("%+v: does %d, skips %v", tc.change, n, skipped)
		}
		for _, s := range skipped {
			if s.Why == "" {
				t.Errorf("%+v: it does not say why", tc.change)
			}
		}
	}
}

func newEntry(v engine.Verb, hosts ...string) Entry {
	sites := make([]engine.Site, len(hosts))
	for i, h := range hosts {
		sites[i] = newSite(h)
	}
	e, _ := NewEntry(verbChange(v, hosts...), sites, fmt.Sprint(hosts))
	return e
}

func phraseOf(e Entry, ok bool) string {
	if !ok {
		return "nothing"
	}
	return e.RedoPhrase()
}

func TestStackUndoesAndRedoesTheNewest(t *testing.T) {
	var s Stack
	s.Push(newEntry(engine.Pin, "a"))
	s.Push(newEntry(engine.Pause, "b"))
	for _, want := range []string{"pause [b]", "pin [a]", "nothing"} {
		if got := phraseOf(s.Undo()); got != want {
			t.Errorf("undo: %s, want %s", got, want)
		}
	}
	if got := phraseOf(s.Redo()); got != "pin [a]" {
		t.Errorf("redo: %s", got)
	}
	e, _ := s.Redo()
	s.PutBack(e)
	if got := phraseOf(s.PeekRedo()); got != "pause [b]" {
		t.Errorf("what failed to be done again: %s", got)
	}
	s.Push(newEntry(engine.Evict, "c"))
	if got := phraseOf(s.Redo()); got != "nothing" {
		t.Errorf("redo after something new: %s", got)
	}
	e, _ = s.Undo()
	s.PutBack(e)
	if got := phraseOf(s.PeekUndo()); got != "evict [c]" {
		t.Errorf("what failed to be undone: %s", got)
	}
	e, _ = s.Undo()
	s.Drop(e)
	if got := phraseOf(s.PeekRedo()); got != "nothing" {
		t.Errorf("what was dropped can be done again: %s", got)
	}
}

func TestStackForgetsWhatHasLeftTheBin(t *testing.T) {
	var s Stack
	now := time.Unix(1e9, 0)
	e := newEntry(engine.Evict, "a")
	e.Until = now.Add(time.Hour)
	s.Push(e)
	s.Push(newEntry(engine.Pin, "b"))
	if s.Expire(now) || s.Len() != 2 || !s.Expire(now.Add(time.Hour)) || s.Len() != 1 {
		t.Errorf("%d are left", s.Len())
	}
	s.Push(newEntry(engine.Remove, "c", "d"))
	if !s.CanRestore("c") || !s.ForgetHost("c") || s.CanRestore("c") ||
		!s.CanRestore("d") || !s.ForgetHost("d") || s.ForgetHost("b") || s.Len() != 1 {
		t.Errorf("%+v", s)
	}
}

func TestStackIsBounded(t *testing.T) {
	var s Stack
	for i := range 3 * maxEntries {
		s.Push(newEntry(engine.Pin, fmt.Sprint(i)))
	}
	if s.Len() != maxEntries || phraseOf(s.PeekUndo()) != "pin [299]" {
		t.Errorf("%d entries, the last is %s", s.Len(), phraseOf(s.PeekUndo()))
	}
	many := make([]string, 15000)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	s.Push(newEntry(engine.Pin, many...))
	s.Push(newEntry(engine.Pause, many...))
	if s.Len() != 1 {
		t.Errorf("%d entries of many sites", s.Len())
	}
}

func TestStackIsReadAsItWasWritten(t *testing.T) {
	var s, read Stack
	s.Push(newEntry(engine.Pin, "a"))
	s.Push(newEntry(engine.Evict, "b", "c"))
	s.Push(newEntry(engine.Pause, "d"))
	s.Undo()
	data, err := json.Marshal(s.Clone())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, read, cmp.AllowUnexported(Stack{})); diff != "" {
		t.Error(diff)
	}
	// Nothing in a file makes the dashboard do what it never does.
	bad := `{"done":[{"name":"x","undo":[{"verb":"remove-now","hosts":["a"]}],"redo":[{"verb":"pin","hosts":["a"]}]},` +
		`{"name":"x","undo":[{"verb":"pin"}],"redo":[{"verb":"unpin","hosts":["a"]}]},{"name":"x"},` +
		`{"name":"x","undo":[{"version":{"from":"","to":""}}],"redo":[{"verb":"unpin","hosts":["a"]}]}]}`
	if err := json.Unmarshal([]byte(bad), &read); err != nil || read.Len() != 0 {
		t.Errorf("%v, %d are left", err, read.Len())
	}
}
