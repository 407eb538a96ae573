package pkarr

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"wtptui/engine"
)

func TestPayload(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"0:", "12:Hello World!", "995:" + strings.Repeat("a", MaxPacket)} {
		i := mustSign(t, 1, nowSeq, value)
		payload, ok := i.Payload()
		if !ok || !bytes.Equal(payload[:64], i.Sig[:]) || binary.BigEndian.Uint64(payload[64:72]) != nowSeq ||
			string(payload[72:]) != value[strings.Index(value, ":")+1:] {
			t.Errorf("%.20q is %x, %v", value, payload, ok)
		}
		back, err := ParsePayload(i.Key, payload)
		if err != nil || !back.Same(i) || back.Sig != i.Sig || back.Key != i.Key {
			t.Errorf("%.20q came back as %+v, %v", value, back, err)
		}
	}
	if payload, ok := mustSign(t, 1, 1, "de").Payload(); ok {
		t.Errorf("a dictionary is %x", payload)
	}
}

func TestBytes(t *testing.T) {
	t.Parallel()
	for _, i := range []Item{vector(t), mustSign(t, 1, math.MaxInt64, "de"), mustSign(t, 2, 0, "0:")} {
		b := i.Bytes()
		back, err := ParseBytes(i.Key, b)
		if err != nil || !back.Same(i) || back.Sig != i.Sig || back.Key != i.Key {
			t.Errorf("%q came back as %+v, %v", i.Value, back, err)
		}
		clear(b) // The item is its own.
		if !back.Same(i) {
			t.Errorf("%q changed with the bytes", i.Value)
		}
		if _, err := ParseBytes(publicOf(secret(9)), i.Bytes()); engine.KindOf(err) != engine.Refused {
			t.Errorf("of another key: %v", err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	good := vector(t).Bytes()
	for n := range len(good) {
		for _, parse := range []func(engine.PublicKey, []byte) (Item, error){ParseBytes, ParsePayload} {
			if i, err := parse(vector(t).Key, good[:n]); engine.KindOf(err) != engine.Refused || !i.IsZero() {
				t.Errorf("the first %d bytes are %+v, %v", n, i, err)
			}
		}
	}
	for _, n := range []int{72 + MaxPacket + 2, 72 + MaxValue, 72 + MaxValue + 1, 1 << 20} {
		if i, err := ParsePayload(vector(t).Key, make([]byte, n)); engine.KindOf(err) != engine.Refused || !i.IsZero() {
			t.Errorf("%d bytes are %+v, %v", n, i, err)
		}
	}
}

// What a relay says, or has become of a file, is refused unless the key's owner has signed it.
func FuzzParse(f *testing.F) {
	f.Add(vector(f).Bytes(), false)
	f.Add(append(vector(f).Bytes()[:72], "Hello World!"...), true)
	f.Add([]byte{}, true)
	f.Add(make([]byte, 72), true)
	key := vector(f).Key
	f.Fuzz(func(t *testing.T, b []byte, relay bool) {
		parse := ParseBytes
		if relay {
			parse = ParsePayload
		}
		i, err := parse(key, b)
		if err != nil {
			if engine.KindOf(err) != engine.Refused || !i.IsZero() {
				t.Fatalf("%+v, %v", i, err)
			}
			return
		}
		if err := i.Check(); err != nil || !i.Same(vector(t)) { // Nobody else has its secret key.
			t.Fatalf("%+v, %v", i, err)
		}
	})
}
