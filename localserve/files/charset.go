package files

import (
	"strings"

	"golang.org/x/net/html/charset"
)

// encoding is the character encoding of a page.
type encoding struct {
	// ascii reports whether markup is spelt in ASCII, as in all encodings of the Web but UTF-16 and ISO-2022-JP. Pages
	// in those are not rewritten.
	ascii  bool
	decode func([]byte) string
}

func decodeUTF8(b []byte) string { return string(b) }

// encodingOf returns the encoding of a page that begins with start: by a byte order mark, the charset that the site's
// owner has set, if any, or a meta element. Without these it is UTF-8 if start is valid UTF-8, which the Content-Type
// then states; otherwise it is the browsers' default.
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
