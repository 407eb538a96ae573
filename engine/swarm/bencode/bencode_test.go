package bencode

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	strict "github.com/anacrolix/torrent/bencode"
)

func TestValuesOfTheRightType(t *testing.T) {
	d, rest, ok := ParseDict([]byte(
		"d2:d2d1:xi5ee5:emptyle4:listl1:ai2el1:bee3:negi-0e6:numberi-7e3:oddi1.5e4:text3:abc0:0:e\r\n",
	))
	if !ok || string(rest) != "\r\n" {
		t.Fatalf("rest %q, %t", rest, ok)
	}
	if n, ok := d.Number("number"); n != -7 || !ok {
		t.Errorf("number %d, %t", n, ok)
	}
	if n, ok := d.Number("neg"); n != 0 || !ok {
		t.Errorf("-0 is %d, %t", n, ok)
	}
	if s := d.Text("text"); string(s) != "abc" {
		t.Errorf("text %q", s)
	}
	if s := d.Text(""); s == nil || len(s) != 0 {
		t.Errorf("an empty text is %v", s)
	}
	if n := d.Dict("d2").UpTo("x", 5); n != 5 {
		t.Errorf("x is %d", n)
	}
	if got := string(bytes.Join(slices.Collect(d.List("list")), []byte(" "))); got != "1:a i2e l1:be" {
		t.Errorf("list %q", got)
	}
	for range d.List("empty") {
		t.Error("an empty list has an item")
	}
}

// A value of another type counts as missing, whoever asks for it.
func TestValuesOfAnotherType(t *testing.T) {
	d, _, ok := ParseDict([]byte("d1:dde1:ii5e1:lle1:oi1.5e1:s1:xe"))
	if !ok {
		t.Fatal("no dictionary")
	}
	for _, key := range []string{"d", "i", "l", "o", "s", "missing"} {
		if n, ok := d.Number(key); ok != (key == "i") {
			t.Errorf("%s is the number %d", key, n)
		}
		if s := d.Text(key); (s != nil) != (key == "s") {
			t.Errorf("%s is the text %q", key, s)
		}
		if in := d.Dict(key); (in != nil) != (key == "d") {
			t.Errorf("%s is the dictionary %q", key, in)
		}
		if IsList(d.Get(key)) != (key == "l") {
			t.Errorf("%s is a list, or is none", key)
		}
		if n := d.UpTo(key, 4); n != 0 {
			t.Errorf("%s is %d, of at most 4", key, n)
		}
	}
}

func TestParseDictRefuses(t *testing.T) {
	for _, s := range []string{
		"", "d", "e", "i5e", "le", "5:hello", "d1:a", "d1:ai5", "d1:a2:xe", "d1:a-1:xe", "di", "d1:a99999999999999999999:e",
		strings.Repeat("d1:x", MaxDepth+1) + "i1e" + strings.Repeat("e", MaxDepth+1),
	} {
		if d, _, ok := ParseDict([]byte(s)); ok {
			t.Errorf("%q is the dictionary %q", s, d)
		}
	}
	deep := strings.Repeat("d1:x", MaxDepth) + "i1e" + strings.Repeat("e", MaxDepth)
	if _, _, ok := ParseDict([]byte(deep)); !ok {
		t.Error("a deep one is not read")
	}
}

// FuzzDict: any dictionary that a strict decoder reads is read as the same here.
func FuzzDict(f *testing.F) {
	for _, s := range []string{
		"de", "d1:v1:x4:reqqi250ee", "d1:md6:ut_pexi1eee", "d1:xl1:aleee1:yi-5ee", "d0:0:e", "d1:xi9223372036854775808ee",
		"d5:piecei2e10:total_sizei32773eerest", "i1e", "le", "d", "d1:a1:x1:ae", "d1:xllllllllllll", "d1:xi-0ee",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, rest, ok := ParseDict(b)
		if ok && len(rest)+len(d)+2 != len(b) {
			t.Errorf("%d bytes are %d and %d", len(b), len(d), len(rest))
		}
		for v := range List(b) {
			if len(v) == 0 {
				t.Fatal("an item of no bytes")
			}
		}
		r := bytes.NewReader(b)
		decoder := strict.NewDecoder(r)
		decoder.MaxDepth, decoder.MaxStrLen = MaxDepth, int64(len(b))
		var want map[string]any
		if len(b) == 0 || b[0] != 'd' || !canDecode(decoder, &want) {
			return
		}
		if !ok || len(rest) != r.Len() {
			t.Fatalf("%q is no dictionary, or %d bytes follow it, not %d", b, len(rest), r.Len())
		}
		for key, v := range want {
			if bytes.Count(b, []byte(key)) == 1 { // else the key may be there twice
				checkValue(t, d, key, v)
			}
		}
	})
}

func checkValue(t *testing.T, d Dict, key string, want any) {
	t.Helper()
	switch want := want.(type) {
	case int64:
		if n, ok := d.Number(key); n != want || !ok {
			t.Errorf("%q is %d, %t, want %d", key, n, ok, want)
		}
	case string:
		if s := d.Text(key); string(s) != want {
			t.Errorf("%q is %q, want %q", key, s, want)
		}
	case []any:
		if n := len(slices.Collect(d.List(key))); n != len(want) {
			t.Errorf("%q has %d items, want %d", key, n, len(want))
		}
	}
}

// canDecode reports whether the strict decoder takes something. It panics at some input.
func canDecode(d *strict.Decoder, v any) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	return d.Decode(v) == nil
}
