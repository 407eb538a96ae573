package pkarr

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// now is when the tests are, and nowSeq that in microseconds.
var now = time.Date(2026, 5, 6, 7, 8, 9, 123_456_789, time.UTC)

const nowSeq = 1_778_051_289_123_456

func secret(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func publicOf(k ed25519.PrivateKey) engine.PublicKey {
	return engine.PublicKey(k.Public().(ed25519.PublicKey))
}

func mustSign(t testing.TB, n byte, seq int64, value string) Item {
	t.Helper()
	i, err := Sign(secret(n), seq, []byte(value))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vector is the first test vector of BEP 44, without salt.
func vector(t testing.TB) Item {
	t.Helper()
	return Item{
		Key: engine.PublicKey(unhex(t, "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548")),
		Seq: 1, Value: []byte("12:Hello World!"),
		Sig: [64]byte(unhex(t, "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"+
			"1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")),
	}
}

func TestVector(t *testing.T) {
	t.Parallel()
	i := vector(t)
	if err := i.Check(); err != nil {
		t.Error(err)
	}
	if got := i.Target(); hex.EncodeToString(got[:]) != "4a533d47ec9c7d95b1ad75f576cffc641853b750" {
		t.Errorf("its target is %x", got)
	}
	if packet, ok := i.Packet(); !ok || string(packet) != "Hello World!" {
		t.Errorf("it has the packet %q, %v", packet, ok)
	}
}

func TestCheckErrors(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Item){
		"another value":             func(i *Item) { i.Value = []byte("12:Hello world!") },
		"another number":            func(i *Item) { i.Seq++ },
		"a negative number":         func(i *Item) { i.Seq = -1 },
		"another key":               func(i *Item) { i.Key[0] ^= 1 },
		"no key":                    func(i *Item) { i.Key = engine.PublicKey{} },
		"another signature":         func(i *Item) { i.Sig[63] ^= 1 },
		"no signature":              func(i *Item) { i.Sig = [64]byte{} },
		"no value":                  func(i *Item) { i.Value = nil },
		"an empty value":            func(i *Item) { i.Value = []byte{} },
		"a value that is too long":  func(i *Item) { i.Value = make([]byte, MaxValue+1) },
		"a negative number, signed": func(i *Item) { signAnyway(i, -1, "1:a") },
		"a long value, signed":      func(i *Item) { signAnyway(i, 1, "997:"+strings.Repeat("a", 997)) },
	} {
		i := vector(t)
		change(&i)
		if err := i.Check(); engine.KindOf(err) != engine.Refused {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ParseBytes(i.Key, i.Bytes()); engine.KindOf(err) != engine.Refused {
			t.Errorf("%s, on the disk: %v", name, err)
		}
	}
}

// signAnyway signs what Sign would refuse.
func signAnyway(i *Item, seq int64, value string) {
	k := secret(1)
	i.Key, i.Seq, i.Value = publicOf(k), seq, []byte(value)
	i.Sig = [64]byte(ed25519.Sign(k, i.signed()))
}

func TestSign(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"0:", "1:a", "de", "d2:ih20:aaaaaaaaaaaaaaaaaaaae", "995:" + strings.Repeat("a", MaxPacket),
		"996:" + strings.Repeat("a", 996),
	} {
		i := mustSign(t, 1, nowSeq, value)
		if err := i.Check(); err != nil || i.Seq != nowSeq || string(i.Value) != value || i.Key != publicOf(secret(1)) {
			t.Errorf("%.20q: %+v, %v", value, i, err)
		}
		if again := mustSign(t, 1, nowSeq, value); again.Sig != i.Sig {
			t.Errorf("%.20q is signed in two ways", value)
		}
	}
	for _, value := range []string{
		"", "a", "1:", "1:ab", "01:a", "i1e", "le", "d", "dee", "d1:ae", "997:" + strings.Repeat("a", 997), ":", "-1:a",
	} {
		if i, err := Sign(secret(1), 1, []byte(value)); engine.KindOf(err) != engine.Invalid || !i.IsZero() {
			t.Errorf("%.20q: %+v, %v", value, i, err)
		}
	}
	if _, err := Sign(secret(1), -1, []byte("1:a")); engine.KindOf(err) != engine.Invalid {
		t.Errorf("a negative number: %v", err)
	}
}

func TestNewer(t *testing.T) {
	t.Parallel()
	long := "100:" + strings.Repeat("a", 100)
	items := []Item{ // the older before the newer
		{},
		mustSign(t, 1, 0, "1:z"),
		mustSign(t, 1, 1, long), // as the string "100:…" is less than "2:a", and as a packet more than "a" is
		mustSign(t, 1, 1, "3:aab"),
		mustSign(t, 1, 1, "1:b"),
		mustSign(t, 1, 2, "1:a"),
		mustSign(t, 1, math.MaxInt64, "de"),
	}
	for n, a := range items {
		for m, b := range items {
			if a.Newer(b) != (n > m) {
				t.Errorf("item %d is newer than %d: %v", n, m, a.Newer(b))
			}
			if a.Same(b) != (n == m) {
				t.Errorf("items %d and %d are one: %v", n, m, a.Same(b))
			}
		}
	}
	// A packet and a dictionary are in some order, the same for all.
	a, b := mustSign(t, 1, 1, "1:a"), mustSign(t, 1, 1, "de")
	if a.Newer(b) == b.Newer(a) {
		t.Error("of a packet and a dictionary both are the newer, or none is")
	}
}

func TestNextSeq(t *testing.T) {
	t.Parallel()
	const day = int64(24 * time.Hour / time.Microsecond)
	for name, tt := range map[string]struct {
		now         time.Time
		known, want int64
	}{
		"the first":                       {now, 0, nowSeq},
		"after one of another program":    {now, 7, nowSeq},
		"after one of yesterday":          {now, nowSeq - day, nowSeq},
		"after the one just before":       {now, nowSeq - 1, nowSeq},
		"twice in a microsecond":          {now, nowSeq, nowSeq + 1},
		"after a clock was set back":      {now, nowSeq + day - 1, nowSeq + day},
		"a day after that":                {now, nowSeq + day, 0},
		"after one of years ahead":        {now, nowSeq + 400*day, 0},
		"after the last number":           {now, math.MaxInt64, 0},
		"after the last but one":          {now, math.MaxInt64 - 1, 0},
		"on a machine without a clock":    {time.UnixMicro(0), nowSeq, 0},
		"the first, without a clock":      {time.UnixMicro(0), 0, 1},
		"the first, long before our time": {time.UnixMicro(-2 * day), 0, 0},
	} {
		got, err := NextSeq(tt.now, tt.known)
		if got != tt.want || (err != nil) != (tt.want == 0) || err != nil && engine.KindOf(err) != engine.Conflict {
			t.Errorf("%s: %d, %v; want %d", name, got, err, tt.want)
		}
	}
}

func TestSignedAt(t *testing.T) {
	t.Parallel()
	for seq, want := range map[int64]time.Time{
		nowSeq:               now.Truncate(time.Microsecond),
		0:                    {},
		1:                    {},
		nowSeq / 1000:        {}, // in milliseconds
		nowSeq / 1_000_000:   {}, // in seconds
		math.MaxInt64:        {},
		1_420_070_400_000000: time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC),
		1_420_070_399_999999: {},
	} {
		if got := (Item{Seq: seq}).SignedAt(); !got.Equal(want) {
			t.Errorf("%d is %v, want %v", seq, got, want)
		}
	}
	const day = int64(24 * time.Hour / time.Microsecond)
	for seq, want := range map[int64]bool{
		0: false, 1: false, nowSeq: false, nowSeq + day: false, nowSeq + day + 1: true, nowSeq + 400*day: true,
		math.MaxInt64: true, nowSeq / 1000: false,
	} {
		i := Item{Seq: seq}
		if i.FromFuture(now) != want {
			t.Errorf("%d is from the future: %v", seq, !want)
		}
		if _, err := NextSeq(now, seq); (err != nil) != (want || seq == nowSeq+day) {
			t.Errorf("after %d: %v", seq, err)
		}
	}
}
