package resolve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/miekg/dns"
)

// NotDNSError is the error of Probe for a server that responds, but not with DNS.
type NotDNSError struct{ err error }

// Error implements error.
func (e *NotDNSError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *NotDNSError) Unwrap() error { return e.err }

// Probe queries a server for the name servers of the root, as look-ups do, with client, or with a default client if it
// is nil. The error describes the fault without the server's name; it is a *NotDNSError for a server that responds,
// but not with DNS.
func Probe(ctx context.Context, server string, client *http.Client) error {
	client = newHTTPClient(client)
	err := askRoot(func(q *dns.Msg) ([]byte, time.Duration, error) { return exchange(ctx, client, server, q) })
	if errors.Is(err, context.DeadlineExceeded) {
		return &describedError{"no answer in time", err}
	}
	return err
}

// askRoot queries for the name servers of the root, which every resolver knows. exchange sends the query to a server.
func askRoot(exchange func(*dns.Msg) (wire []byte, age time.Duration, err error)) error {
	q := new(dns.Msg).SetQuestion(".", dns.TypeNS)
	q.Id = 0 // RFC 8484, section 4.1.
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
