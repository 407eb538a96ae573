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
	"wtptui/localserve/markup"
)

// maxPage is the longest file whose addresses are rewritten, in bytes.
const maxPage = 2 << 20

// mayBePage reports whether a file may be sent with its addresses rewritten, as a page, a drawing or a style sheet:
// by its name, or because only its content can tell.
func mayBePage(e engine.Entry) bool {
	ext := extension(e)
	return e.Size > 0 && e.Size <= maxPage && (!hasType(ext) || languageOf(mediaTypes[ext]) != 0)
}

// mayBeHTML reports the same of an HTML page only.
func mayBeHTML(e engine.Entry) bool {
	return !hasType(extension(e)) || isHTML(mediaTypes[extension(e)])
}

func isHTML(ctype string) bool { return strings.HasPrefix(ctype, htmlType) }

// languageOf is the language of files of a type whose addresses are rewritten; 0 for all others.
func languageOf(ctype string) markup.Language {
	switch {
	case isHTML(ctype):
		return markup.HTML
	case strings.HasPrefix(ctype, cssType):
		return markup.CSS
	case strings.HasPrefix(ctype, mediaTypes[".xhtml"]), strings.HasPrefix(ctype, mediaTypes[".svg"]):
		return markup.XML
	}
	return 0
}

// visit is one request to a site that is open.
type visit struct {
	target
	host       string
	content    engine.Content
	noClearnet bool
	patience   *patience
}

// root is the site's local root URL, without a slash at its end.
func (v visit) root() string { return origin(v.label+".localhost", v.port) }

// references is what collects the files that a page of this visit names. All of them are here if the site is.
func (v visit) references() *references {
	if complete(v.content) {
		return &references{}
	}
	base := &url.URL{Scheme: "http", Host: strings.TrimPrefix(v.root(), "http://"), Path: v.path}
	return &references{content: v.content, host: v.host, base: base, origin: v.root()}
}

