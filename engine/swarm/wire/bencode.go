package wire

import (
	"bytes"
	"strconv"
)

// maxDepth is how deep what peers send may be nested.
const maxDepth = 16

// dict is the inside of a bencoded dictionary (BEP 3) of a stranger, where it was read. Any value may be of any type,
// or missing, and the keys may come in any order. Looking something up takes no memory: a decoder would take a thousand
// times as much as it is given for what some strangers send.
type dict []byte

// parseDict reads a dictionary and returns what follows it.
func parseDict(b []byte) (d dict, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != 'd' {
		return nil, nil, false
	}
	n := valueLength(b)
	if n < 0 {
		return nil, nil, false
	}
	return dict(b[1 : n-1]), b[n:], true
}

// valueLength is how long the encoded value is with which b begins; -1 if there is none.
func valueLength(b []byte) int {
	depth := 0
	for i := 0; i < len(b); {
		switch b[i] {
		case 'd', 'l':
			i++
			if depth++; depth > maxDepth {
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
			s, n := cutString(b[i:])
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

// cutString returns the string with which b begins, and how long the prefix is that tells its length; -1 if there is
// none.
func cutString(b []byte) (s []byte, prefix int) {
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

// get returns an encoded value; nil if there is none.
func (d dict) get(key string) []byte {
	for len(d) > 0 {
		k, prefix := cutString(d)
		if prefix < 0 {
			return nil
		}
		d = d[prefix+len(k):]
		n := valueLength(d)
		if n < 0 {
			return nil
		}
		if string(k) == key {
			return d[:n]
		}
		d = d[n:]
	}
	return nil
}

// number returns a whole number; ok is false for anything else.
func (d dict) number(key string) (n int64, ok bool) {
	v := d.get(key)
	if len(v) < 3 || len(v) > 22 || v[0] != 'i' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v[1:len(v)-1]), 10, 64)
	return n, err == nil
}

// upTo returns a whole number from 0 to most; 0 for anything else.
func (d dict) upTo(key string, most int64) int {
	if n, ok := d.number(key); ok && n > 0 && n <= most {
		return int(n)
	}
	return 0
}

// text returns a string; nil for anything else.
func (d dict) text(key string) []byte {
	s, _ := cutString(d.get(key))
	return s
}

// dict returns a dictionary; nil for anything else.
func (d dict) dict(key string) dict {
	inner, _, _ := parseDict(d.get(key))
	return inner
}
