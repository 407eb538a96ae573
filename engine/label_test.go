package engine

import (
	"strings"
	"testing"
)

func TestOriginLabel(t *testing.T) {
	for host, want := range map[string]string{
		hash:                  hash,
		"example.org":         "example-org",
		"my-site.example.org": "my--site-example-org",
		"a--b.c":              "a----b-c",
	} {
		if got := OriginLabel(host); got != want {
			t.Errorf("Label(%q) = %q, want %q", host, got, want)
		}
		if got, ok := HostFromOriginLabel(want); !ok || got != host {
			t.Errorf("HostFromOriginLabel(%q) = %q, %v", want, got, ok)
		}
	}
}

func TestHashedOriginLabel(t *testing.T) {
	for _, host := range []string{"xn--bcher-kva.example", strings.Repeat("long.", 20) + "org"} {
		l := OriginLabel(host)
		if len(l) != 52 || !IsHashedOriginLabel(l) || l != strings.ToLower(l) {
			t.Errorf("Label(%q) = %q", host, l)
		}
		if got, ok := HostFromOriginLabel(l); ok {
			t.Errorf("HostFromOriginLabel(%q) = %q", l, got)
		}
	}
}

// No two hosts share a label, and a label that gives a host is that host's label.
func FuzzHostFromOriginLabel(f *testing.F) {
	for _, l := range []string{hash, "a-b", "a--b-c", "-a", "a---b", "xn--a-b", "A-b", strings.Repeat("a", 63) + "-b"} {
		f.Add(l)
	}
	f.Fuzz(func(t *testing.T, label string) {
		host, ok := HostFromOriginLabel(label)
		if !ok {
			return
		}
		if OriginLabel(host) != label || len(label) > 63 {
			t.Fatalf("HostFromOriginLabel(%q) = %q, whose label is %q", label, host, OriginLabel(host))
		}
		if again, err := ParseHost(host); err != nil || again != host {
			t.Fatalf("HostFromOriginLabel(%q) = %q, which is no host", label, host)
		}
	})
}
