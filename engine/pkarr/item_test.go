package pkarr

import (
	"crypto/ed25519"
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

var (
	now    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	secret = ed25519.NewKeyFromSeed([]byte(strings.Repeat("s", ed25519.SeedSize)))
)

func fromHex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// vector is the mutable item without salt of BEP 44's test vectors.
func vector(t *testing.T) Item {
	return Item{
		Key: engine.PublicKey(fromHex(t, "77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548")), Seq: 1,
		Sig: [64]byte(fromHex(t, "305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"+
			"1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")),
		Value: []byte("12:Hello World!"),
	}
}

func TestVector(t *testing.T) {
	i := vector(t)
	if err := i.Check(); err != nil {
		t.Error(err)
	}
	if got := i.Target(); hex.EncodeToString(got[:]) != "4a533d47ec9c7d95b1ad75f576cffc641853b750" {
		t.Errorf("the target is %x", got)
	}
	for what, change := range map[string]func(*Item){
		"another number":    func(i *Item) { i.Seq++ },
		"another value":     func(i *Item) { i.Value = []byte("12:Hello world!") },
		"another key":       func(i *Item) { i.Key[0]++ },
		"another signature": func(i *Item) { i.Sig[3]++ },
		"no value":          func(i *Item) { i.Value = nil },
		"a long value":      func(i *Item) { i.Value = make([]byte, MaxValue+1) },
		"a negative number": func(i *Item) { i.Seq = -1 },
	} {
		bad := vector(t)
		if change(&bad); engine.KindOf(bad.Check()) != engine.Refused {
			t.Errorf("%s: %v", what, bad.Check())
		}
	}
}

func TestSign(t *testing.T) {
	i, err := Sign(secret, 7, []byte("4:spam"))
	if err != nil || i.Check() != nil {
		t.Errorf("%v, %v", err, i.Check())
	}
	if _, err := Sign(secret, 7, make([]byte, MaxValue+1)); engine.KindOf(err) != engine.Invalid {
		t.Errorf("a long value: %v", err)
	}
}

func TestNextSeq(t *testing.T) {
	us := now.UnixMicro()
	for name, c := range map[string]struct {
		known, want int64
		kind        engine.Kind
	}{
		"the first":                   {0, us, engine.None},
		"an old one":                  {us - 1000, us, engine.None},
		"of this very moment":         {us, us + 1, engine.None},
		"the clock was set back":      {us + time.Hour.Microseconds(), us + time.Hour.Microseconds() + 1, engine.None},
		"nearly a day ahead":          {us + Ahead.Microseconds() - 1, us + Ahead.Microseconds(), engine.None},
		"a day ahead":                 {us + Ahead.Microseconds(), 0, engine.Conflict},
		"as far as there are numbers": {math.MaxInt64, 0, engine.Conflict},
		"of a program that counts":    {41, us, engine.None},
	} {
		if got, err := NextSeq(now, c.known); got != c.want || engine.KindOf(err) != c.kind {
			t.Errorf("%s: %d, %v, want %d", name, got, err, c.want)
		}
	}
}

func TestNewer(t *testing.T) {
	a, b := Item{Seq: 1, Value: []byte("1:a")}, Item{Seq: 1, Value: []byte("1:b")}
	two := Item{Seq: 2, Value: []byte("1:a")}
	for _, c := range []struct {
		x, y Item
		want bool
	}{{a, Item{}, true}, {Item{}, a, false}, {Item{}, Item{}, false}, {two, a, true}, {a, two, false}, {b, a, true}, {a, b, false}, {a, a, false}} {
		if got := c.x.Newer(c.y); got != c.want {
			t.Errorf("%v newer than %v: %v", c.x, c.y, got)
		}
	}
}

func TestTimes(t *testing.T) {
	at := func(seq int64) Item { return Item{Seq: seq} }
	if got := at(now.UnixMicro()).SignedAt(); !got.Equal(now) {
		t.Errorf("signed at %v", got)
	}
	for seq, future := range map[int64]bool{
		1: false, now.UnixMicro(): false, now.Add(Ahead).UnixMicro(): false, now.Add(Ahead).UnixMicro() + 1: true, math.MaxInt64: true,
	} {
		if got := at(seq).FromFuture(now); got != future {
			t.Errorf("%d from the future: %v", seq, got)
		}
	}
	if !at(5).SignedAt().IsZero() || !at(math.MaxInt64).SignedAt().IsZero() {
		t.Error("a number that is no time is taken for one")
	}
}
