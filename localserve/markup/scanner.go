package markup

import (
	"bytes"

	"wtptui/engine"
)

// Language is the language of a file.
type Language int

// The languages in which files name others.
const (
	HTML Language = iota + 1
	XML           // of XHTML and SVG
	CSS
	Script // JavaScript, which is never rewritten
)

// Options are the callbacks of a Scanner. They are called in the order of the file.
type Options struct {
	// Decode decodes a part of the file; nil means UTF-8. The encoding must be a superset of ASCII.
	Decode func([]byte) string
	// SiteRoot returns the root URL of a wtp site, in ASCII and without a slash at its end, and whether it is the file's
	// own site; ok is false if host cannot be a site's. If SiteRoot is nil, nothing is rewritten.
	SiteRoot func(host string) (root string, own, ok bool)
	// OnReference, if set, is called with each reference to a file that may be needed, as it is written, and again if a
	// later reference makes the file more urgent.
	OnReference func(ref string, u engine.Urgency)
	// OnBase, if set, is called with the base URL of the relative references that follow.
	OnBase func(href string)
}

// Edit replaces Length bytes at Offset of a file.
type Edit struct {
	Offset int64
	Length int
	Text   string
}

// Scanner scans one file, as a whole or in parts.
type Scanner struct {
	opts Options
	lang Language

	edits   []Edit
	foreign []string
	title   string

	base     int64 // offset in the file of the current data
	hosts    map[string]resolvedHost
	reported map[string]engine.Urgency // references, with the urgency with which OnReference was called
	tags     tagReader
	page     pageState
}

// resolvedHost is the result of Options.SiteRoot for a host.
type resolvedHost struct {
	root    string
	own, ok bool
}

// maxForeign is how many parts of other sites are stored.
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
	if s.opts.SiteRoot != nil && !hasScheme(file) {
		s.opts.SiteRoot = nil
	}
	s.advance(file, true)
}

// Edits returns the edits that were found so far, sorted by offset. They do not overlap.
func (s *Scanner) Edits() []Edit { return s.edits }

// Title returns a page's title, decoded and with white space collapsed; it is foreign text.
func (s *Scanner) Title() string { return s.title }

// ForeignParts returns addresses of other wtp sites that the file names as parts of itself, at most 20. They are not
// rewritten: a browser would not load them.
func (s *Scanner) ForeignParts() []string { return s.foreign }

// advance scans data, which follows what was scanned before, and returns how much of it is done. The caller must pass
// the rest again, with more data after it. If final is set, nothing follows and all of it is done.
func (s *Scanner) advance(data []byte, final bool) int {
	done := 0
	switch s.lang {
	case HTML, XML:
		done = s.scanHTML(data, final)
	case CSS:
		if !final {
			return 0
		}
		s.scanCSS(value{text: data}, cssUrgency{sheet: engine.UrgencyBlocking, least: engine.UrgencyDocument})
		done = len(data)
	case Script:
		if !final {
			return 0
		}
		s.scanImports(data)
		done = len(data)
	}
	s.base += int64(done)
	return done
}

// value is a decoded part of the file, such as an attribute's value without character references.
type value struct {
	text []byte
	at   int // offset in the current data
	// offsets holds for each byte of text, and for its end, the offset of its encoded form, relative to at; nil if
	// text is not encoded.
	offsets []int
}

func (v value) offset(i int) int {
	if v.offsets != nil {
		i = v.offsets[i]
	}
	return v.at + i
}

// addressUse is what an address is used for.
type addressUse int

const (
	navigate addressUse = iota + 1 // a person goes there
	load                           // a browser loads it as a part of the page
	mention                        // neither
)

// address rewrites the address between from and to, if it is a wtp address that can be replaced by a URL. Spaces
// around it are ignored, as in the URL standard.
func (s *Scanner) address(v value, from, to int, u addressUse) {
	if s.opts.SiteRoot == nil {
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
		return // Letters as character references are not supported; hasScheme does not find them either.
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
	// maxHosts is how many hosts of a file are cached.
	maxHosts = 256
	// longestHost is more than any host takes in any encoding, in bytes.
	longestHost = 1024
)

func (s *Scanner) resolve(host []byte) resolvedHost {
	if r, ok := s.hosts[string(host)]; ok {
		return r
	}
	var r resolvedHost
	if len(host) > longestHost {
		return r
	}
	r.root, r.own, r.ok = s.opts.SiteRoot(s.opts.Decode(host))
	if s.hosts == nil {
		s.hosts = map[string]resolvedHost{}
	}
	if len(s.hosts) < maxHosts {
		s.hosts[string(host)] = r
	}
	return r
}

// maxReported is how many references are stored: others may be reported several times.
const maxReported = 1024

// refer reports a reference, once for each urgency.
func (s *Scanner) refer(text []byte, u engine.Urgency) {
	text = bytes.TrimSpace(text)
	if s.opts.OnReference == nil || len(text) == 0 || text[0] == '#' ||
		len(text) >= 5 && bytes.EqualFold(text[:5], []byte("data:")) {
		return
	}
	if before, ok := s.reported[string(text)]; ok && before <= u {
		return
	}
	if s.reported == nil {
		s.reported = map[string]engine.Urgency{}
	}
	if len(s.reported) < maxReported {
		s.reported[string(text)] = u
	}
	s.opts.OnReference(s.opts.Decode(text), u)
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
