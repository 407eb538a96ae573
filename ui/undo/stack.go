package undo

import (
	"encoding/json"
	"slices"
	"time"

	"wtptui/ui/badge"
	"wtptui/ui/format"
)

const (
	// maxEntries is how many entries can be undone, and how many redone.
	maxEntries = 100
	// maxHosts limits how many hosts all entries name together. The newest entry stays in any case.
	maxHosts = 40_000
)

// Stack holds what can be undone, and what can be redone. The zero value is empty.
type Stack struct {
	done, undone []Entry // the newest last
}

// Push adds the entry of what was done last. What could be redone before is dropped.
func (s *Stack) Push(e Entry) {
	s.done, s.undone = append(s.done, e), nil
	s.trim()
}

// PeekUndo returns the entry that would be undone next.
func (s *Stack) PeekUndo() (Entry, bool) { return newest(s.done) }

// PeekRedo returns the entry that would be redone next.
func (s *Stack) PeekRedo() (Entry, bool) { return newest(s.undone) }

// Undo returns the entry to be undone, and moves it to those that can be redone.
func (s *Stack) Undo() (Entry, bool) { return moveNewest(&s.done, &s.undone) }

// Redo returns the entry to be redone, and moves it to those that can be undone.
func (s *Stack) Redo() (Entry, bool) { return moveNewest(&s.undone, &s.done) }

// PutBack puts back an entry that Undo has returned and that could not be undone, or one that Redo has returned.
func (s *Stack) PutBack(e Entry) {
	if !removeEntry(&s.undone, e, &s.done) {
		removeEntry(&s.done, e, &s.undone)
	}
}

// Drop removes an entry that has no effect any more.
func (s *Stack) Drop(e Entry) {
	if !removeEntry(&s.undone, e, nil) {
		removeEntry(&s.done, e, nil)
	}
}

// SetUntil sets until when an entry that has been redone can be undone.
func (s *Stack) SetUntil(e Entry, until time.Time) {
	for i := range s.done {
		if isSameEntry(s.done[i], e) {
			s.done[i].Until = until
		}
	}
}

// CanRestore reports whether undoing something would bring a site back from the bin.
func (s *Stack) CanRestore(host string) bool {
	return slices.ContainsFunc(s.done, func(e Entry) bool { return e.InBin() && slices.Contains(e.Undo[0].Hosts, host) })
}

// Clone returns a copy that does not change with the stack.
func (s *Stack) Clone() *Stack { return &Stack{slices.Clone(s.done), slices.Clone(s.undone)} }

// Len returns how many entries can be undone.
func (s *Stack) Len() int { return len(s.done) }

// Expire drops the entries that can no longer be undone, and reports whether there were any.
func (s *Stack) Expire(now time.Time) bool {
	over := func(e Entry) bool { return !e.Until.IsZero() && !now.Before(e.Until) }
	n := len(s.done)
	s.done = slices.DeleteFunc(s.done, over)
	return len(s.done) < n
}

// ForgetHost drops a site that somebody else has brought back from the bin. It reports whether the stack has changed.
func (s *Stack) ForgetHost(host string) bool {
	changed := false
	for i := range s.done {
		e := &s.done[i]
		if !e.InBin() || !slices.Contains(e.Undo[0].Hosts, host) {
			continue
		}
		changed = true
		hosts := slices.DeleteFunc(slices.Clone(e.Undo[0].Hosts), func(h string) bool { return h == host })
		verb := e.Redo[0].Verb
		e.Undo = []Change{{Verb: e.Undo[0].Verb, Hosts: hosts}}
		e.Redo = []Change{{Verb: verb, Hosts: hosts}}
		e.Name = format.Plural(len(hosts), "site")
		if len(hosts) == 1 {
			e.Name = badge.NameOfRef(hosts[0], 30)
		}
	}
	s.done = slices.DeleteFunc(s.done, func(e Entry) bool { return e.InBin() && len(e.Undo[0].Hosts) == 0 })
	return changed
}

// trim drops the oldest entries of a stack that has grown too large.
func (s *Stack) trim() {
	s.done = trimmed(s.done)
	s.undone = trimmed(s.undone)
}

func trimmed(entries []Entry) []Entry {
	hosts := 0
	for i := len(entries) - 1; i >= 0; i-- {
		hosts += entries[i].countHosts()
		isNewest := i == len(entries)-1
		if len(entries)-i > maxEntries || hosts > maxHosts && !isNewest {
			return slices.Clone(entries[i+1:])
		}
	}
	return entries
}

func newest(entries []Entry) (Entry, bool) {
	if len(entries) == 0 {
		return Entry{}, false
	}
	return entries[len(entries)-1], true
}

func moveNewest(from, to *[]Entry) (Entry, bool) {
	e, ok := newest(*from)
	if ok {
		*from = (*from)[:len(*from)-1]
		*to = append(*to, e)
	}
	return e, ok
}

// removeEntry removes the newest entry that is e from a list, and appends it to another one unless that is nil.
func removeEntry(from *[]Entry, e Entry, to *[]Entry) bool {
	for i := len(*from) - 1; i >= 0; i-- {
		if isSameEntry((*from)[i], e) {
			*from = slices.Delete(*from, i, i+1)
			if to != nil {
				*to = append(*to, e)
			}
			return true
		}
	}
	return false
}

// isSameEntry reports whether two entries are the same one: they share what they undo.
func isSameEntry(a, b Entry) bool {
	return len(a.Undo) > 0 && len(b.Undo) > 0 && &a.Undo[0] == &b.Undo[0]
}

// stackJSON is the JSON form of a Stack.
type stackJSON struct {
	Done   []Entry `json:"done,omitempty"`
	Undone []Entry `json:"undone,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (s *Stack) MarshalJSON() ([]byte, error) { return json.Marshal(stackJSON{s.done, s.undone}) }

// UnmarshalJSON implements json.Unmarshaler. Entries that this package cannot have written are left out.
func (s *Stack) UnmarshalJSON(data []byte) error {
	var read stackJSON
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	wrong := func(e Entry) bool { return !e.isValid() }
	s.done, s.undone = slices.DeleteFunc(read.Done, wrong), slices.DeleteFunc(read.Undone, wrong)
	s.trim()
	return nil
}
