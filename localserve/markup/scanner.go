package markup

import (
	"bytes"

	"wtptui/engine"
)

// Language is what a file is written in.
type Language int

// The languages in which files name others.
const (
	HTML Language = iota + 1
	XML           // of XHTML and SVG
	CSS
	Script // JavaScript: it is never rewritten
)

// Options say what a Scanner looks for. Its functions are called while it scans, in the order of the file.
type Options struct {
	// Decode returns the characters of a part of the file; nil means UTF-8. All ASCII characters must be spelt as in
	// ASCII.
	Decode func([]byte) string
	// Origin returns the root URL of a wtp site, in ASCII and without a slash at its end, and whether the file is of that
	// site; ok is false if host cannot be a site's. Nil if nothing is to be rewritten.
	Origin func(host string) (root string, own, ok bool)
	// Refer is told each reference to a file that may be needed, as it is written, and again if a later one makes the file
	// more urgent; nil if nobody asks.
	Refer func(ref string, u engine.Urgency)
	// Base is told what relative references are relative to, from here on; nil if nobody asks.
	Base func(href string)
}

// Edit replaces Length bytes at Offset of a file.
type Edit struct {
	Offset int64
	Length int
	Text   string
}

// Scanner scans one file, as a whole or in portions.
type Scanner struct {
	opts Options
	lang Language

	edits   []Edit
	foreign []string
	title   string

	base  int64 // where in the file the bytes at hand begin
	hosts map[string]resolved
	told  map[string]engine.Urgency // references, with the urgency that Options.Refer was told
	tags  tagReader
	page  pageState
}

// resolved is what Options.Origin says of a host.
type resolved struct {
	root    string
	own, ok bool
}

// maxForeign bounds how many parts of other sites are remembered.
const maxForeign = 20

// NewScanner returns a Scanner for a file in a language.
func NewScanner(lang Language, opts Options) *Scanner {
	if opts.Decode == nil {
		opts.Decode = func(b []byte) string { return string(b) }
	}
	s := &Scanner{opts: opts, lang: lang}
	s.page.inHead = true
	return s
}

// Scan scans a whole file.
func (s *Scanner) Scan(file []byte) {
	if s.opts.Origin != nil && !hasScheme(file) {
		s.opts.Origin = nil
	}
	s.advance(file, true)
}

// Edits returns the edits that have been found so far, in the order of their offsets. They do not overlap.
func (s *Scanner) Edits() []Edit { return s.edits }

// Title returns a page's title, decoded and with its spaces as a browser shows them; it is foreign text.
func (s *Scanner) Title() string { return s.title }

// Foreign returns addresses of other wtp sites that the file names as parts of itself, at most 20. They stay as they
// are: a browser does not load them.
func (s *Scanner) Foreign() []string { return s.foreign }

// advance scans data, which follows what was scanned before, and returns how much of it is done with: the rest is to be
// given again with more behind it. If final is set, nothing follows and all of it is done with.
func (s *Scanner) advance(data []byte, final bool) int {
	done := 0
	switch s.lang {
	case HTML, XML:
		done = s.html(data, final)
	case CSS:
		if !final {
			return 0
		}
		s.css(value{text: data}, cssUse{sheet: engine.UrgencyBlocking, least: engine.UrgencyDocument})
		done = len(data)
	case Script:
		if !final {
			return 0
		}
		s.imports(data)
		done = len(data)
	}
	s.base += int64(done)
	return done
}

// value is a part of the file as it is meant: an attribute's value without its character references.
type value struct {
	text []byte
	at   int // where in the bytes at hand it begins
	// offsets says where each byte of text is written, from at, and where text ends; nil if it is written as it is meant.
	offsets []int
}

func (v value) offset(i int) int {
	if v.offsets != nil {
		i = v.offsets[i]
	}
	return v.at + i
}

// use is for what an address is used.
type use int

const (
	navigate use = iota + 1 // a person is led there
	load                    // a browser loads it as a part of the page
	mention                 // neither
)

// address rewrites the address that is written between from and to, if it is one of a wtp site that a browser would not
// find, and can. Spaces around it do not count, as in the URL standard.
func (s *Scanner) address(v value, from, to int, u use) {
	if s.opts.Origin == nil {
		return
	}
	for from < to && v.text[from] <= ' ' {
		from++
	}
	const scheme = "wtp://"
	if to-from <= len(scheme) || v.text[from+3] != ':' || !bytes.EqualFold(v.text[from:from+len(scheme)], []byte(scheme)) {
		return
	}
	if v.offset(from+3)-v.offset(from) != 3 {
		return // Nobody writes letters as character references, and hasScheme does not find them.
	}
	host := from + len(scheme)
	end := host + len(bytes.TrimRightFunc(v.text[host:to], func(r rune) bool { return r <= ' ' }))
	whole := end
	if i := bytes.IndexAny(v.text[host:end], "/?#"); i >= 0 {
		end = host + i
	}
	r := s.resolve(v.text[host:end])
	switch {
	case !r.ok, !r.own && u == mention:
	case !r.own && u == load:
		if len(s.foreign) < maxForeign {
			const longest = 200
			s.foreign = append(s.foreign, s.opts.Decode(v.text[from:min(whole, from+longest)]))
		}
	default:
		start := v.offset(from)
		s.edits = append(s.edits, Edit{Offset: s.base + int64(start), Length: v.offset(end) - start, Text: r.root})
	}
}

const (
	// maxHosts bounds how many hosts of a file are remembered: of the others, each is asked for each time.
	maxHosts = 256
	// longestHost is more than any name of a host takes, in bytes, in any encoding.
	longestHost = 1024
)

func (s *Scanner) resolve(host []byte) resolved {
	if r, ok := s.hosts[string(host)]; ok {
		return r
	}
	var r resolved
	if len(host) > longestHost {
		return r
	}
	r.root, r.own, r.ok = s.opts.Origin(s.opts.Decode(host))
	if s.hosts == nil {
		s.hosts = map[string]resolved{}
	}
	if len(s.hosts) < maxHosts {
		s.hosts[string(host)] = r
	}
	return r
}

// maxTold bounds how many references are remembered: others may be told several times.
const maxTold = 1024

// refer tells about a reference, once.
func (s *Scanner) refer(text []byte, u engine.Urgency) {
	text = bytes.TrimSpace(text)
	if s.opts.Refer == nil || len(text) == 0 || text[0] == '#' ||
		len(text) >= 5 && bytes.EqualFold(text[:5], []byte("data:")) {
		return
	}
	if before, ok := s.told[string(text)]; ok && before <= u {
		return
	}
	if s.told == nil {
		s.told = map[string]engine.Urgency{}
	}
	if len(s.told) < maxTold {
		s.told[string(text)] = u
	}
	s.opts.Refer(s.opts.Decode(text), u)
}

// hasScheme reports whether there may be a wtp address in a text; its colon may be a character reference.
func hasScheme(text []byte) bool { return hasSchemeBefore(text, ':') || hasSchemeBefore(text, '&') }

func hasSchemeBefore(text []byte, mark byte) bool {
	for {
		i := bytes.IndexByte(text, mark)
		if i < 0 {
			return false
		}
		if i >= 3 && bytes.EqualFold(text[i-3:i], []byte("wtp")) {
			return true
		}
		text = text[i+1:]
	}
}
