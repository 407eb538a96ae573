package engine

import (
	"errors"
	"fmt"
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

// Error is the error of every method of the contract.
type Error struct {
	// Op is the failed operation, as package and verb: "sites: pin".
	Op string
	// Host is the site that the error is about; empty if it is about none.
	Host string
	Kind Kind
	// Msg tells a person what happened and what to do next, in one line, clean. If it is empty the text of Err is shown.
	Msg string
	// Err is the cause, or nil.
	Err error
}

// Error returns the operation, the host, the message and the cause in one line.
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

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Failures is the error of an Engine.Do that failed for some of several hosts. To the others the verb was applied. For
// a single host, and if all fail for the same reason, which is not about a host, Do returns an *Error.
type Failures struct {
	// Asked is the number of hosts that were given.
	Asked int
	// Each holds the errors of the hosts that failed, in the order in which the hosts were given.
	Each []*Error
}

// Error returns what Message returns.
func (f *Failures) Error() string {
	if len(f.Each) == 0 {
		return "nothing failed"
	}
	first := f.Each[0]
	return fmt.Sprintf("%d of %d sites: %s: %s", len(f.Each), f.Asked, first.Host, Message(first))
}

// Unwrap returns each host's error.
func (f *Failures) Unwrap() []error {
	errs := make([]error, len(f.Each))
	for i, e := range f.Each {
		errs[i] = e
	}
	return errs
}

// FailureForHost returns the error for one host from the error of an Engine.Do; nil if the verb was applied to it.
func FailureForHost(err error, host string) error {
	var some *Failures
	if !errors.As(err, &some) {
		return err
	}
	for _, e := range some.Each {
		if e.Host == host {
			return e
		}
	}
	return nil
}

// FailuresByHost returns the errors of the hosts that failed from the error of an Engine.Do.
func FailuresByHost(err error, hosts []string) map[string]error {
	failed := map[string]error{}
	var some *Failures
	switch {
	case errors.As(err, &some):
		for _, e := range some.Each {
			failed[e.Host] = e
		}
	case err != nil:
		for _, host := range hosts {
			failed[host] = err
		}
	}
	return failed
}

// ForEachHost calls do once for each different host, and returns the error that an Engine.Do returns for the results.
// It stops at an error that is not about a host.
func ForEachHost(hosts []string, do func(host string) error) error {
	some := &Failures{}
	seen := make(map[string]struct{}, len(hosts))
	for _, host := range hosts {
		if _, again := seen[host]; again {
			continue
		}
		seen[host] = struct{}{}
		err := do(host)
		var known *Error
		switch {
		case err == nil:
		case !errors.As(err, &known) || known.Host != host:
			return err
		default:
			some.Each = append(some.Each, known)
		}
	}
	some.Asked = len(seen)
	switch {
	case len(some.Each) == 0:
		return nil
	case some.Asked == 1:
		return some.Each[0]
	}
	return some
}

// KindOf returns the kind of the first *Error in err's chain, None for nil, and Internal for any other error.
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

// Message returns the text of err for a person: the first *Error's message, otherwise err's own text, cleaned.
func Message(err error) string {
	if err == nil {
		return ""
	}
	var some *Failures
	if errors.As(err, &some) {
		return Clean(some.Error())
	}
	var e *Error
	if errors.As(err, &e) && e.Msg != "" {
		return Clean(e.Msg)
	}
	return Clean(err.Error())
}
