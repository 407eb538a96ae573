package files

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

// references is what collects the files that a page of this visit names. All of them are here if the site is.
func (v *visit) references() *references {
	if complete(v.content) {
		return &references{}
	}
	base, err := url.Parse(v.at.Root())
	if err != nil {
		return &references{}
	}
	base.Path = v.path
	return &references{content: v.content, host: v.host, base: base, origin: v.at.Root()}
}

// webPage is a page, a drawing or a style sheet that is sent in answer to a visit.
type webPage struct {
	*visit

	entry engine.Entry
}

// send sends a page, a drawing or a style sheet whose addresses have to be rewritten, or an HTML page that is still
// on its way. It reports false, and has sent nothing, when the file can be sent as it is. What is not known of the file
// yet is learned while it passes.
func (w *webPage) send() (sent bool, err error) {
	known := w.srv.memo.get(w.entry)
	switch {
	case known.ctype != "" && languageOf(known.ctype) == 0:
		return false, nil
	case matches(w.r.Header["If-None-Match"], w.a.Header().Get("ETag")):
		// Whatever the page looks like, it was not modified.
	case known.scanned && known.root == w.rewriting() && known.charset == w.a.charset && complete(w.content):
	case !w.a.src.complete() && (w.a.head || mayBeHTML(w.entry)):
		return w.arriving()
	default:
		// Others than HTML pages are of no use before all of them is here.
		if known, err = w.study(); err != nil {
			return false, err
		}
	}
	w.retitle(known.title)
	if known.ctype != "" {
		w.a.Header().Set("Content-Type", known.ctype)
		w.a.sniff, w.a.src.least = nil, 0
	}
	if len(known.edits) == 0 {
		return false, nil
	}
	body := markup.NewSplice(w.a.src, w.entry.Size, known.edits)
	key := factsKey(w.entry) + " " + w.rewriting() + " " + w.a.charset
	page := &rewritten{Splice: body, size: body.Size(), kept: &w.srv.kept, key: key}
	if w.entry.Tag == "" {
		page.kept = &keptPages{} // It is not known again.
	}
	http.ServeContent(w.a, withPlainRange(w.r, page.size), "", time.Time{}, page)
	return true, nil
}

// retitle gives the site the title of a page that was sent, if it is the one that stands for the site: what is sent for "/",
// under whichever address.
func (w *webPage) retitle(title string) {
	if title == "" {
		return
	}
	if w.path != "/" {
		list, _ := w.content.List("")
		if home, ok := index(w.content, "", list); !ok || home.Index != w.entry.Index {
			return
		}
	}
	w.content.Retitle(title)
}

// complete reports whether all of a site is here, so that there is nothing to be asked for ahead of the browser.
func complete(c engine.Content) bool {
	whole, ok := c.(engine.Completer)
	return ok && whole.Complete()
}

// scanner begins to read a page from its start, and also gives its type. It is nil if what is in the file cannot be
// read.
func (w *webPage) scanner(refs *references) (_ *markup.Scanner, ctype string, err error) {
	start, err := beginning(w.a.src, w.entry)
	if err != nil {
		return nil, "", err
	}
	w.a.src.least = 0 // What it was for has been found out.
	if _, err := w.a.src.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	ctype = w.srv.memo.sniff(w.entry, start)
	owner := ""
	if takesCharset(ctype) {
		owner = w.a.charset
	}
	lang, enc := languageOf(ctype), encodingOf(start, owner)
	if lang == 0 || !enc.ascii {
		return nil, ctype, nil
	}
	opts := markup.Options{Decode: enc.decode, Origin: w.originOf()}
	if refs.content != nil {
		opts.Refer, opts.Base = refs.add, refs.rebase
	}
	return markup.NewScanner(lang, opts), ctype, nil
}

// originOf tells a scanner where the sites of wtp addresses are.
func (v *visit) originOf() func(string) (root string, own, ok bool) {
	return func(name string) (root string, own, ok bool) {
		host, err := engine.ParseHost(name)
		switch {
		case err != nil:
			return "", false, false
		case host == v.host:
			return v.at.Root(), true, true
		}
		root, ok = v.at.RootOf(host)
		return root, false, ok
	}
}

