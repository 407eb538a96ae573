package files

import (
	"cmp"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sendFile sends a file or the requested range of it. If it returns an error, nothing was sent.
func (v *siteRequest) sendFile(f resource) error {
	resp, e, page := v.resp, f.entry, f.coding == "" && mayBePage(f.entry)
	resp.source = &source{size: e.Size, waitCtx: v.waitCtx, open: func() (io.ReadSeekCloser, error) {
		return v.content.Open(v.waitCtx, e, urgencyOf(v.r, e))
	}}
	defer resp.source.Close()
	h := resp.Header()
	// A browser that never revalidates would let the site expire while it is read.
	h.Set("Cache-Control", "no-cache")
	switch {
	case f.kind == kindNotFound:
		resp.statusOverride = cmp.Or(f.status, http.StatusNotFound)
		v.r = withoutConditionalHeaders(v.r)
	case validTag(e.Tag):
		tagSuffix := v.headersTagSuffix()
		if f.coding != "" { // At the same URL, a download is sent packed.
			tagSuffix += "-" + f.coding
		}
		if page {
			tagSuffix += v.origin.RootsVersion()
		}
		h.Set("ETag", formatETag(e.Tag+tagSuffix, page, v.noClearnet))
		v.r = normalizeETag(v.r, h.Get("ETag"))
	}
	var err error
	if resp.charset, err = v.setOwnerHeaders(h); err != nil {
		return resp.finish(err)
	}
	if f.coding != "" {
		return v.sendPacked(f)
	}
	noBody := resp.isHead || matchesETag(v.r.Header["If-None-Match"], h.Get("ETag")) // the body is not sent
	ctype, final, err := v.srv.facts.typeOf(resp.source, e, !noBody)
	if err != nil {
		return resp.finish(err)
	}
	h.Set("Content-Type", ctype)
	if !final {
		resp.source.minFirstRead = sniffLen
		resp.sniff = func(start []byte) string { return v.srv.facts.sniff(e, start) }
	}
	sent := false
	if page {
		sent, err = (&webPage{v, e}).send()
	} else if !noBody && isScript(ctype) && v.r.Header.Get("Range") == "" {
		err = v.raiseImports(e)
	}
	if !sent && err == nil {
		http.ServeContent(resp, normalizeRange(v.r, e.Size), "", time.Time{}, resp.source)
	}
	resp.source.Close()
	return resp.finish(err)
}

// sendPacked sends a packed file with its coding, or unpacked if the client does not accept that.
func (v *siteRequest) sendPacked(f resource) error {
	resp, h := v.resp, v.resp.Header()
	plain := f.entry
	plain.Name = strings.TrimSuffix(plain.Name, f.packed)
	ctype, _ := typeOf(plain, facts{}, false)
	if f.packed == "z" {
		ctype = mediaTypes[".svg"]
	}
	if known := v.srv.facts.get(plain).ctype; known != "" {
		ctype = known
	} else if f.coding == "gzip" && takesCharset(ctype) && !resp.isHead &&
		!matchesETag(v.r.Header["If-None-Match"], h.Get("ETag")) {
		var err error
		if ctype, err = v.sniffPacked(plain, ctype); err != nil {
			return resp.finish(err)
		}
	}
	h.Set("Content-Type", ctype)
	h["Vary"] = []string{"Accept-Encoding, Sec-Fetch-Dest"}
	if !acceptsCoding(v.r, f.coding) {
		h.Del("ETag")
		return resp.sendUnpacked()
	}
	h.Set("Content-Encoding", f.coding)
	h.Set("Content-Length", strconv.FormatInt(f.entry.Size, 10)) // http.ServeContent sets it only for ranges.
	r := normalizeRange(v.r, f.entry.Size)
	if strings.Contains(r.Header.Get("Range"), ",") {
		r = WithoutHeader(r, "Range") // A multipart body is not packed.
	}
	http.ServeContent(resp, r, "", time.Time{}, resp.source)
	resp.source.Close()
	return resp.finish(nil)
}

// The suffixes of ETags, for everything besides the file's content that the response depends on.
const (
	// pageTagSuffix is for pages and style sheets, which are rewritten. Whoever changes how URLs are rewritten must change
	// the suffix.
	pageTagSuffix = "-p4"
	// noClearnetTagSuffix is for the headers of sites without clearnet access: after a 304, a browser would keep the old
	// headers.
	noClearnetTagSuffix = "-n"
)

func formatETag(tag string, page, noClearnet bool) string {
	if page {
		tag += pageTagSuffix
	}
	if noClearnet {
		tag += noClearnetTagSuffix
	}
	return `"` + tag + `"`
}

// validTag reports whether a tag is valid between the quotes of an ETag (RFC 9110, section 8.8.3).
func validTag(tag string) bool {
	return tag != "" && !strings.ContainsFunc(tag, func(c rune) bool { return c <= ' ' || c == '"' || c >= 0x7f })
}
