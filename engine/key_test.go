package engine

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keyHost is the key of BEP 44's test vectors, in hex and as a host.
const (
	keyHex  = "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"
	keyHost = "q99ajrn41gjsg36ynpoeycer9r1df9g3y11dkrc8pz4h5h98hiry"
)

func TestKey(t *testing.T) {
	var k PublicKey
	if _, err := hex.Decode(k[:], []byte(keyHex)); err != nil {
		t.Fatal(err)
	}
	if got := k.Host(); got != keyHost {
		t.Errorf("the host is %s, want %s", got, keyHost)
	}
	for _, s := range []string{keyHost, strings.ToUpper(keyHost)} {
		if got, ok := ParseKey(s); !ok || got != k {
			t.Errorf("ParseKey(%s) = %x, %v", s, got, ok)
		}
	}
	if !IsKey(keyHost) || IsKey(strings.ToUpper(keyHost)) || IsDomain(keyHost) || IsInfohash(keyHost) {
		t.Error("a key is not taken for one, or for something else")
	}
	for last := range strings.SplitSeq(zbase32, "") {
		s := keyHost[:51] + last
		if _, ok := ParseKey(s); ok != (last == "y" || last == "o") {
			t.Errorf("a key that ends in %s: %v", last, ok)
		}
	}
	for _, s := range []string{"", keyHost[1:], keyHost + "y", "l" + keyHost[1:], "2" + keyHost[1:], "é" + keyHost[2:], " " + keyHost[1:]} {
		if _, ok := ParseKey(s); ok || IsKey(s) {
			t.Errorf("%q is taken for a key", s)
		}
	}
}

// TestKeyAddresses: a key is a host in every form of an address.
func TestKeyAddresses(t *testing.T) {
	for s, want := range map[string]Address{
		"wtp://" + keyHost + "/a/b?q=1#top":                      {Host: keyHost, Path: "/a/b", Query: "q=1", Fragment: "top"},
		"WTP://" + strings.ToUpper(keyHost):                      {Host: keyHost},
		keyHost:                                                  {Host: keyHost},
		keyHost + "/page":                                        {Host: keyHost, Path: "/page"},
		"pk:" + keyHost:                                          {Host: keyHost},
		"PK:" + strings.ToUpper(keyHost) + "/p?q":                {Host: keyHost, Path: "/p", Query: "q"},
		"magnet:?xs=urn:btpk:" + keyHex:                          {Host: keyHost},
		"magnet:?dn=x&xs=URN:BTPK:" + strings.ToUpper(keyHex):    {Host: keyHost, Name: "x"},
		"magnet:?xs=urn:btpk:" + keyHex + "&xt=urn:btih:" + hash: {Host: hash},
		"http://" + keyHost + ".localhost:7780/p?q":              {Host: keyHost, Path: "/p", Query: "q"},
		"http://localhost:7780/wtp/" + keyHost + "/p":            {Host: keyHost, Path: "/p"},
	} {
		got, err := ParseAddress(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s, diff)
		}
	}
	for s, want := range map[string]string{
		"pk:example.org":               "is not one",
		"pk:" + hash:                   "is not one",
		"pk:":                          "the host is missing",
		"wtp://" + keyHost[:51] + "a/": "its last character has to be y or o",
		"magnet:?xs=urn:btpk:" + keyHex + "&s=6e":     "salt",
		"magnet:?xs=urn:btpk:" + keyHex[2:]:           "xs=urn:btpk:",
		"magnet:?xs=http://tracker.example/a.torrent": "xt=urn:btih:",
	} {
		if _, err := ParseAddress(s); KindOf(err) != Invalid || !strings.Contains(Message(err), want) {
			t.Errorf("%s: %v, want %q", s, err, want)
		}
	}
}

// TestKeyLabels: a key is its own label, and no hashed label is one.
func TestKeyLabels(t *testing.T) {
	if Label(keyHost) != keyHost || IsHashedLabel(keyHost) {
		t.Errorf("the label is %s", Label(keyHost))
	}
	if host, ok := HostOfLabel(keyHost); !ok || host != keyHost {
		t.Errorf("HostOfLabel: %s, %v", host, ok)
	}
	for i := range 200 {
		hashed := Label("xn--" + strings.Repeat("a", i%50+1) + ".example")
		if !IsHashedLabel(hashed) || IsKey(hashed) {
			t.Fatalf("%s is taken for a key", hashed)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(keyHost)
	f.Add(strings.ToUpper(keyHost))
	f.Add(keyHost[:51] + "a")
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := ParseKey(s)
		if !ok {
			return
		}
		if k.Host() != strings.ToLower(s) || !IsKey(k.Host()) {
			t.Errorf("%q is %q", s, k.Host())
		}
		if host, err := ParseHost(s); err != nil || host != k.Host() {
			t.Errorf("%q as a host: %q, %v", s, host, err)
		}
	})
}
