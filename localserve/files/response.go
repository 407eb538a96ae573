package files

import (
	"cmp"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// file sends a file, or the part of it that is asked for. An error means that nothing has been sent yet.
func (v *visit) file(f found) error {
	a, e, page := v.a, f.entry, f.coding == "" && mayBePage(f.entry)
	a.src = &source{size: e.Size, patience: v.patience, open: func() (io.ReadSeekCloser, error) {
		return v.content.Open(v.patience, e, urgencyOf(v.r, e))
	}}
	defer a.src.Close()
	h := a.Header()
	// A browser that never asks again would let the site expire under its reader.
	h.Set("Cache-Control", "no-cache")
	switch {
	case f.kind == notFound:
		a.override = cmp.Or(f.status, http.StatusNotFound)
		v.r = unconditional(v.r)
	case validTag(e.Tag):
		mark := v.ownETagMark()
		if f.coding != "" { // At the same address, it is sent as it is to who downloads it.
			mark += "-" + f.coding
		}
		if page {
			mark += v.at.Mark()
		}
		h.Set("ETag", etag(e.Tag+mark, page, v.noClearnet))
		v.r = withPlainTag(v.r, h.Get("ETag"))
	}
	var err error
	if a.charset, err = v.ownHeaders(h); err != nil {
		return a.finish(err)
	}
	if f.coding != "" {
		return v.coded(f)
	}
	asksAgain := a.head || matches(v.r.Header["If-None-Match"], h.Get("ETag")) // and is sent nothing of the file
	ctype, settled, err := v.srv.memo.typeOf(a.src, e, !asksAgain)
	if err != nil {
		return a.finish(err)
	}
	h.Set("Content-Type", ctype)
	if !settled {
		a.src.least = sniffLen
		a.sniff = func(start []byte) string { return v.srv.memo.sniff(e, start) }
	}
	sent := false
	if page {
		sent, err = (&webPage{v, e}).send()
	} else if !asksAgain && isScript(ctype) && v.r.Header.Get("Range") == "" {
		err = v.raiseImports(e)
	}
	if !sent && err == nil {
		http.ServeContent(a, withPlainRange(v.r, e.Size), "", time.Time{}, a.src)
	}
	a.src.Close()
	return a.finish(err)
}

// coded sends a file that is packed as it is, or unpacked to those who do not take it so.
func (v *visit) coded(f found) error {
	a, h := v.a, v.a.Header()
	plain := f.entry
	plain.Name = strings.TrimSuffix(plain.Name, f.packed)
	ctype, _ := typeOf(plain, facts{}, false)
	if f.packed == "z" {
		ctype = mediaTypes[".svg"]
	}
	if known := v.srv.memo.get(plain).ctype; known != "" {
		ctype = known
	} else if f.coding == "gzip" && takesCharset(ctype) && !a.head &&
		!matches(v.r.Header["If-None-Match"], h.Get("ETag")) {
		var err error
		if ctype, err = v.studyPacked(plain, ctype); err != nil {
			return a.finish(err)
		}
	}
	h.Set("Content-Type", ctype)
	h["Vary"] = []string{"Accept-Encoding, Sec-Fetch-Dest"}
	if !accepts(v.r, f.coding) {
		h.Del("ETag")
		return a.unpacked()
	}
	h.Set("Content-Encoding", f.coding)
	h.Set("Content-Length", strconv.FormatInt(f.entry.Size, 10)) // http.ServeContent does so for parts of the file alone.
	r := withPlainRange(v.r, f.entry.Size)
	if strings.Contains(r.Header.Get("Range"), ",") {
		r = Without(r, "Range") // A multipart body is not packed.
	}
	http.ServeContent(a, r, "", time.Time{}, a.src)
	a.src.Close()
	return a.finish(nil)
}

// Marks are what an ETag names besides the file's content, as far as what is sent depends on it.
const (
	// pageMark is for what may be a page or a style sheet: two are the same if their files are, as long as addresses are
	// rewritten in the same way. Whoever changes that way changes the mark.
	pageMark = "-p4"
	// noClearnetMark is for the headers that come with "no clearnet": a browser that is told that it has a file already
	// would keep those that it once got with it.
	noClearnetMark = "-n"
)

func etag(tag string, page, noClearnet bool) string {
	if page {
		tag += pageMark
	}
	if noClearnet {
		tag += noClearnetMark
	}
	return `"` + tag + `"`
}

// validTag reports whether a tag may stand between the quotes of an ETag, RFC 9110 section 8.8.3.
func validTag(tag string) bool {
	return tag != "" && !strings.ContainsFunc(tag, func(c rune) bool { return c <= ' ' || c == '"' || c >= 0x7f })
}
