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

// maxPage is the maximum size of a file whose URLs are rewritten, in bytes.
const maxPage = 2 << 20

// mayBePage reports whether a file is a page, a drawing or a style sheet whose URLs may be rewritten, by its name, or
// whether only its content can tell.
func mayBePage(e engine.Entry) bool {
	ext := extension(e)
	return e.Size > 0 && e.Size <= maxPage && (!hasType(ext) || languageOf(mediaTypes[ext]) != 0)
}

// mayBeHTML reports whether a file is an HTML page by its name, or whether only its content can tell.
func mayBeHTML(e engine.Entry) bool {
	return !hasType(extension(e)) || isHTML(mediaTypes[extension(e)])
}

func isHTML(ctype string) bool { return strings.HasPrefix(ctype, htmlType) }

// languageOf returns the language of files of a type whose URLs are rewritten; 0 for all others.
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

// references returns a collector of the files that a page names. It collects nothing if the site is complete.
func (v *siteRequest) references() *references {
	if complete(v.content) {
		return &references{}
	}
	base, err := url.Parse(v.origin.Root())
	if err != nil {
		return &references{}
	}
	base.Path = v.path
	return &references{content: v.content, host: v.host, base: base, origin: v.origin.Root()}
}

// webPage is a page, a drawing or a style sheet that is sent.
type webPage struct {
	*siteRequest

	entry engine.Entry
}

// send sends a page, a drawing or a style sheet whose URLs have to be rewritten, or an HTML page that is not complete
// yet. It returns false, and sends nothing, if the file can be sent as it is. Missing facts about the file are
// collected on the way.
func (w *webPage) send() (sent bool, err error) {
	known := w.srv.facts.get(w.entry)
	switch {
	case known.ctype != "" && languageOf(known.ctype) == 0:
		return false, nil
	case matchesETag(w.r.Header["If-None-Match"], w.resp.Header().Get("ETag")):
		// It was not modified, whatever its content.
	case known.scanned && known.root == w.rewriting() && known.charset == w.resp.charset && complete(w.content):
	case !w.resp.source.complete() && (w.resp.isHead || mayBeHTML(w.entry)):
		return w.sendWhileArriving()
	default:
		// Style sheets and drawings are of no use before they are complete.
		if known, err = w.scan(); err != nil {
			return false, err
		}
	}
	w.updateSiteTitle(known.title)
	if known.ctype != "" {
		w.resp.Header().Set("Content-Type", known.ctype)
		w.resp.sniff, w.resp.source.minFirstRead = nil, 0
	}
	if len(known.edits) == 0 {
		return false, nil
	}
	body := markup.NewSplice(w.resp.source, w.entry.Size, known.edits)
	key := factsKey(w.entry) + " " + w.rewriting() + " " + w.resp.charset
	page := &rewrittenPage{Splice: body, size: body.Size(), cache: &w.srv.pageCache, key: key}
	if w.entry.Tag == "" {
		page.cache = &pageCache{} // It has no key for the cache.
	}
	http.ServeContent(w.resp, normalizeRange(w.r, page.size), "", time.Time{}, page)
	return true, nil
}

// updateSiteTitle sets the site's title to that of a page that was sent, if it is the site's index page, under any
// URL.
func (w *webPage) updateSiteTitle(title string) {
	if title == "" {
		return
	}
	if w.path != "/" {
		list, _ := w.content.List("")
		if home, ok := findIndex(w.content, "", list); !ok || home.Index != w.entry.Index {
			return
		}
	}
	w.content.SetTitle(title)
}

// complete reports whether the whole site is here, so that nothing needs to be prefetched.
func complete(c engine.Content) bool {
	whole, ok := c.(engine.Completer)
	return ok && whole.Complete()
}

// newScanner reads the beginning of a page, and returns a scanner for it and its type. The scanner is nil for a file
// that cannot be scanned.
func (w *webPage) newScanner(refs *references) (_ *markup.Scanner, ctype string, err error) {
	start, err := readStart(w.resp.source, w.entry)
	if err != nil {
		return nil, "", err
	}
	w.resp.source.minFirstRead = 0 // The beginning was read.
	if _, err := w.resp.source.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	ctype = w.srv.facts.sniff(w.entry, start)
	owner := ""
	if takesCharset(ctype) {
		owner = w.resp.charset
	}
	lang, enc := languageOf(ctype), encodingOf(start, owner)
	if lang == 0 || !enc.ascii {
		return nil, ctype, nil
	}
	opts := markup.Options{Decode: enc.decode, SiteRoot: w.siteRoots()}
	if refs.content != nil {
		opts.OnReference, opts.OnBase = refs.add, refs.setBase
	}
	return markup.NewScanner(lang, opts), ctype, nil
}

