package files

import (
	"strings"

	"golang.org/x/net/html/charset"
)

// encoding is how a page's bytes are characters.
type encoding struct {
	// ascii reports whether markup is spelt in ASCII, as in all encodings of the Web but UTF-16 and ISO-2022-JP. A page in
	// one of those passes as it is.
	ascii  bool
	decode func([]byte) string
}

func decodeUTF8(b []byte) string { return string(b) }

// encodingOf tells the encoding of a page that begins with start, by a byte order mark, the charset that the site's
// owner has for it, if any, or a meta element; without these it is UTF-8, as the Content-Type then says, or else what
// browsers take it for.
func encodingOf(start []byte, owner string) encoding {
	ctype := ""
	if owner != "" {
		ctype = htmlType + "; charset=" + owner
	} else if !declares(htmlType, start) && isUTF8(start, false) {
		return encoding{ascii: true, decode: decodeUTF8}
	}
	enc, name, _ := charset.DetermineEncoding(start, ctype)
	switch {
	case name == "utf-8":
		return encoding{ascii: true, decode: decodeUTF8}
	case strings.HasPrefix(name, "utf-16"), name == "iso-2022-jp", name == "replacement":
		return encoding{}
	}
	return encoding{ascii: true, decode: func(b []byte) string {
		s, err := enc.NewDecoder().Bytes(b)
		if err != nil {
			return ""
		}
		return string(s)
	}}
}
