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

// notMet is the error of a call. Its words are only put together if somebody reads them: most calls fail.
type notMet struct {
	peer netip.AddrPort
	why  error
}

func errNotMet(peer netip.AddrPort, why error) error { return &notMet{peer, why} }

// Error implements error, in one line.
func (e *notMet) Error() string {
	return fmt.Sprintf("cannot connect to peer %s: %s", e.peer, words(e.why))
}

// Unwrap returns the reason.
func (e *notMet) Unwrap() error { return e.why }

// attemptError is why one attempt over a way has failed.
type attemptError struct {
	via engine.Via
	err error
}

// Error implements error.
func (e *attemptError) Error() string { return failures{e}.Error() }

// Unwrap returns the reason.
func (e *attemptError) Unwrap() error { return e.err }

// failures are what came of several attempts.
type failures []error

// Error implements error, in one line: each cause once, with the ways over which it was met.
func (f failures) Error() string {
	var causes []string
	vias := map[string][]string{}
	for _, err := range f.flat() {
		w := words(err)
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

// flat returns the attempts of all ways in one list.
func (f failures) flat() (all []error) {
	for _, err := range f {
		if inner := failures(nil); errors.As(err, &inner) {
			all = append(all, inner.flat()...)
		} else {
			all = append(all, err)
		}
	}
	return all
}

// Unwrap returns the errors of all attempts.
func (f failures) Unwrap() []error { return f }

// words says in plain words why something has failed; "it" is the peer.
func words(err error) string {
	var several failures
	var attempt *attemptError
	var hungUp *hangUpError
	var timeout *timeoutError
	switch {
	case errors.As(err, &several):
		return several.Error()
	case errors.As(err, &hungUp):
		return hungUp.Error()
	case errors.As(err, &timeout):
		return timeout.Error()
	case errors.As(err, &attempt):
		return cause.Words(attempt.err)
	}
	return cause.Words(err)
}

// errHungUp is the error of a peer that was connected to, and has ended the connection in place of an answer: it may be
// one that takes the other kind of handshake only.
var errHungUp = errors.New("it hung up")

// hangUpError says on which handshake the peer hung up, and has how that was noticed.
type hangUpError struct {
	said string
	err  error
}

func (e *hangUpError) Error() string   { return "it hung up on " + e.said }
func (e *hangUpError) Unwrap() []error { return []error{errHungUp, e.err} }

// timeoutError says in words for what there was not enough time.
type timeoutError struct {
	what  string
	after time.Duration
}

func (e *timeoutError) Error() string { return fmt.Sprintf("%s within %s", e.what, e.after) }
func (e *timeoutError) Unwrap() error { return context.DeadlineExceeded }
