package engine

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The public key of the test vectors of BEP 44, and its z-base-32 as another program writes it.
const (
	keyHex = "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548"
	key    = "q99ajrn41gjsg36ynpoeycer9r1df9g3y11dkrc8pz4h5h98hiry"
)

func publicKey(t *testing.T, digits string) (k PublicKey) {
	t.Helper()
	if n, err := hex.Decode(k[:], []byte(digits)); err != nil || n != len(k) {
		t.Fatal(n, err)
	}
	return k
}

func TestParseKeyForms(t *testing.T) {
	t.Parallel()
	for digits, host := range map[string]string{
		keyHex:                                key,
		strings.Repeat("00", 32):              strings.Repeat("y", 52),
		strings.Repeat("ff", 32):              strings.Repeat("9", 51) + "o",
		strings.Repeat("0123456789abcdef", 4): "yrtwk3hjixg66yjdeiuauk6p7hy1gtm8tgih55abrpnsxnpm3zzo",
	} {
		k := publicKey(t, digits)
		if got := k.Host(); got != host {
			t.Errorf("%s is %s, want %s", digits, got, host)
		}
		for _, spelling := range []string{host, strings.ToUpper(host), strings.ToUpper(host[:9]) + host[9:]} {
			if got, ok := ParseKey(spelling); !ok || got != k {
				t.Errorf("%s is %x, %v", spelling, got, ok)
			}
			if got, err := ParseHost(spelling); err != nil || got != host {
				t.Errorf("%s is %s, %v", spelling, got, err)
			}
			if IsKey(spelling) != (spelling == host) {
				t.Errorf("%s is a host: %v", spelling, IsKey(spelling))
			}
		}
		if IsInfohash(host) || IsDomain(host) {
			t.Errorf("%s is something else too", host)
		}
	}
}

func TestInvalidKeys(t *testing.T) {
	t.Parallel()
	bad := []string{
		"", "y", key[:51], key + "y", key + ".", " " + key[1:], "0" + key[1:], "l" + key[1:], "v" + key[1:], "2" + key[1:],
		key[:25] + "-" + key[26:], key[:51] + "\x00", keyHex, hash,
		// A Kelvin sign is three bytes long and lower-cased to a k.
		"\u212a" + key[3:], key[:49] + "\u212a",
	}
	for _, c := range zbase32 { // The last character stands for one bit.
		if c != 'y' && c != 'o' {
			bad = append(bad, key[:51]+string(c))
		}
	}
	for _, s := range bad {
		if k, ok := ParseKey(s); ok || k != (PublicKey{}) {
			t.Errorf("%q is the key %x", s, k)
		}
		if IsKey(s) {
			t.Errorf("%q is a key", s)
		}
		if s != hash {
			if host, err := ParseHost(s); err == nil {
				t.Errorf("%q is the host %s", s, host)
			}
		}
	}
	if _, err := ParseHost(key[:51] + "b"); !strings.Contains(Message(err), "its last character has to be y or o") {
		t.Errorf("a key that was copied wrong: %v", err)
	}
}

func TestKeyAddresses(t *testing.T) {
	t.Parallel()
	hashedLabel := strings.Repeat("a", 51) + "q"
	for in, want := range map[string]Address{
		key:                                   {Host: key},
		strings.ToUpper(key):                  {Host: key},
		" " + key + "\n":                      {Host: key},
		key + "/a b?q#f":                      {Host: key, Path: "/a%20b", Query: "q", Fragment: "f"},
		"wtp://" + key:                        {Host: key},
		"WTP://" + strings.ToUpper(key) + "/": {Host: key, Path: "/"},
		"wtp://" + key + "/path?q#f":          {Host: key, Path: "/path", Query: "q", Fragment: "f"},
		"wtp://" + key + "/x.torrent":         {Host: key, Path: "/x.torrent"},
		"pk:" + key:                           {Host: key},
		"PK:" + strings.ToUpper(key):          {Host: key},
		"pk://" + key + "/p":                  {Host: key, Path: "/p"},
		"pk:" + key + "/path?q#f":             {Host: key, Path: "/path", Query: "q", Fragment: "f"},
		"magnet:?xs=urn:btpk:" + keyHex:       {Host: key},
		"magnet:?xs=urn%3Abtpk%3A" + strings.ToUpper(keyHex) + "&dn=A+site&tr=udp://x:1": {
			Host: key, Name: "A site", Trackers: []string{"udp://x:1"},
		},
		"magnet:?s=&xs.1=URN:BTPK:" + keyHex:                            {Host: key},
		"magnet:?xs=http://evil.example/&xs=urn:btpk:" + keyHex:         {Host: key},
		"magnet:?xt=urn:btmh:1220aa&xs=urn:btpk:" + keyHex:              {Host: key},
		"magnet:?xs=urn:btpk:" + keyHex + "&xt=urn:btih:" + hash:        {Host: hash},
		"magnet:?xt=urn:btih:" + hash + "&s=salt&xs=urn:btpk:" + keyHex: {Host: hash},
		"http://" + key + ".localhost:7780/p?q#f":                       {Host: key, Path: "/p", Query: "q", Fragment: "f"},
		"http://" + strings.ToUpper(key) + ".LOCALHOST:7780/":           {Host: key, Path: "/"},
		"http://localhost:7780/wtp/" + key + "/p":                       {Host: key, Path: "/p"},
		"http://127.0.0.1:7780/?uri=wtp%3A%2F%2F" + key + "%2Fp":        {Host: key, Path: "/p"},
		"wtp://" + key + ".example.org/":                                {Host: key + ".example.org", Path: "/"},
		"http://" + hashedLabel + ".localhost/k":                        {OriginLabel: hashedLabel, Path: "/k"},
	} {
		got, err := ParseAddress(in)
		if err != nil {
			t.Errorf("ParseAddress(%q): %v", in, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParseAddress(%q) (-want +got):\n%s", in, diff)
		}
	}
}

func TestKeyAddressErrors(t *testing.T) {
	t.Parallel()
	for in, says := range map[string]string{
		"magnet:?xs=urn:btpk:" + keyHex + "&s=6e":       "a record with a salt (s=)",
		"magnet:?s=6e&xs=urn:btpk:" + keyHex:            "a record with a salt (s=)",
		"magnet:?xs=urn:btpk:" + keyHex[:62]:            "no xt=urn:btih: with an infohash, and no xs=urn:btpk: with a key",
		"magnet:?xs=urn:btpk:" + keyHex[:62] + "zz":     "no xs=urn:btpk: with a key",
		"magnet:?xs=urn:btpk:" + key:                    "no xs=urn:btpk: with a key",
		"pk:example.org":                                "pk: is for a key of 52 characters, and example.org is not one",
		"pk:" + hash:                                    "pk: is for a key of 52 characters",
		"pk:":                                           "the host is missing",
		"pk:" + key[:51] + "b":                          "its last character has to be y or o",
		"pk:user@" + key:                                "no user name",
		"wtp://" + key + ":80/":                         "no port",
		"https://" + key + "/":                          "",
		"http://" + key[:51] + "b.localhost:7780/":      "is not a site of this server",
		"http://" + key + ".example.localhost:7780/":    "is not a site of this server",
		"wtp://" + key + "." + "/":                      "is not a domain, an infohash or a key",
		"wtp://" + key + "/%zz":                         "no two hex digits",
		"magnet:?s=6e&xs=urn:btpk:" + keyHex + "&xt=zz": "a record with a salt (s=)",
	} {
		a, err := ParseAddress(in)
		if err == nil || KindOf(err) != Invalid || !strings.Contains(Message(err), says) {
			t.Errorf("ParseAddress(%q) = %+v, %v", in, a, err)
		}
	}
}

// No spelling of an infohash is shorter than one.
func TestBase32Infohashes(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		inBase32[:24] + "========", inBase32[:26] + "======", inBase32[:16] + strings.Repeat("\u017f", 8),
	} {
		if host, err := ParseHost(s); err == nil {
			t.Errorf("%q is the host %s", s, host)
		}
	}
}

