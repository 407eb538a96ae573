package sites

import (
	"log/slog"

	"wtptui/engine"
)

// failure is something that may keep failing and is retried. It is logged when it begins, changes or ends, and shown as
// a warning meanwhile. Only the owner touches it.
type failure struct {
	log    *slog.Logger
	events *eventLog
	// what is the first half of a sentence, to which the error's message is the second.
	what string
	// message is that of the last failure; empty if the last attempt succeeded.
	message string
}

// note records the outcome of an attempt.
func (t *failure) note(err error) {
	message := engine.Message(err)
	if message == t.message {
		return
	}
	t.message, t.events.changed = message, true
	if err != nil {
		t.log.Error("sites: "+t.what, "err", err)
	} else {
		t.log.Info("sites: recovered: " + t.what)
	}
}

// failureWarnings returns the warnings to show.
func failureWarnings(troubles ...*failure) (lines []string) {
	for _, t := range troubles {
		if t.message != "" {
			lines = append(lines, t.what+": "+t.message)
		}
	}
	return lines
}