// study reads a page or a style sheet as a whole, before it is sent, and asks for the files it names.
func (w *webPage) study() (facts, error) {
	refs := w.references()
	if w.a.head {
		refs = &references{} // Nobody is going to ask for them.
	}
	page, ctype, err := w.scanner(refs)
	if err != nil {
		return facts{}, err
	}
	if page != nil {
		text := make([]byte, w.entry.Size)
		if _, err := io.ReadFull(w.a.src, text); err != nil {
			return facts{}, err
		}
		page.Scan(text)
		refs.raise()
	}
	_, err = w.a.src.Seek(0, io.SeekStart)
	return w.learn(page, ctype), err
}

func isScript(ctype string) bool { return strings.HasPrefix(ctype, "text/javascript") }

// raiseImports asks for the modules that a script imports, before it is sent: of one that is still on its way, those at
// its start, where most of them are.
func (v *visit) raiseImports(e engine.Entry) error {
	refs := v.references()
	if refs.content == nil || e.Size > maxPage {
		return nil
	}
	length := e.Size
	if !v.a.src.complete() {
		length = min(length, sniffLen)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(v.a.src, text); err != nil {
		return err
	}
	markup.NewScanner(markup.Script, markup.Options{Refer: refs.add}).Scan(text)
	refs.raise()
	_, err := v.a.src.Seek(0, io.SeekStart)
	return err
}

// learn remembers what a page that was scanned told; page is nil for what cannot be.
func (w *webPage) learn(page *markup.Scanner, ctype string) facts {
	known := facts{ctype: ctype, scanned: true, root: w.rewriting(), charset: w.a.charset}
	if page != nil {
		known.title, known.edits = page.Title(), page.Edits()
		if foreign := page.Foreign(); len(foreign) > 0 {
			w.content.Note(w.path + " names parts of other wtp sites, which browsers do not load: " +
				strings.Join(foreign, ", "))
		}
	}
	w.srv.memo.learn(w.entry, func(f *facts) {
		known.typed = f.typed && f.ctype == ctype
		*f = known
	})
	return known
}

// arriving sends a page that is not here as a whole: as it comes, and without its length, which its links may change.
func (w *webPage) arriving() (sent bool, err error) {
	if w.a.head {
		// HEAD reads no data, and no type or length is better than a wrong one.
		w.a.noRanges = true
		if mayBeHTML(w.entry) {
			w.a.Header().Del("Content-Type")
		}
		w.a.status = http.StatusOK
		w.a.send()
		return true, nil
	}
	refs := w.references()
	page, ctype, err := w.scanner(refs)
	if err != nil {
		return false, err
	}
	if !isHTML(ctype) || page == nil {
		w.a.Header().Set("Content-Type", ctype)
		w.a.sniff = nil
		return false, nil
	}
	if w.a.src.complete() { // All of it came at once, as small pages do.
		return w.send()
	}
	w.a.noRanges, w.a.sniff = true, nil
	w.a.Header().Set("Content-Type", ctype)
	w.a.WriteHeader(http.StatusOK)
	if err := w.forward(page, refs); err != nil {
		if w.a.sent {
			panic(http.ErrAbortHandler) // Without a length, an end would look like the page's.
		}
		return false, err
	}
	w.retitle(page.Title())
	w.learn(page, ctype)
	return true, nil
}

// forward sends a page while it comes. Before it waits for more, what was made of the rest goes out, and what that
// names is asked for.
func (w *webPage) forward(page *markup.Scanner, refs *references) error {
	buf := w.a.buffers.Get().(*[]byte)
	defer w.a.buffers.Put(buf)
	out := bufio.NewWriterSize(w.a, copyBuffer/2)
	stream := markup.NewStream(page, out)
	for {
		n, err := w.a.src.Read(*buf)
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
		if err := errors.Join(out.Flush(), w.a.flush()); err != nil {
			return err
		}
	}
}
