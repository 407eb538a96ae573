package dial

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// dialError is the error of a dial. Its text is only built when it is read: most dials fail.
type dialError struct {
	peer netip.AddrPort
	why  error
}

func newDialError(peer netip.AddrPort, why error) error { return &dialError{peer, why} }

// Error implements error, in one line.
func (e *dialError) Error() string {
	return fmt.Sprintf("cannot connect to peer %s: %s", e.peer, describe(e.why))
}

// Unwrap returns the reason.
func (e *dialError) Unwrap() error { return e.why }

// attemptError is the error of one attempt.
type attemptError struct {
	via engine.Via
	err error
}

// Error implements error.
func (e *attemptError) Error() string { return failures{e}.Error() }

// Unwrap returns the reason.
func (e *attemptError) Unwrap() error { return e.err }

// failures holds the errors of several attempts.
type failures []error

// Error implements error, in one line: each cause once, with the transports that failed with it.
func (f failures) Error() string {
	var causes []string
	vias := map[string][]string{}
	for _, err := range f.flatten() {
		w := describe(err)
		if !slices.Contains(causes, w) {
			causes = append(causes, w)
		}
		var a *attemptError
		if errors.As(err, &a) && !slices.Contains(vias[w], string(a.via)) {
			vias[w] = append(vias[w], string(a.via))
		}
	}
	for i, w := range causes {
		if via := vias[w]; len(via) > 0 {
			causes[i] = strings.Join(via, " and ") + ": " + w
		}
	}
	return strings.Join(causes, "; ")
}

// flatten returns the attempts of all ways in one list.
func (f failures) flatten() (all []error) {
	for _, err := range f {
		if inner := failures(nil); errors.As(err, &inner) {
			all = append(all, inner.flatten()...)
		} else {
			all = append(all, err)
		}
	}
	return all
}

// Unwrap returns the errors of all attempts.
func (f failures) Unwrap() []error { return f }

// describe returns why something has failed, in plain words; "it" is the peer.
func describe(err error) string {
	var several failures
	var attempt *attemptError
	var hungUp *disconnectError
	var timeout *timeoutError
	switch {
	case errors.As(err, &several):
		return several.Error()
	case errors.As(err, &hungUp):
		return hungUp.Error()
	case errors.As(err, &timeout):
		return timeout.Error()
	case errors.As(err, &attempt):
		return cause.Describe(attempt.err)
	}
	return cause.Describe(err)
}

// errDisconnected is the error of a peer that has closed the connection instead of answering: it may accept only the
// other kind of handshake.
var errDisconnected = errors.New("it hung up")

// disconnectError is an errDisconnected with the kind of handshake, and the original error.
type disconnectError struct {
	handshake string
	err       error
}

func (e *disconnectError) Error() string   { return "it hung up on " + e.handshake }
func (e *disconnectError) Unwrap() []error { return []error{errDisconnected, e.err} }

// timeoutError is a timeout with a description of what did not happen in time.
type timeoutError struct {
	what  string
	after time.Duration
}

func (e *timeoutError) Error() string { return fmt.Sprintf("%s within %s", e.what, e.after) }
func (e *timeoutError) Unwrap() error { return context.DeadlineExceeded }
