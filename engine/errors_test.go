package engine

import (
	"errors"
	"strings"
	"testing"
)

func TestForEachHost(t *testing.T) {
	stopping := &Error{Op: "sites: pin", Kind: Unavailable, Msg: "the engine is stopping"}
	for _, tc := range []struct {
		name, hosts string
		want        string // what was done, and then the error
		kind        Kind
	}{
		{"none", "", "", None},
		{"all", "a b", "a b", None},
		{"one fails", "no-a", "", NotFound},
		{"some fail", "a no-b c no-d", "a c", NotFound},
		{"all fail", "no-a no-b", "", NotFound},
		{"several times", "a b a no-c no-c", "a b", NotFound},
		{"one that fails several times", "no-a no-a", "", NotFound},
		{"not about a host", "a no-b stop c", "a", Unavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var done []string
			hosts := strings.Fields(tc.hosts)
			err := ForEachHost(hosts, func(host string) error {
				switch {
				case host == "stop":
					return stopping
				case strings.HasPrefix(host, "no-"):
					return &Error{Op: "sites: pin", Host: host, Kind: NotFound, Msg: "no such site"}
				}
				done = append(done, host)
				return nil
			})
			if got := strings.Join(done, " "); got != tc.want || KindOf(err) != tc.kind {
				t.Errorf("done %q, error %v; want %q and kind %q", got, err, tc.want, tc.kind)
			}
			failed := FailuresByHost(err, hosts)
			for _, host := range hosts {
				why := FailureForHost(err, host)
				if tc.kind != Unavailable && (why != nil) != strings.HasPrefix(host, "no-") {
					t.Errorf("of %s it says %v", host, why)
				}
				if failed[host] != why { //nolint:errorlint // It is the same one.
					t.Errorf("of %s it says %v, and with the others %v", host, why, failed[host])
				}
			}
		})
	}
}

func TestFailures(t *testing.T) {
	hosts := []string{"a", "b", "c", "b"}
	err := ForEachHost(hosts, func(host string) error {
		if host == "a" {
			return nil
		}
		return &Error{Host: host, Kind: Conflict, Msg: "cannot\x1b be"}
	})
	var some *Failures
	if !errors.As(err, &some) || some.Asked != 3 || len(some.Each) != 2 {
		t.Fatalf("got %#v, want 2 of 3", err)
	}
	if got, want := Message(err), "2 of 3 sites: b: cannot be"; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	err = ForEachHost([]string{"b", "b"}, func(host string) error { return &Error{Host: host} })
	if errors.As(err, &some) {
		t.Errorf("for one host it is %#v, want an *Error", err)
	}
}
