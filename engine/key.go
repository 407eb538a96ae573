package engine

import (
	"fmt"
	"strings"
)

// zbase32 is the alphabet of z-base-32, which pkarr writes keys in.
const zbase32 = "ybndrfg8ejkmcpqxot1uwisza345h769"

// keyLength is that of an ed25519 public key of 32 bytes, in characters of z-base-32 of five bits each.
const keyLength = 52

// PublicKey is an ed25519 public key (RFC 8032).
type PublicKey [32]byte

// Host returns the key as a site's host: 52 characters of z-base-32.
func (k PublicKey) Host() string {
	var host [keyLength]byte
	for i := range host {
		var five byte
		for bit := 5 * i; bit < 5*i+5; bit++ {
			five <<= 1
			if bit < 8*len(k) {
				five |= k[bit/8] >> (7 - bit%8) & 1
			}
		}
		host[i] = zbase32[five]
	}
	return string(host[:])
}

// ParseKey parses a public key in z-base-32, in any case. It returns false for any other text, also for another
// encoding of the same key than that of PublicKey.Host: each key has one origin.
func ParseKey(s string) (PublicKey, bool) {
	var k PublicKey
	if len(s) != keyLength {
		return PublicKey{}, false
	}
	for i := range len(s) {
		c := s[i]
		if c >= 'A' && c <= 'Z' { // And not what Unicode takes for such a letter.
			c += 'a' - 'A'
		}
		five := strings.IndexByte(zbase32, c)
		if five < 0 {
			return PublicKey{}, false
		}
		for bit := range 5 {
			at := 5*i + bit
			switch set := five>>(4-bit)&1 == 1; {
			case set && at >= 8*len(k):
				return PublicKey{}, false
			case set:
				k[at/8] |= 1 << (7 - at%8)
			}
		}
	}
	return k, true
}

// IsKey reports whether host is a public key in its canonical form.
func IsKey(host string) bool {
	if len(host) != keyLength || host != strings.ToLower(host) {
		return false
	}
	_, ok := ParseKey(host)
	return ok
}

// IsOpaque reports whether a site's host is an infohash or a key, which people do not remember.
func IsOpaque(host string) bool { return IsInfohash(host) || IsKey(host) }

// IsDomain reports whether a site's host is a domain: neither an infohash nor a key.
func IsDomain(host string) bool { return strings.Contains(host, ".") }

// Record is what the owner of a key has signed: a mutable item of the DHT (BEP 44) that says where the key's site is
// now. It is zero for a site without a key.
type Record struct {
	// Seq is the item's sequence number. A record with a lower one than is known is never used.
	Seq int64 `json:"seq"`
	// SignedAt is when it was signed, as Seq says in microseconds; zero (null) if Seq is no such time.
	SignedAt Time `json:"signed_at"`
	// Infohash is what it says.
	Infohash string `json:"infohash"`
	// ReadAt is when a look-up in the DHT was last completed. Nearest is how many of the nodes nearest to the key answered
	// then, and Found how many of these had this record.
	ReadAt  Time `json:"read_at"`
	Nearest int  `json:"nearest"`
	Found   int  `json:"found"`
	// PutAt is when it was put into the DHT last, from here, and Nodes how many nodes took it then,
	// and Relays how many relays.
	PutAt  Time `json:"put_at"`
	Nodes  int  `json:"nodes"`
	Relays int  `json:"relays"`
	// Signer is the name of the key on this machine that signs it; empty if that is not here.
	Signer string `json:"signer"`
	// Error says what is wrong with the record, or with putting it, and what to do; empty if nothing is.
	Error string `json:"error"`
}

// Key is a key of this machine, with which sites are published: see PublishRequest.Key.
type Key struct {
	// Name is what a person calls it.
	Name string `json:"name"`
	// Host is the public key, as a site's host.
	Host string `json:"host"`
	// Machine is the machine in a fleet that has it; empty in any other engine.
	Machine string `json:"machine,omitempty"`
	// CreatedAt is when it was made here, or imported.
	CreatedAt Time `json:"created_at"`
	// BackedUp reports whether a person has exported it.
	BackedUp bool `json:"backed_up"`
	// Error says why the key cannot be used, and what to do; Host is empty then.
	Error string `json:"error"`
}

// maxKeyName bounds the name of a key, in bytes.
const maxKeyName = 64

// CheckKeyName returns an error of Kind Invalid if name is not valid for a key.
func CheckKeyName(name string) error {
	ok := name != "" && len(name) <= maxKeyName && name[0] != '-' && name[0] != '.'
	for i := range len(name) {
		c := name[i]
		ok = ok && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if !ok {
		return &Error{
			Op: "keys", Kind: Invalid,
			Msg: fmt.Sprintf(
				"%q is not a name for a key: use at most %d letters, digits, -, _ and dots, like blog",
				Clean(name),
				maxKeyName,
			),
		}
	}
	return nil
}
