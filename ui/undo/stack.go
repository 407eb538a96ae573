package undo

import (
	"encoding/json"
	"slices"
	"time"

	"wtptui/ui/badge"
	"wtptui/ui/format"
)

const (
	// maxEntries is how many things can be taken back, and as many done again.
	maxEntries = 100
	// maxHosts bounds how many hosts they name together. The newest entry stays in any case.
	maxHosts = 40_000
)

// Stack is what can be taken back, and what can be done again. The zero value is empty.
type Stack struct {
	done, undone []Entry // the newest last
}

// Push adds what was done last. What had been taken back before cannot be done again then.
func (s *Stack) Push(e Entry) {
	s.done, s.undone = append(s.done, e), nil
	s.trim()
}

// PeekUndo returns what would be taken back.
func (s *Stack) PeekUndo() (Entry, bool) { return newest(s.done) }

// PeekRedo returns what would be done again.
func (s *Stack) PeekRedo() (Entry, bool) { return newest(s.undone) }

// Undo returns what is to be taken back: from now on it is what would be done again.
func (s *Stack) Undo() (Entry, bool) { return moveNewest(&s.done, &s.undone) }

// Redo returns what is to be done again: from now on it is what would be taken back.
func (s *Stack) Redo() (Entry, bool) { return moveNewest(&s.undone, &s.done) }

// PutBack puts back an entry that Undo has returned and that could not be taken back, or one that Redo has returned.
func (s *Stack) PutBack(e Entry) {
	if !removeEntry(&s.undone, e, &s.done) {
		removeEntry(&s.done, e, &s.undone)
	}
}

// Drop forgets an entry that makes no sense any more.
func (s *Stack) Drop(e Entry) {
	if !removeEntry(&s.undone, e, nil) {
		removeEntry(&s.done, e, nil)
	}
}

// SetUntil says until when an entry that has been done again can be taken back.
func (s *Stack) SetUntil(e Entry, until time.Time) {
	for i := range s.done {
		if isSameEntry(s.done[i], e) {
			s.done[i].Until = until
		}
	}
}

// CanRestore reports whether taking something back would bring a site back from the bin.
func (s *Stack) CanRestore(host string) bool {
	return slices.ContainsFunc(s.done, func(e Entry) bool { return e.InBin() && slices.Contains(e.Undo[0].Hosts, host) })
}

// Clone returns a copy that stays as it is.
func (s *Stack) Clone() *Stack { return &Stack{slices.Clone(s.done), slices.Clone(s.undone)} }

// Len is how many things can be taken back.
func (s *Stack) Len() int { return len(s.done) }

// Expire forgets what cannot be taken back any more, and reports whether there was such a thing.
func (s *Stack) Expire(now time.Time) bool {
	over := func(e Entry) bool { return !e.Until.IsZero() && !now.Before(e.Until) }
	n := len(s.done)
	s.done = slices.DeleteFunc(s.done, over)
	return len(s.done) < n
}

// ForgetHost forgets a site that somebody else has brought back from the bin.
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

// trim forgets the oldest entries of a stack that has grown too large.
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

// removeEntry takes the newest entry that is e out of a list, and puts it on another one if there is one.
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

// isSameEntry reports whether two entries are one: they share what they undo.
func isSameEntry(a, b Entry) bool {
	return len(a.Undo) > 0 && len(b.Undo) > 0 && &a.Undo[0] == &b.Undo[0]
}

// stackJSON is a Stack as it is kept.
type stackJSON struct {
	Done   []Entry `json:"done,omitempty"`
	Undone []Entry `json:"undone,omitempty"`
}

// MarshalJSON implements json.Marshaler.
func (s *Stack) MarshalJSON() ([]byte, error) { return json.Marshal(stackJSON{s.done, s.undone}) }

// UnmarshalJSON implements json.Unmarshaler. What this package cannot have written is left out.
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