func TestKeyLabels(t *testing.T) {
	t.Parallel()
	if OriginLabel(key) != key {
		t.Errorf("its label is %s", OriginLabel(key))
	}
	if host, ok := HostFromOriginLabel(key); !ok || host != key {
		t.Errorf("its label is that of %s, %v", host, ok)
	}
	if host, ok := HostFromOriginLabel(strings.ToUpper(key)); ok {
		t.Errorf("a label in capitals is that of %s", host)
	}
	// Of all last characters, no one makes both a key and a hashed label.
	for c := range byte(0x80) {
		label := strings.Repeat("a", 51) + string(rune(c))
		if IsKey(label) && IsHashedOriginLabel(label) {
			t.Errorf("%s is both", label)
		}
		if _, ok := HostFromOriginLabel(label); ok && IsHashedOriginLabel(label) {
			t.Errorf("%s is the label of two hosts", label)
		}
	}
	if l := OriginLabel("xn--bcher-kva.example"); IsKey(l) || !IsHashedOriginLabel(l) {
		t.Errorf("the hashed label %s", l)
	}
}

func TestFindKey(t *testing.T) {
	t.Parallel()
	other := PublicKey{1}.Host()
	all := []Candidate{
		{Host: key, Infohash: hash, Title: "Diary"},
		{Host: "example.org", Title: key}, // a title that is somebody's address
		{Host: other + ".example.org"},
	}
	for name, want := range map[string]string{
		key: key, strings.ToUpper(key): key, "pk:" + key: key, "magnet:?xs=urn:btpk:" + keyHex: key, "diary": key,
		"http://" + key + ".localhost:7780/": key, key[:4]: key, strings.ToUpper(key[:4]): key, hash[:6]: key,
		// A whole key is the beginning of nothing.
		other: other,
	} {
		if host, err := FindHost(name, all); err != nil || host != want {
			t.Errorf("%s is %s, %v; want %s", name, host, err, want)
		}
	}
}

// One key has one spelling but for the case of its letters, and is one host with one label.
func FuzzParseKey(f *testing.F) {
	for _, s := range []string{key, strings.ToUpper(key), key[:51] + "o", key[:51] + "b", key[:49] + "\u212a", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := ParseKey(s)
		if !ok {
			if IsKey(s) || k != (PublicKey{}) {
				t.Fatalf("%q is a key and is none", s)
			}
			return
		}
		host := k.Host()
		if len(s) != len(host) || strings.ToLower(s) != host || !IsKey(host) {
			t.Fatalf("%q is %q", s, host)
		}
		if h, err := ParseHost(s); err != nil || h != host {
			t.Fatalf("%q is the host %q, %v", s, h, err)
		}
		if IsHashedOriginLabel(host) || IsInfohash(host) || OriginLabel(host) != host {
			t.Fatalf("%q is something else too", host)
		}
		if a, err := ParseAddress("magnet:?xs=urn:btpk:" + hex.EncodeToString(k[:])); err != nil || a.Host != host {
			t.Fatalf("the magnet link of %q is that of %q, %v", host, a.Host, err)
		}
	})
}
