package pkarr

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha1"
	"fmt"
	"math"
	"strconv"
	"time"

	"wtptui/engine"
)

// MaxValue is the maximum size of a value that DHT nodes accept, bencoded, in bytes (BEP 44).
const MaxValue = 1000

// MaxPacket is the maximum size of a DNS packet that we sign, in bytes. Bencoded, it is a byte shorter than MaxValue:
// not every node accepts a value of exactly that size. Others may sign one that is a byte longer.
const MaxPacket = MaxValue - len("995:") - 1

// MaxClockAhead is how far in the future a record may have been signed. No later one is signed here: its owner could
// not sign another record before that time.
const MaxClockAhead = 24 * time.Hour

// Item is a mutable item without salt (BEP 44).
type Item struct {
	Key engine.PublicKey
	// Seq is the sequence number: of two items of a key, the one with the higher number counts. In pkarr it is the
	// time of signing, in microseconds since 1970.
	Seq int64
	Sig [ed25519.SignatureSize]byte
	// Value is bencoded, at most MaxValue bytes.
	Value []byte
}

// Sign returns a signed item. The error has Kind Invalid if the sequence number is negative, or if the value is too
// long or not a bencoded string or dictionary.
func Sign(key ed25519.PrivateKey, seq int64, value []byte) (Item, error) {
	i := Item{Key: engine.PublicKey(key.Public().(ed25519.PublicKey)), Seq: seq, Value: value}
	_, isPacket := i.Packet()
	_, isDictionary := parseDictionary(value)
	switch {
	case seq < 0:
		return Item{}, invalid("a record cannot have the sequence number %d: set this machine's clock right", seq)
	case len(value) > MaxValue:
		return Item{}, invalid("the record takes %d bytes, and the DHT takes at most %d: name fewer trackers and web seeds",
			len(value), MaxValue)
	case !isPacket && !isDictionary:
		return Item{}, invalid("a record is a bencoded string or dictionary")
	}
	i.Sig = [ed25519.SignatureSize]byte(ed25519.Sign(key, i.signed()))
	return i, nil
}

// Check returns an error of Kind Refused if the item was not signed by its key's owner, or is malformed.
func (i Item) Check() error {
	switch {
	case len(i.Value) == 0 || len(i.Value) > MaxValue:
		return refused("a record of %d bytes: it must have 1 to %d", len(i.Value), MaxValue)
	case i.Seq < 0:
		return refused("a record with the sequence number %d", i.Seq)
	case !ed25519.Verify(i.Key[:], i.signed(), i.Sig[:]):
		return refused("a record whose signature is wrong")
	}
	return nil
}

// signed returns the bytes that are signed (BEP 44).
func (i Item) signed() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "3:seqi%de1:v", i.Seq)
	b.Write(i.Value)
	return b.Bytes()
}

// IsZero reports whether there is no item.
func (i Item) IsZero() bool { return i.Value == nil }

// Target returns the DHT target of the item (BEP 44).
func (i Item) Target() [sha1.Size]byte { return Target(i.Key) }

// Target returns the DHT target of a key's item (BEP 44).
func Target(k engine.PublicKey) [sha1.Size]byte { return sha1.Sum(k[:]) }

// Newer reports whether the item replaces another one of its key.
func (i Item) Newer(than Item) bool {
	switch {
	case i.IsZero() || than.IsZero():
		return !i.IsZero()
	case i.Seq != than.Seq:
		return i.Seq > than.Seq
	}
	// Two values with the same number are a mistake of the owner. The larger value counts everywhere, as in pkarr.
	packet, ok := i.Packet()
	other, otherOK := than.Packet()
	if ok && otherOK {
		return bytes.Compare(packet, other) > 0
	}
	return bytes.Compare(i.Value, than.Value) > 0
}

// Same reports whether two items of a key have the same number and value.
func (i Item) Same(as Item) bool { return i.Seq == as.Seq && bytes.Equal(i.Value, as.Value) }

// SignedAt returns when the item was signed, if its sequence number is a plausible time; otherwise zero. Numbers of
// other programs often count from 1.
func (i Item) SignedAt() time.Time {
	t := time.UnixMicro(i.Seq)
	if t.Year() < 2015 || t.Year() >= 2200 {
		return time.Time{}
	}
	return t.UTC()
}

// FromFuture reports whether the item claims to have been signed more than MaxClockAhead after now: nothing newer can
// be signed until then.
func (i Item) FromFuture(now time.Time) bool { return i.Seq > now.Add(MaxClockAhead).UnixMicro() }

// NextSeq returns the sequence number for a record that is signed now and follows one with the number known, 0 if
// there is none: the time in microseconds, or known plus one if that is more. The error has Kind Conflict if it would
// be more than MaxClockAhead after now: the clock of this machine or of the one that signed before is wrong.
func NextSeq(now time.Time, known int64) (int64, error) {
	seq := now.UnixMicro()
	if known >= seq && known < math.MaxInt64 {
		seq = known + 1
	}
	if seq <= known || seq > now.Add(MaxClockAhead).UnixMicro() {
		return 0, &engine.Error{
			Op: "pkarr: sign", Kind: engine.Conflict,
			Msg: "the newest record was signed more than a day in the future: " +
				"set this machine's clock right, or wait until then",
		}
	}
	return seq, nil
}

// bencodeString bencodes a string (BEP 3).
func bencodeString(s []byte) []byte {
	return append(append(strconv.AppendInt(nil, int64(len(s)), 10), ':'), s...)
}

func invalid(format string, args ...any) error {
	return &engine.Error{Op: "pkarr: sign", Kind: engine.Invalid, Msg: fmt.Sprintf(format, args...)}
}

func refused(format string, args ...any) error {
	return &engine.Error{Op: "pkarr", Kind: engine.Refused, Msg: fmt.Sprintf(format, args...)}
}
