package resolve

import (
	"context"
	"errors"
	"net/http"

	"github.com/miekg/dns"
)

// NotDNSError is what Probe returns for a server that answers, but not with DNS.
type NotDNSError struct{ err error }

// Error implements error.
func (e *NotDNSError) Error() string { return e.err.Error() }

// Unwrap makes the cause known to errors.Is and errors.As.
func (e *NotDNSError) Unwrap() error { return e.err }

// Probe asks a server for the name servers of the root, which every resolver knows, in the way in which look-ups ask: by
// client, or one like theirs if it is nil. The error says what is wrong in words, without the server.
func Probe(ctx context.Context, server string, client *http.Client) error {
	q := question(".")
	q.Question[0].Qtype = dns.TypeNS
	client = newClient(client)
	wire, _, err := exchange(ctx, client, server, q)
	if err != nil {
		return err
	}
	m := new(dns.Msg)
	if err := m.Unpack(wire); err != nil {
		return &NotDNSError{&worded{"its answer is a malformed DNS message", err}}
	}
	if err := checkHeader(q, m); err != nil {
		return err
	}
	if m.Rcode != dns.RcodeSuccess {
		return errors.New("it answers " + dns.RcodeToString[m.Rcode])
	}
	return nil
}
