package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/miekg/dns"
)

// NotDNSError is what Probe returns for a server that answers, but not with DNS.
type NotDNSError struct{ err error }

// Error implements error.
func (e *NotDNSError) Error() string { return e.err.Error() }

// Unwrap makes the cause known to errors.Is and errors.As.
func (e *NotDNSError) Unwrap() error { return e.err }

// Probe asks a server for the name servers of the root, in the way in which look-ups ask: by client, or one like theirs
// if it is nil. The error says what is wrong in words, without the server; it is a *NotDNSError for a server that
// answers, but not with DNS.
func Probe(ctx context.Context, server string, client *http.Client) error {
	client = newClient(client)
	err := askRoot(func(q *dns.Msg) ([]byte, time.Duration, error) { return exchange(ctx, client, server, q) })
	if errors.Is(err, context.DeadlineExceeded) {
		return &worded{"no answer in time", err}
	}
	return err
}

// askRoot asks for the name servers of the root, which every resolver knows. exchange puts the question to a server.
func askRoot(exchange func(*dns.Msg) (wire []byte, age time.Duration, err error)) error {
	q := new(dns.Msg).SetQuestion(".", dns.TypeNS)
	q.Id = 0 // As RFC 8484 has it, section 4.1.
	wire, _, err := exchange(q)
	if err != nil {
		return err
	}
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		return &NotDNSError{malformedMessage(wire, err)}
	}
	if err := checkHeader(q, m); err != nil {
		return err
	}
	if m.Rcode != dns.RcodeSuccess {
		return fmt.Errorf("it answers for no name (%s)", rcodeName(m))
	}
	return nil
}
