package sites

import (
	"log/slog"

	"wtptui/engine"
)

// trouble is something that fails and is tried again and again: it is logged when it begins or changes and when it is
// over, and shown as a warning meanwhile. It belongs to the owner.
type failure struct {
	log    *slog.Logger
	events *eventLog
	// what is the first half of a sentence, to which the error's message is the second.
	what string
	// message is that of the last failure; empty when all is well.
	message string
}

// note takes how it went this time.
func (t *failure) note(err error) {
	message := engine.Message(err)
	if message == t.message {
		return
	}
	t.message, t.events.changed = message, true
	if err != nil {
		t.log.Error("sites: "+t.what, "err", err)
	} else {
		t.log.Info("sites: this is over: " + t.what)
	}
}

// warnings are what there is to show.
func failureWarnings(troubles ...*failure) (lines []string) {
	for _, t := range troubles {
		if t.message != "" {
			lines = append(lines, t.what+": "+t.message)
		}
	}
	return lines
}
