package publish

import (
	"strings"

	"wtptui/engine"
)

// takeOverFlag is part of the error for a key whose newest record was signed elsewhere, and of no other one: it does
// not resolve conflicts of another kind.
const takeOverFlag = "--take-over"

// isRivalError reports whether nothing was published because somebody else signs with the site's key.
func isRivalError(err error) bool {
	return engine.KindOf(err) == engine.Conflict && strings.Contains(engine.Message(err), takeOverFlag)
}

// askTakeOver asks whether to replace what somebody else has signed; the safe answer is marked.
func (r *reviewStep) askTakeOver(err error) {
	r.rivalText, _, _ = strings.Cut(engine.Message(err), takeOverFlag)
	if at := strings.LastIndexAny(r.rivalText, ".:;"); at > 0 { // What follows is about the command line.
		r.rivalText = r.rivalText[:at]
	}
	r.yesMarked = false
}

// yesAnswer returns the answer that publishes.
func (r *reviewStep) yesAnswer() string {
	if r.rivalText != "" {
		return takeOverAnswer
	}
	return publishAnswer
}
