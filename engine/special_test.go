package engine

import (
	"strings"
	"testing"
)

// Names that are not in the DNS are refused in whatever form they are typed, with the reason.
func TestSpecialUseNames(t *testing.T) {
	for in, why := range map[string]string{
		"abcdefghijklmnop.onion":                    "Tor",
		"wtp://www.a.onion/page?q#f":                "Tor",
		"Shop.ONION.":                               "Tor",
		"scanner.local":                             "local network",
		"wtp://a.b.LOCAL/":                          "local network",
		"ｓｃａｎｎｅｒ.ｌｏｃａｌ":                             "local network",
		"notes.localhost":                           "this computer itself",
		"wtp://localhost/":                          "this computer itself",
		"no-such.invalid":                           "never exists",
		"wallet.alt":                                "not in the DNS",
		"nas.internal":                              "private network",
		"internal":                                  "private network",
		"https://nas.local/":                        "local network",
		"http://localhost/wtp/nas.local":            "local network",
		"http://localhost/?uri=wtp%3A%2F%2Fa.onion": "Tor",
		"http://nas-local.localhost:7780/":          "local network",
	} {
		_, err := ParseAddress(in)
		if msg := Message(err); KindOf(err) != Invalid || !strings.Contains(msg, why) || strings.Contains(msg, "\n") {
			t.Errorf("ParseAddress(%q) says %q, want %q", in, msg, why)
		}
	}
	for _, in := range []string{"a.onion", "A.Onion.", "onion"} {
		if _, err := ParseHost(in); KindOf(err) != Invalid || !strings.Contains(Message(err), "Tor") {
			t.Errorf("ParseHost(%q): %v", in, err)
		}
		if _, err := ParseName(in); KindOf(err) != Invalid || !strings.Contains(Message(err), "Tor") {
			t.Errorf("ParseName(%q): %v", in, err)
		}
	}
}

// Names that look alike, and those that are reserved for something else, are names as any other.
func TestNamesThatLookSpecial(t *testing.T) {
	for _, host := range []string{
		"site.test", "host.home.arpa", "onion.example", "local.example", "my-localhost.example", "a.xlocal",
		"local.alt.example", "invalid.com",
	} {
		if got, err := ParseHost(host); err != nil || got != host {
			t.Errorf("ParseHost(%q) = %q, %v", host, got, err)
		}
		if a, err := ParseAddress("wtp://" + host + "/"); err != nil || a.Host != host {
			t.Errorf("ParseAddress(%q) = %+v, %v", host, a, err)
		}
	}
}

// A site of an older version that has such a name can still be named, and has its origin.
func TestKnownSpecialUseNames(t *testing.T) {
	const host = "nas.internal"
	if got, err := ParseKnownHost("NAS.internal."); err != nil || got != host {
		t.Errorf("ParseKnownHost: %q, %v", got, err)
	}
	for _, in := range []string{host, "wtp://nas.internal/", "http://nas-internal.localhost:7780/"} {
		if a, err := ParseKnownAddress(in); err != nil || a.Host != host {
			t.Errorf("ParseKnownAddress(%q) = %+v, %v", in, a, err)
		}
	}
	if got, ok := HostFromOriginLabel(OriginLabel(host)); !ok || got != host {
		t.Errorf("HostFromOriginLabel: %q, %v", got, ok)
	}
}
