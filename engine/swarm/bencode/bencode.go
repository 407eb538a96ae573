package bencode

import (
	"bytes"
	"iter"
	"strconv"
)

// MaxDepth is the maximum nesting depth of lists and dictionaries: that of the file tree of BEP 52 for the longest
// path.
const MaxDepth = 300

// Dict is the encoded content of a dictionary; it shares the memory of its input. Lookups take time in proportion to
// its length and no memory: a decoder may take a thousand times the memory of a malicious input. Of equal keys the
// first one counts.
type Dict []byte

// ParseDict parses the dictionary at the start of b and returns the bytes after it.
func ParseDict(b []byte) (d Dict, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != 'd' {
		return nil, nil, false
	}
	n := valueLength(b)
	if n < 0 {
		return nil, nil, false
	}
	return Dict(b[1 : n-1]), b[n:], true
}

// valueLength returns the length of the encoded value at the start of b, or -1 if there is none.
func valueLength(b []byte) int {
	depth := 0
	for i := 0; i < len(b); {
		switch b[i] {
		case 'd', 'l':
			i++
			if depth++; depth > MaxDepth {
				return -1
			}
		case 'e':
			i++
			if depth--; depth < 0 {
				return -1
			}
		case 'i':
			n := bytes.IndexByte(b[i:], 'e')
			if n < 0 {
				return -1
			}
			i += n + 1
		default:
			s, n := parseString(b[i:])
			if n < 0 {
				return -1
			}
			i += n + len(s)
		}
		if depth == 0 {
			return i
		}
	}
	return -1
}

// parseString returns the string at the start of b, and the length of its length prefix; -1 if there is none.
func parseString(b []byte) (s []byte, prefix int) {
	n := 0
	for i, c := range b {
		switch {
		case c == ':' && i > 0 && n <= len(b)-i-1:
			return b[i+1 : i+1+n], i + 1
		case c < '0' || c > '9' || n > len(b):
			return nil, -1
		}
		n = 10*n + int(c-'0')
	}
	return nil, -1
}

// Get returns an encoded value, nil if there is none.
func (d Dict) Get(key string) []byte {
	for k, v := range d.All() {
		if string(k) == key {
			return v
		}
	}
	return nil
}

// All returns the keys and the encoded values, in order, up to the first key that is not a string.
func (d Dict) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		for rest := d; len(rest) > 0; {
			key, prefix := parseString(rest)
			if prefix < 0 {
				return
			}
			rest = rest[prefix+len(key):]
			n := valueLength(rest)
			if n < 0 || !yield(key, rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// Number returns an integer; ok is false for anything else.
func (d Dict) Number(key string) (n int64, ok bool) { return Number(d.Get(key)) }

// UpTo returns an integer from 0 to most; 0 for anything else.
func (d Dict) UpTo(key string, most int64) int {
	if n, ok := d.Number(key); ok && n > 0 && n <= most {
		return int(n)
	}
	return 0
}

// Text returns a string; nil for anything else.
func (d Dict) Text(key string) []byte { return Text(d.Get(key)) }

// Dict returns a dictionary; nil for anything else.
func (d Dict) Dict(key string) Dict {
	inner, _, _ := ParseDict(d.Get(key))
	return inner
}

// List returns the encoded items of a list; no items for anything else.
func (d Dict) List(key string) iter.Seq[[]byte] { return List(d.Get(key)) }

// Number returns the integer that an encoded value is; ok is false for anything else.
func Number(v []byte) (n int64, ok bool) {
	if len(v) < 3 || len(v) > 22 || v[0] != 'i' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v[1:len(v)-1]), 10, 64)
	return n, err == nil
}

// Text returns the string that an encoded value is; nil for anything else.
func Text(v []byte) []byte {
	s, _ := parseString(v)
	return s
}

// IsList reports whether an encoded value is a list.
func IsList(v []byte) bool { return len(v) > 0 && v[0] == 'l' }

// List returns the encoded items of the list that an encoded value is; no items for anything else.
func List(v []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !IsList(v) {
			return
		}
		for rest := v[1:]; len(rest) > 0; {
			n := valueLength(rest) // -1 at the end of the list, which is not a value
			if n < 0 || !yield(rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}
