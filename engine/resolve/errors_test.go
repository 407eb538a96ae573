package resolve

import (
	"errors"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"wtptui/engine"
)

// A cause that several servers have in common is reported once.
func TestCausesAreNamedOnce(t *testing.T) {
	t.Parallel()
	offline := &url.Error{Op: "Get", URL: "https://a.example/?dns=AAAB", Err: &net.OpError{
		Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ENETUNREACH),
	}}
	err := unavailableError("docs.example", []failure{
		{"https://a.example/dns-query", describeRequestError(offline)},
		{"https://b.example/dns-query", errors.New("no answer in 2s")},
		{"https://c.example/dns-query", describeRequestError(offline)},
	})
	const want = "no resolver answers for docs.example (a.example, c.example: this machine has no network; " +
		"b.example: no answer in 2s): check the network, or choose another resolver with --doh"
	if engine.Message(err) != want || engine.KindOf(err) != engine.Unavailable {
		t.Errorf("%q, want %q", engine.Message(err), want)
	}
	err = unavailableError("docs.example", []failure{
		{"https://a.example/dns-query", describeRequestError(offline)},
		{"https://c.example/dns-query", describeRequestError(offline)},
	})
	const alone = "docs.example cannot be looked up: this machine has no network. It is looked up again by itself once " +
		"there is one"
	if engine.Message(err) != alone {
		t.Errorf("%q, want %q", engine.Message(err), alone)
	}
}
