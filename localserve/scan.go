package localserve

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// scan reads an HTML page token by token while it passes. It rewrites the links to other wtp sites, notes the title,
// and finds out which files the page needs. Every other byte passes as it is.
type scan struct {
	z   *html.Tokenizer
	in  io.Reader
	enc encoding
	// origin gives the local root URL of a wtp host, without a slash at its end, or false if it cannot be one.
	origin func(host string) (string, bool)
	refs   references

	links int
	title string

	inTitle, inStyle bool
	// ended says that there are no more tokens: what follows passes as it is.
	ended bool
	// raw holds what is next to go out; buf is its memory when it was rewritten.
	raw, buf []byte
}

// maxToken bounds what the tokenizer holds, in bytes. What follows a longer token passes as it is.
const maxToken = 256 << 10

func newScan(in io.Reader, enc encoding, origin func(string) (string, bool), refs references) *scan {
	s := &scan{z: html.NewTokenizer(in), in: in, enc: enc, origin: origin, refs: refs}
	s.z.SetMaxBuf(maxToken)
	s.ended = !enc.ascii // It passes as it is.
	return s
}

// Read implements io.Reader: it gives the page as it is to be sent, and fills p as far as there is anything.
func (s *scan) Read(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if len(s.raw) == 0 {
			err = s.next(p[n:])
		}
		m := copy(p[n:], s.raw)
		s.raw = s.raw[m:]
		n += m
	}
	if n > 0 {
		err = nil // It comes again.
	}
	return n, err
}

// WriteTo implements io.WriterTo: each token is written as soon as it is there.
func (s *scan) WriteTo(w io.Writer) (total int64, err error) {
	var rest [4 << 10]byte
	for {
		err := s.next(rest[:])
		n, werr := w.Write(s.raw)
		total += int64(n)
		s.raw = nil
		switch {
		case werr != nil:
			return total, werr
		case errors.Is(err, io.EOF):
			return total, nil
		case err != nil:
			return total, err
		}
	}
}

// next puts the next token into raw. What follows a token that is too long is read through spare.
func (s *scan) next(spare []byte) error {
	if s.ended {
		n, err := s.in.Read(spare)
		s.buf = append(s.buf[:0], spare[:n]...)
		s.raw = s.buf
		return err
	}
	kind := s.z.Next()
	s.raw = s.z.Raw()
	switch kind {
	case html.ErrorToken:
		return s.end()
	case html.StartTagToken, html.SelfClosingTagToken:
		s.tag()
	case html.TextToken:
		s.text()
	case html.EndTagToken:
		s.inTitle, s.inStyle = false, false
	}
	return nil
}

// end gives what the tokenizer has left: an unfinished tag, or all it holds when a token was too long.
func (s *scan) end() error {
	s.buf = append(append(s.buf[:0], s.raw...), s.z.Buffered()...)
	s.raw = s.buf
	err := s.z.Err()
	if errors.Is(err, html.ErrBufferExceeded) {
		s.ended = true
		return nil
	}
	if errors.Is(err, io.EOF) {
		s.ended = true
	}
	return err
}

// rewritten are the attributes with which an element navigates. A base element is among them: it is where relative
// links lead.
var rewritten = map[string]string{"a": "href", "area": "href", "base": "href", "form": "action", "button": "formaction", "input": "formaction"}

func (s *scan) tag() {
	name, end := tagName(s.raw)
	switch name {
	case "title":
		s.inTitle = s.title == ""
		return
	case "style":
		s.inStyle = true
		return
	}
	link, navigates := rewritten[name]
	if !navigates && !loads[name] {
		return
	}
	attrs := attributes(s.raw, end)
	s.refs.tag(name, attrs, func(a attribute) string { return html.UnescapeString(s.enc.decode(s.raw[a.start:a.end])) })
	if !navigates || s.origin == nil {
		return
	}
	for _, a := range attrs {
		if a.name == link {
			s.rewrite(a)
			return
		}
	}
}

// rewrite replaces scheme and host of a link to a wtp site. What names no site that can be opened is left for the
// system's handler of wtp links.
func (s *scan) rewrite(a attribute) {
	value := s.raw[a.start:a.end]
	lead := len(value) - len(bytes.TrimLeftFunc(value, isBlank))
	rest, ok := cutScheme(value[lead:])
	if !ok {
		return
	}
	hostEnd := bytes.IndexAny(rest, "/?#")
	if hostEnd < 0 {
		hostEnd = len(bytes.TrimRightFunc(rest, isBlank)) // Browsers strip it, as what is in front.
	}
	root, ok := s.origin(html.UnescapeString(s.enc.decode(rest[:hostEnd])))
	if !ok {
		return
	}
	s.links++
	s.buf = append(s.buf[:0], s.raw[:a.start+lead]...)
	s.buf = append(s.buf, root...)
	s.buf = append(s.buf, rest[hostEnd:]...)
	s.buf = append(s.buf, s.raw[a.end:]...)
	s.raw = s.buf
}

// isBlank reports whether the URL standard strips a character from the ends of a URL.
func isBlank(r rune) bool { return r <= ' ' }

// cutScheme takes wtp:// from the start of a link.
func cutScheme(link []byte) (rest []byte, ok bool) {
	const scheme = "wtp://"
	if len(link) < len(scheme) || !bytes.EqualFold(link[:len(scheme)], []byte(scheme)) {
		return nil, false
	}
	return link[len(scheme):], true
}

// maxTitle is how much of a title is kept, in bytes as the page has it.
const maxTitle = 512

func (s *scan) text() {
	switch {
	case s.inTitle:
		text := html.UnescapeString(s.enc.decode(s.raw[:min(len(s.raw), maxTitle)]))
		s.title = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "")
		s.inTitle = false
	case s.inStyle:
		s.refs.style(s.enc.decode(s.raw))
		s.inStyle = false
	}
}
