package localserve

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"wtptui/engine"
)

// maxPage is the longest page whose links are rewritten, in bytes.
const maxPage = 2 << 20

// mayBePage reports whether a file may be sent as an HTML page with its links rewritten: by its name, or because only
// its content can tell.
func mayBePage(e engine.Entry) bool {
	ext := extension(e)
	return e.Size > 0 && e.Size <= maxPage && (!hasType(ext) || mediaTypes[ext] == htmlType)
}

func isHTML(ctype string) bool { return strings.HasPrefix(ctype, htmlType) }

// visit is one request to a site that is open.
type visit struct {
	target
	host       string
	content    engine.Content
	noClearnet bool
	patience   *patience
}

// references is what collects the files that a page of this visit names.
func (v visit) references() references {
	root := origin(v.label+".localhost", v.port)
	base := &url.URL{Scheme: "http", Host: strings.TrimPrefix(root, "http://"), Path: v.path}
	return references{content: v.content, host: v.host, base: base, origin: root}
}

// webPage sends an HTML page whose links have to be rewritten, or that is still on its way. It reports false, and has
// sent nothing, when the file can be sent as it is. What is not known of the page yet is learned while it passes.
func (s *Server) webPage(a *answer, r *http.Request, v visit, e engine.Entry) (sent bool, err error) {
	known := s.memo.get(e)
	switch {
	case known.ctype != "" && !isHTML(known.ctype):
		return false, nil
	case matches(r.Header["If-None-Match"], a.Header().Get("ETag")):
		// Whatever the page looks like, it was not modified.
	case known.scanned && known.port == v.port && complete(v.content):
	case !a.src.complete():
		return s.arriving(a, r, v, e)
	default:
		if known, err = s.study(a, v, e); err != nil {
			return false, err
		}
	}
	if v.path == "/" && known.title != "" {
		v.content.Retitle(known.title)
	}
	if known.ctype != "" {
		a.Header().Set("Content-Type", known.ctype)
		a.sniff, a.src.least = nil, 0
	}
	if known.links == 0 {
		return false, nil
	}
	a.noRanges = true
	body := &rewrittenPage{size: known.length, open: func() (*scan, error) {
		page, _, err := s.scan(a, v, e, references{}, a.src)
		return page, err
	}}
	http.ServeContent(a, without(r, "Range"), "", time.Time{}, body)
	return true, nil
}

// complete reports whether all of a site is here, so that there is nothing to be asked for ahead of the browser.
func complete(c engine.Content) bool {
	whole, ok := c.(engine.Completer)
	return ok && whole.Complete()
}

// scan begins to read a page from its start, through in, and also gives its type.
func (s *Server) scan(a *answer, v visit, e engine.Entry, refs references, in io.Reader) (page *scan, ctype string, err error) {
	start, err := beginning(a.src, e)
	if err != nil {
		return nil, "", err
	}
	a.src.least = 0 // What it was for has been found out.
	if _, err := a.src.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	return newScan(in, encodingOf(start), s.originOf(v.port), refs), s.memo.sniff(e, start), nil
}

// originOf tells scan where the sites of wtp links are. A hashed label (see engine.Label) is left to the bare host's
// redirect, which remembers it.
func (s *Server) originOf(port string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		host, err := engine.ParseHost(name)
		if err != nil {
			return "", false
		}
		label := engine.Label(host)
		if _, reversible := engine.HostOfLabel(label); !reversible {
			return origin("localhost", port) + "/wtp/" + host, true
		}
		return origin(label+".localhost", port), true
	}
}

// study reads a page that is here as a whole, before it is sent, and asks for the files it names.
func (s *Server) study(a *answer, v visit, e engine.Entry) (facts, error) {
	var refs references
	if !complete(v.content) {
		refs = v.references()
	}
	page, ctype, err := s.scan(a, v, e, refs, a.src)
	if err != nil {
		return facts{}, err
	}
	known := facts{ctype: ctype, scanned: true, port: v.port, length: e.Size}
	if isHTML(ctype) {
		if known.length, err = page.WriteTo(io.Discard); err != nil {
			return facts{}, err
		}
	}
	known.title, known.links = page.title, page.links
	page.refs.raise()
	s.memo.learn(e, func(f *facts) { *f = known })
	_, err = a.src.Seek(0, io.SeekStart)
	return known, err
}

// arriving sends a page that is not here as a whole: as it comes, and without its length, which its links may change.
func (s *Server) arriving(a *answer, r *http.Request, v visit, e engine.Entry) (sent bool, err error) {
	if a.head {
		// HEAD reads no data, and no type or length is better than a wrong one.
		a.noRanges = true
		a.Header().Del("Content-Type")
		a.status = http.StatusOK
		a.send()
		return true, nil
	}
	in := &waitingInput{src: a.src}
	page, ctype, err := s.scan(a, v, e, v.references(), bufio.NewReaderSize(in, copyBuffer/2))
	if err != nil {
		return false, err
	}
	if !isHTML(ctype) {
		return false, nil
	}
	if a.src.complete() { // All of it came at once, as small pages do.
		return s.webPage(a, r, v, e)
	}
	a.noRanges, a.sniff = true, nil
	a.Header().Set("Content-Type", ctype)
	a.WriteHeader(http.StatusOK)
	out := bufio.NewWriterSize(a, copyBuffer/2)
	in.before = func() error {
		page.refs.raise()
		return errors.Join(out.Flush(), a.flush())
	}
	length, err := page.WriteTo(out)
	page.refs.raise()
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		if a.sent {
			panic(http.ErrAbortHandler) // Without a length, an end would look like the page's.
		}
		return false, err
	}
	if v.path == "/" && page.title != "" {
		v.content.Retitle(page.title)
	}
	s.memo.learn(e, func(f *facts) {
		*f = facts{ctype: ctype, scanned: true, title: page.title, links: page.links, length: length, port: v.port}
	})
	return true, nil
}

// waitingInput reads what has arrived of a page. Before it waits for more, what was made of the rest goes out.
type waitingInput struct {
	src    *source
	before func() error
}

// Read implements io.Reader.
func (w *waitingInput) Read(p []byte) (int, error) {
	if w.before != nil {
		if err := w.before(); err != nil {
			return 0, err
		}
	}
	return w.src.Read(p)
}

// rewrittenPage is a page with its links rewritten, as http.ServeContent reads it: from its start, or not at all.
type rewrittenPage struct {
	size int64
	open func() (*scan, error)
	page *scan
}

// Seek implements io.Seeker, as far as http.ServeContent uses it when no range is asked for.
func (p *rewrittenPage) Seek(_ int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return p.size, nil
	}
	return 0, nil
}

// Read implements io.Reader.
func (p *rewrittenPage) Read(b []byte) (int, error) {
	if p.page == nil {
		page, err := p.open()
		if err != nil {
			return 0, err
		}
		p.page = page
	}
	return p.page.Read(b)
}
