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

// references is what collects the files that a page of this visit names. All of them are here if the site is.
func (v *visit) references() *references {
	if complete(v.content) {
		return &references{}
	}
	base := &url.URL{Scheme: "http", Host: strings.TrimPrefix(v.root(), "http://"), Path: v.path}
	return &references{content: v.content, host: v.host, base: base, origin: v.root()}
}

// webPage sends a page, a drawing or a style sheet whose addresses have to be rewritten, or an HTML page that is still
// on its way. It reports false, and has sent nothing, when the file can be sent as it is. What is not known of the file
// yet is learned while it passes.
func (v *visit) webPage(e engine.Entry) (sent bool, err error) {
	known := v.srv.memo.get(e)
	switch {
	case known.ctype != "" && languageOf(known.ctype) == 0:
		return false, nil
	case matches(v.r.Header["If-None-Match"], v.a.Header().Get("ETag")):
		// Whatever the page looks like, it was not modified.
	case known.scanned && known.root == v.root() && known.charset == v.a.charset && complete(v.content):
	case !v.a.src.complete() && (v.a.head || mayBeHTML(e)):
		return v.arriving(e)
	default:
		// Others than HTML pages are of no use before all of them is here.
		if known, err = v.study(e); err != nil {
			return false, err
		}
	}
	v.retitle(e, known.title)
	if known.ctype != "" {
		v.a.Header().Set("Content-Type", known.ctype)
		v.a.sniff, v.a.src.least = nil, 0
	}
	if len(known.edits) == 0 {
		return false, nil
	}
	body := markup.NewSplice(v.a.src, e.Size, known.edits)
	key := factsKey(e) + " " + v.root() + " " + v.a.charset
	page := &rewritten{Splice: body, size: body.Size(), kept: &v.srv.kept, key: key}
	if e.Tag == "" {
		page.kept = &keptPages{} // It is not known again.
	}
	http.ServeContent(v.a, withPlainRange(v.r, page.size), "", time.Time{}, page)
	return true, nil
}

// retitle gives the site the title of a page that was sent, if it is the one that stands for the site: what is sent for "/",
// under whichever address.
func (v *visit) retitle(e engine.Entry, title string) {
	if title == "" {
		return
	}
	if v.path != "/" {
		list, _ := v.content.List("")
		if home, ok := index(v.content, "", list); !ok || home.Index != e.Index {
			return
		}
	}
	v.content.Retitle(title)
}

// complete reports whether all of a site is here, so that there is nothing to be asked for ahead of the browser.
func complete(c engine.Content) bool {
	whole, ok := c.(engine.Completer)
	return ok && whole.Complete()
}

// scanner begins to read a page from its start, and also gives its type. It is nil if what is in the file cannot be
// read.
func (v *visit) scanner(e engine.Entry, refs *references) (_ *markup.Scanner, ctype string, err error) {
	start, err := beginning(v.a.src, e)
	if err != nil {
		return nil, "", err
	}
	v.a.src.least = 0 // What it was for has been found out.
	if _, err := v.a.src.Seek(0, io.SeekStart); err != nil {
		return nil, "", err
	}
	ctype = v.srv.memo.sniff(e, start)
	owner := ""
	if takesCharset(ctype) {
		owner = v.a.charset
	}
	lang, enc := languageOf(ctype), encodingOf(start, owner)
	if lang == 0 || !enc.ascii {
		return nil, ctype, nil
	}
	opts := markup.Options{Decode: enc.decode, Origin: v.originOf()}
	if refs.content != nil {
		opts.Refer, opts.Base = refs.add, refs.rebase
	}
	return markup.NewScanner(lang, opts), ctype, nil
}

// originOf tells a scanner where the sites of wtp addresses are. A hashed label (see engine.Label) of another site is
// left to the bare host's redirect, which remembers it.
func (v *visit) originOf() func(string) (root string, own, ok bool) {
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
func (v *visit) study(e engine.Entry) (facts, error) {
	refs := v.references()
	if v.a.head {
		refs = &references{} // Nobody is going to ask for them.
	}
	page, ctype, err := v.scanner(e, refs)
	if err != nil {
		return facts{}, err
	}
	if page != nil {
		text := make([]byte, e.Size)
		if _, err := io.ReadFull(v.a.src, text); err != nil {
			return facts{}, err
		}
		page.Scan(text)
		refs.raise()
	}
	_, err = v.a.src.Seek(0, io.SeekStart)
	return v.learn(e, page, ctype), err
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
func (v *visit) learn(e engine.Entry, page *markup.Scanner, ctype string) facts {
	known := facts{ctype: ctype, scanned: true, root: v.root(), charset: v.a.charset}
	if page != nil {
		known.title, known.edits = page.Title(), page.Edits()
		if foreign := page.Foreign(); len(foreign) > 0 {
			v.content.Note(v.path + " names parts of other wtp sites, which browsers do not load: " +
				strings.Join(foreign, ", "))
		}
	}
	v.srv.memo.learn(e, func(f *facts) {
		known.typed = f.typed && f.ctype == ctype
		*f = known
	})
	return known
}

// arriving sends a page that is not here as a whole: as it comes, and without its length, which its links may change.
func (v *visit) arriving(e engine.Entry) (sent bool, err error) {
	if v.a.head {
		// HEAD reads no data, and no type or length is better than a wrong one.
		v.a.noRanges = true
		if mayBeHTML(e) {
			v.a.Header().Del("Content-Type")
		}
		v.a.status = http.StatusOK
		v.a.send()
		return true, nil
	}
	refs := v.references()
	page, ctype, err := v.scanner(e, refs)
	if err != nil {
		return false, err
	}
	if !isHTML(ctype) || page == nil {
		v.a.Header().Set("Content-Type", ctype)
		v.a.sniff = nil
		return false, nil
	}
	if v.a.src.complete() { // All of it came at once, as small pages do.
		return v.webPage(e)
	}
	v.a.noRanges, v.a.sniff = true, nil
	v.a.Header().Set("Content-Type", ctype)
	v.a.WriteHeader(http.StatusOK)
	if err := v.forward(page, refs); err != nil {
		if v.a.sent {
			panic(http.ErrAbortHandler) // Without a length, an end would look like the page's.
		}
		return false, err
	}
	v.retitle(e, page.Title())
	v.learn(e, page, ctype)
	return true, nil
}

// forward sends a page while it comes. Before it waits for more, what was made of the rest goes out, and what that
// names is asked for.
func (v *visit) forward(page *markup.Scanner, refs *references) error {
	buf := v.a.buffers.Get().(*[]byte)
	defer v.a.buffers.Put(buf)
	out := bufio.NewWriterSize(v.a, copyBuffer/2)
	stream := markup.NewStream(page, out)
	for {
		n, err := v.a.src.Read(*buf)
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
		if err := errors.Join(out.Flush(), v.a.flush()); err != nil {
			return err
		}
	}
}
