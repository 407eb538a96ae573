package ui

import (
	"errors"
	"fmt"
	"strings"

	"wtptui/engine"
	"wtptui/ui/badge"
	"wtptui/ui/format"
	"wtptui/ui/undo"
)

// doingText returns the message that the job is under way.
func (j *job) doingText() string {
	if t, ok := undo.VerbTexts[j.verb()]; ok {
		return fillName(t.Doing, j.name)
	}
	return "Under way: " + undo.Entry{Name: j.name, Redo: j.changes}.RedoPhrase()
}

// doneText returns the message about what a new job has done to sites.
func (j *job) doneText(sites []engine.Site) string {
	name := nameOf(sites)
	c := j.changes[0]
	switch {
	case c.Version != nil && c.Version.To == "":
		return name + " follows its owner again"
	case c.Version != nil:
		return name + " stays at " + format.Host(c.Version.To, 14) + " from now on"
	case c.Limits != nil:
		return "Limits" + undo.LimitsScopeText(c.Limits.To) + ": " + format.Limits(c.Limits.To.Down, c.Limits.To.Up)
	case c.Home != nil:
		return j.homesText()
	case c.Assign != nil:
		return assignedText(*c.Assign, name)
	}
	text := fillName(undo.VerbTexts[c.Verb].Done, name)
	if j.movesToBin() {
		if size := totalCompleted(sites); size > 0 {
			text += ", " + format.Bytes(size)
		}
	}
	return text
}

// assignedText returns the message that an assignment was carried out for sites.
func assignedText(a engine.Assignment, name string) string {
	switch {
	case len(a.Label) > 0:
		return "Labelled " + name + ": " + strings.Join(a.Label, ", ")
	case len(a.Unlabel) > 0:
		return "Took the label " + strings.Join(a.Unlabel, ", ") + " off " + name
	}
	return "Done: " + undo.Entry{Name: name, Redo: []undo.Change{{Assign: &a}}}.RedoPhrase()
}

// undoneText returns the message that an entry was undone or redone, and which parts of it were not.
func (j *job) undoneText(name func(host string, w int) string) string {
	text := "Undone: " + j.entry.RedoPhrase()
	switch {
	case j.kind == redoJob:
		text = "Redone: " + j.entry.RedoPhrase()
	case j.entry.InBin():
		text = fillName(undo.VerbTexts[engine.Undo].Done, j.name)
	}
	if len(j.skipped) > 0 {
		text += ". " + skippedText(j.skipped, name)
	}
	return text
}

// skippedText returns what was not done: why for the first, how many more have the same reason, and how many have not.
func skippedText(skipped []undo.Skipped, name func(host string, w int) string) string {
	first := skipped[0]
	text := first.Why
	if first.Host != "" {
		text = name(first.Host, 30) + text
	}
	like := -1
	for _, s := range skipped {
		if s.Why == first.Why {
			like++
		}
	}
	if like > 0 {
		text += fmt.Sprintf(" (and %s more like that)", format.Count(like))
	}
	if others := len(skipped) - 1 - like; others > 0 {
		text += fmt.Sprintf("; %s more for other reasons", format.Count(others))
	}
	return text
}

// failureText returns the message about the error of a job.
func (j *job) failureText(err error) string {
	does := j.verbText()
	var failures *engine.Failures
	if errors.As(err, &failures) {
		first := failures.Each[0]
		count := format.Count(len(failures.Each)) + " of " + format.Plural(failures.Asked, "site")
		return "Could not " + does + " " + count + ". " + j.nameOfRef(first.Host) + ": " + engine.Message(first)
	}
	if h := j.changes[0].Home; h != nil {
		return "Could not change the home " + h.Name + ": " + engine.Message(err)
	}
	if l := j.changes[0].Limits; l != nil {
		return "Could not change the limits" + undo.LimitsScopeText(l.To) + ": " + engine.Message(err)
	}
	return "Could not " + does + " " + j.name + ": " + engine.Message(err)
}

// verbText returns what the job does in a word or two, for "Could not …".
func (j *job) verbText() string {
	c := j.changes[0]
	switch {
	case c.Version != nil:
		return "switch"
	case c.Assign != nil && c.Assign.SetEnough:
		return "change"
	case c.Assign != nil:
		return "label"
	case c.Verb == engine.Undo:
		return "bring back"
	}
	return verbWord(c.Verb)
}

// verbWord returns a verb for a sentence.
func verbWord(v engine.Verb) string { return strings.ReplaceAll(string(v), "-", " ") }

// nameOfRef returns the name of one of the job's sites.
func (j *job) nameOfRef(ref string) string {
	for _, s := range j.sites {
		if s.Ref() == ref {
			return nameOf([]engine.Site{s})
		}
	}
	return badge.NameOfRef(ref, 30)
}

func fillName(text, name string) string { return strings.Replace(text, "%s", name, 1) }

// totalCompleted returns how many bytes of the sites are here.
func totalCompleted(sites []engine.Site) (sum int64) {
	for _, s := range sites {
		sum += max(s.Completed, 0)
	}
	return sum
}
