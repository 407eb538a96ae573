package doctor

import (
	"errors"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// If all problems have one cause, it comes first, and the findings that follow from it say so.
func TestFindingsFollowFromOneCause(t *testing.T) {
	offline := &net.OpError{Op: "dial", Err: syscall.ENETUNREACH}
	unnamed := &net.DNSError{Name: "a.example", Err: "server misbehaving"}
	unknown := func(name string) error { return &net.DNSError{Name: name, Err: "no such host", IsNotFound: true} }
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	find := func(check string, err error) Finding {
		f := Finding{Status: Fail, Check: check, Subject: "u", err: err}
		if err == nil {
			f.Status = OK
		}
		return f
	}
	const all = "tracker resolver STUN router NAT WebRTC clock disk DHT" // Nothing follows from anything.
	rest := []Finding{
		{Status: Warn, Check: "router"},
		{Status: Warn, Check: "NAT"},
		{Status: Fail, Check: "WebRTC"},
		{Status: Warn, Check: "clock"},
		{Status: Warn, Check: "disk"},
		{Status: OK, Check: "DHT"},
	}
	for name, tc := range map[string]struct {
		errs  []error // of a tracker, a resolver and a STUN server; nil for one that answers
		root  string
		stand string // the findings that do not follow from another
	}{
		"no network": {[]error{offline, offline, offline}, "this machine has no network", "network disk DHT"},
		"no names": {
			[]error{unnamed, unnamed, unnamed}, "this machine's DNS does not answer", "network router disk DHT",
		},
		"no name is known": {
			[]error{unknown("a.example"), unknown("b.example"), unknown("c.example")},
			"this machine's DNS knows none",
			"network router disk DHT",
		},
		"one name is unknown, thrice": {
			[]error{unknown("a.example"), unknown("a.example"), unknown("a.example")}, "", all,
		},
		"one answers":        {[]error{nil, offline, offline}, "", all},
		"several reasons":    {[]error{refused, offline, offline}, "", all},
		"a name is unknown":  {[]error{&net.DNSError{IsNotFound: true}, unnamed, unnamed}, "", all},
		"none is to blame":   {[]error{errors.New("x"), errors.New("y"), nil}, "", all},
		"no network, in two": {[]error{offline, unnamed, offline}, "", all},
	} {
		t.Run(name, func(t *testing.T) {
			all := []Finding{find("tracker", tc.errs[0]), find("resolver", tc.errs[1]), find("STUN", tc.errs[2])}
			found := groupByCause(append(all, slices.Clone(rest)...))
			var stand []string
			for _, f := range found {
				if f.FollowsFrom == "" {
					stand = append(stand, f.Check)
				}
			}
			if got := strings.Join(stand, " "); got != tc.stand {
				t.Errorf("%s stand for themselves, want %s", got, tc.stand)
			}
			if tc.root != "" && (!strings.HasPrefix(found[0].Found, tc.root) || found[0].Status != Fail || found[0].Do == "") {
				t.Errorf("first comes %+v", found[0])
			}
		})
	}
}