// siteRoots returns the function with which a scanner finds the root URLs of wtp addresses.
func (v *siteRequest) siteRoots() func(string) (root string, own, ok bool) {
	return func(name string) (root string, own, ok bool) {
		host, err := engine.ParseHost(name)
		switch {
		case err != nil:
			return "", false, false
		case host == v.host:
			return v.origin.Root(), true, true
		}
		root, ok = v.origin.SiteRoot(host)
		return root, false, ok
	}
}

// scan scans a whole page or style sheet before it is sent, and requests the files that it names.
func (w *webPage) scan() (facts, error) {
	refs := w.references()
	if w.resp.isHead {
		refs = &references{} // The client will not request them.
	}
	page, ctype, err := w.newScanner(refs)
	if err != nil {
		return facts{}, err
	}
	if page != nil {
		text := make([]byte, w.entry.Size)
		if _, err := io.ReadFull(w.resp.source, text); err != nil {
			return facts{}, err
		}
		page.Scan(text)
		refs.raisePending()
	}
	_, err = w.resp.source.Seek(0, io.SeekStart)
	return w.saveFacts(page, ctype), err
}

func isScript(ctype string) bool { return strings.HasPrefix(ctype, "text/javascript") }

// raiseImports requests the modules that a script imports, before it is sent. Of an incomplete script it reads the
// beginning, where most imports are.
func (v *siteRequest) raiseImports(e engine.Entry) error {
	refs := v.references()
	if refs.content == nil || e.Size > maxPage {
		return nil
	}
	length := e.Size
	if !v.resp.source.complete() {
		length = min(length, sniffLen)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(v.resp.source, text); err != nil {
		return err
	}
	markup.NewScanner(markup.Script, markup.Options{OnReference: refs.add}).Scan(text)
	refs.raisePending()
	_, err := v.resp.source.Seek(0, io.SeekStart)
	return err
}

// saveFacts stores the result of scanning a page; page is nil if it cannot be scanned.
func (w *webPage) saveFacts(page *markup.Scanner, ctype string) facts {
	known := facts{ctype: ctype, scanned: true, root: w.rewriting(), charset: w.resp.charset}
	if page != nil {
		known.title, known.edits = page.Title(), page.Edits()
		if foreign := page.ForeignParts(); len(foreign) > 0 {
			w.content.RecordWarning(w.path + " names parts of other wtp sites, which browsers do not load: " +
				strings.Join(foreign, ", "))
		}
	}
	w.srv.facts.update(w.entry, func(f *facts) {
		known.typeFinal = f.typeFinal && f.ctype == ctype
		*f = known
	})
	return known
}

// sendWhileArriving sends a page that is not complete: as it arrives, and without its length, which depends on the
// rewritten URLs.
func (w *webPage) sendWhileArriving() (sent bool, err error) {
	if w.resp.isHead {
		// HEAD reads no data, and no type or length is better than a wrong one.
		w.resp.noRanges = true
		if mayBeHTML(w.entry) {
			w.resp.Header().Del("Content-Type")
		}
		w.resp.status = http.StatusOK
		w.resp.send()
		return true, nil
	}
	refs := w.references()
	page, ctype, err := w.newScanner(refs)
	if err != nil {
		return false, err
	}
	if !isHTML(ctype) || page == nil {
		w.resp.Header().Set("Content-Type", ctype)
		w.resp.sniff = nil
		return false, nil
	}
	if w.resp.source.complete() { // Small pages may have arrived as a whole.
		return w.send()
	}
	w.resp.noRanges, w.resp.sniff = true, nil
	w.resp.Header().Set("Content-Type", ctype)
	w.resp.WriteHeader(http.StatusOK)
	if err := w.copyRewritten(page, refs); err != nil {
		if w.resp.sent {
			panic(http.ErrAbortHandler) // Without a length, the end would look like that of the page.
		}
		return false, err
	}
	w.updateSiteTitle(page.Title())
	w.saveFacts(page, ctype)
	return true, nil
}

// copyRewritten sends a page while it arrives. Before it waits for more, it flushes what was rewritten so far, and
// requests the files that this names.
func (w *webPage) copyRewritten(page *markup.Scanner, refs *references) error {
	buf := w.resp.buffers.Get().(*[]byte)
	defer w.resp.buffers.Put(buf)
	out := bufio.NewWriterSize(w.resp, copyBuffer/2)
	stream := markup.NewStream(page, out)
	for {
		n, err := w.resp.source.Read(*buf)
		if _, err := stream.Write((*buf)[:n]); err != nil {
			return err
		}
		switch {
		case errors.Is(err, io.EOF):
			err := stream.Close()
			refs.raisePending()
			return errors.Join(err, out.Flush())
		case err != nil:
			return err
		}
		refs.raisePending()
		if err := errors.Join(out.Flush(), w.resp.flush()); err != nil {
			return err
		}
	}
}