// webPage sends a page, a drawing or a style sheet whose addresses have to be rewritten, or an HTML page that is still
// on its way. It reports false, and has sent nothing, when the file can be sent as it is. What is not known of the file
// yet is learned while it passes.
func (s *Server) webPage(a *answer, r *http.Request, v visit, e engine.Entry) (sent bool, err error) {
	known := s.memo.get(e)
	switch {
	case known.ctype != "" && languageOf(known.ctype) == 0:
		return false, nil
	case matches(r.Header["If-None-Match"], a.Header().Get("ETag")):
		// Whatever the page looks like, it was not modified.
	case known.scanned && known.root == v.root() && complete(v.content):
	case !a.src.complete() && (a.head || mayBeHTML(e)):
		return s.arriving(a, r, v, e)
	default:
		// Others than HTML pages are of no use before all of them is here.
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
	if len(known.edits) == 0 {
		return false, nil
	}
	body := markup.NewSplice(a.src, e.Size, known.edits)
	page := &rewritten{Splice: body, size: body.Size(), kept: &s.kept, key: factsKey(e) + " " + v.root()}
	if e.Tag == "" {
		page.kept = &keptPages{} // It is not known again.
	}
	http.ServeContent(a, withPlainRange(r, page.size), "", time.Time{}, page)
	return true, nil
}

// complete reports whether all of a site is here, so that there is nothing to be asked for ahead of the browser.
func complete(c engine.Content) bool {
	whole, ok := c.(engine.Completer)
	return ok && whole.Complete()
}

// scanner begins to read a page from its start, and also gives its type. It is nil if what is in the file cannot be
// read.
func (s *Server) scanner(a *answer, v visit, e engine.Entry, refs *references) (_ *markup.Scanner, ctype string, err error) {
	start, err := beginning(a.src, e)
	if err != nil {
		return nil, "", err
	}
	a.src.least = 0 // What it was for has been found out.
	if _, err := a.src.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	ctype = s.memo.sniff(e, start)
	lang, enc := languageOf(ctype), encodingOf(start)
	if lang == 0 || !enc.ascii {
		return nil, ctype, nil
	}
	opts := markup.Options{Decode: enc.decode, Origin: s.originOf(v)}
	if refs.content != nil {
		opts.Refer, opts.Base = refs.add, refs.rebase
	}
	return markup.NewScanner(lang, opts), ctype, nil
}

// originOf tells a scanner where the sites of wtp addresses are. A hashed label (see engine.Label) of another site is
// left to the bare host's redirect, which remembers it.
func (s *Server) originOf(v visit) func(string) (root string, own, ok bool) {
	return func(name string) (root string, own, ok bool) {
		host, err := engine.ParseHost(name)
		if err != nil {
			return "", false, false
		}
		if host == v.host {
			return v.root(), true, true
		}
		label := engine.Label(host)
		if _, reversible := engine.HostOfLabel(label); !reversible {
			return origin("localhost", v.port) + "/wtp/" + host, false, true
		}
		return origin(label+".localhost", v.port), false, true
	}
}

// study reads a page or a style sheet as a whole, before it is sent, and asks for the files it names.
func (s *Server) study(a *answer, v visit, e engine.Entry) (facts, error) {
	refs := v.references()
	if a.head {
		refs = &references{} // Nobody is going to ask for them.
	}
	page, ctype, err := s.scanner(a, v, e, refs)
	if err != nil {
		return facts{}, err
	}
	if page != nil {
		text := make([]byte, e.Size)
		if _, err := io.ReadFull(a.src, text); err != nil {
			return facts{}, err
		}
		page.Scan(text)
		refs.raise()
	}
	_, err = a.src.Seek(0, io.SeekStart)
	return s.learn(v, e, page, ctype), err
}

func isScript(ctype string) bool { return strings.HasPrefix(ctype, "text/javascript") }

// raiseImports asks for the modules that a script imports, before it is sent: of one that is still on its way, those at
// its start, where most of them are.
func (s *Server) raiseImports(a *answer, v visit, e engine.Entry) error {
	refs := v.references()
	if refs.content == nil || e.Size > maxPage {
		return nil
	}
	length := e.Size
	if !a.src.complete() {
		length = min(length, sniffLen)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(a.src, text); err != nil {
		return err
	}
	markup.NewScanner(markup.Script, markup.Options{Refer: refs.add}).Scan(text)
	refs.raise()
	_, err := a.src.Seek(0, io.SeekStart)
	return err
}

// learn remembers what a page that was scanned told; page is nil for what cannot be.
func (s *Server) learn(v visit, e engine.Entry, page *markup.Scanner, ctype string) facts {
	known := facts{ctype: ctype, scanned: true, root: v.root()}
	if page != nil {
		known.title, known.edits = page.Title(), page.Edits()
		if foreign := page.Foreign(); len(foreign) > 0 {
			v.content.Note(v.path + " names parts of other wtp sites, which browsers do not load: " + strings.Join(foreign, ", "))
		}
	}
	s.memo.learn(e, func(f *facts) {
		known.typed = f.typed && f.ctype == ctype
		*f = known
	})
	return known
}

// arriving sends a page that is not here as a whole: as it comes, and without its length, which its links may change.
func (s *Server) arriving(a *answer, r *http.Request, v visit, e engine.Entry) (sent bool, err error) {
	if a.head {
		// HEAD reads no data, and no type or length is better than a wrong one.
		a.noRanges = true
		if mayBeHTML(e) {
			a.Header().Del("Content-Type")
		}
		a.status = http.StatusOK
		a.send()
		return true, nil
	}
	refs := v.references()
	page, ctype, err := s.scanner(a, v, e, refs)
	if err != nil {
		return false, err
	}
	if !isHTML(ctype) || page == nil {
		return false, nil
	}
	if a.src.complete() { // All of it came at once, as small pages do.
		return s.webPage(a, r, v, e)
	}
	a.noRanges, a.sniff = true, nil
	a.Header().Set("Content-Type", ctype)
	a.WriteHeader(http.StatusOK)
	if err := s.forward(a, page, refs); err != nil {
		if a.sent {
			panic(http.ErrAbortHandler) // Without a length, an end would look like the page's.
		}
		return false, err
	}
	if v.path == "/" && page.Title() != "" {
		v.content.Retitle(page.Title())
	}
	s.learn(v, e, page, ctype)
	return true, nil
}

// forward sends a page while it comes. Before it waits for more, what was made of the rest goes out, and what that
// names is asked for.
func (s *Server) forward(a *answer, page *markup.Scanner, refs *references) error {
	buf := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(buf)
	out := bufio.NewWriterSize(a, copyBuffer/2)
	stream := markup.NewStream(page, out)
	for {
		n, err := a.src.Read(*buf)
		if _, err := stream.Write((*buf)[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF):
			err := stream.Close()
			refs.raise()
			return errors.Join(err, out.Flush())
		case err != nil:
			return err
		}
		refs.raise()
		if err := errors.Join(out.Flush(), a.flush()); err != nil {
			return err
		}
	}
}
