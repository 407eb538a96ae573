package engine

import (
	"errors"
	"strings"
)

// Kind classifies errors by what the caller can do about them.
type Kind string

// The kinds of errors.
const (
	None        Kind = ""            // no error
	Invalid     Kind = "invalid"     // the request itself is wrong: correct it
	NotFound    Kind = "not_found"   // no such site, file or name
	NotReady    Kind = "not_ready"   // it is coming: wait, or ask again
	TooLarge    Kind = "too_large"   // over a limit that a person can raise (see Allow)
	Refused     Kind = "refused"     // hostile or unacceptable content or address
	Conflict    Kind = "conflict"    // something else has it: a port, a lock, a state that forbids it
	Unavailable Kind = "unavailable" // no engine, no network, no disk space: try again when it is back
	Damaged     Kind = "damaged"     // data that cannot be trusted
	Internal    Kind = "internal"    // a bug, or a fault of the system
)

// Error is what every method of the contract returns when it fails.
type Error struct {
	// Op is what was being done, as package and verb: "sites: pin".
	Op string
	// Host is the site it was about, or empty.
	Host string
	Kind Kind
	// Msg says to a person what happened and what to do next, in one line, clean. Empty means the text of Err.
	Msg string
	// Err is the cause, or nil.
	Err error
}

// Error gives operation, host, message and cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.Op, e.Host, e.Msg} {
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(part)
	}
	if e.Err != nil {
		if b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf gives the kind of the first *Error in err's chain, None for nil, and Internal for any other error.
func KindOf(err error) Kind {
	if err == nil {
		return None
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Message is what a person should read of err: the first *Error's message, or else err's own text, cleaned.
func Message(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Msg != "" {
		return Clean(e.Msg)
	}
	return Clean(err.Error())
}
