package files

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"

	"wtptui/engine"
	"wtptui/localserve/fetchmeta"
)

// codings are the supported packed forms, in order of preference: the suffix of the file's name, and the content
// coding (RFC 9110, section 8.4.1, and RFC 7932).
var codings = []struct{ suffix, name string }{{".br", "br"}, {".gz", "gzip"}}

// isPackable reports whether packed files with that extension inside are meant to be unpacked by browsers, and not to
// be downloaded.
func isPackable(ext string) bool {
	ctype := mediaTypes[ext]
	switch {
	case strings.HasPrefix(ctype, "text/"):
		return ctype != "text/csv"
	case strings.HasSuffix(ctype, "json"), strings.HasSuffix(ctype, "xml"):
		return true
	}
	return ctype == "application/wasm"
}

// packedSibling returns the packed form of a requested file, beside it or instead of it. Pages and style sheets that
// exist unpacked are not replaced: their URLs may have to be rewritten.
func packedSibling(c engine.Content, r *http.Request, path string, f resource) resource {
	if f.kind == kindFolder || f.kind == kindFolderPath || f.coding != "" || strings.HasSuffix(path, "/") {
		return f
	}
	if f.kind == kindFile && isSubresource(r) {
		return packedSubresource(r, f)
	}
	plain := f.kind == kindFile
	ext := extension(engine.Entry{Name: path[strings.LastIndexByte(path, '/')+1:]})
	if !isPackable(ext) ||
		plain && (mediaTypes[ext] == htmlType || mediaTypes[ext] == cssType || c.VerifiedBytes(f.entry) == f.entry.Size) {
		return f
	}
	for _, coding := range codings {
		e, ok := lookUpFile(c, strings.TrimPrefix(path, "/")+coding.suffix)
		if ok && (acceptsCoding(r, coding.name) || !plain && coding.name == "gzip") {
			return resource{kind: kindFile, entry: e, coding: coding.name, packed: coding.suffix}
		}
	}
	return f
}

// isSubresource reports whether the file is used by a page, and not downloaded.
func isSubresource(r *http.Request) bool {
	switch fetchmeta.Of(r, "Dest") {
	case "script", "style", "worker", "sharedworker", "serviceworker":
		return true
	}
	return false
}

// packedSubresource returns the resource of a packed file that a page names directly, and uses as its content, with
// the coding set if the client accepts it.
func packedSubresource(r *http.Request, f resource) resource {
	for _, coding := range codings {
		plain, ok := strings.CutSuffix(f.entry.Name, coding.suffix)
		if ok && isPackable(extension(engine.Entry{Name: plain})) &&
			(acceptsCoding(r, coding.name) || coding.name == "gzip") {
			f.coding, f.packed = coding.name, coding.suffix
		}
	}
	return f
}

// acceptsCoding reports whether a client accepts a content coding (RFC 9110, section 12.5.3).
func acceptsCoding(r *http.Request, coding string) bool {
	others := false
	for _, list := range r.Header["Accept-Encoding"] {
		for item := range strings.SplitSeq(list, ",") {
			name, params, _ := strings.Cut(item, ";")
			q := 1.0
			if _, value, ok := strings.Cut(params, "="); ok {
				if parsed, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil {
					q = parsed
				}
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case coding, "x-" + coding:
				return q > 0
			case "*":
				others = q > 0
			}
		}
	}
	return others
}

// sniffPacked adds the charset to the type of a text that is packed with gzip, by the first bytes of its content. If
// packing made it shorter, it reads no more of the file than the loading page waits for. plain is the file without its
// packed suffix.
func (v *siteRequest) sniffPacked(plain engine.Entry, ctype string) (string, error) {
	start, n := make([]byte, sniffLen/2), 0
	text, err := gzip.NewReader(v.resp.source)
	if err == nil {
		n, _ = io.ReadFull(text, start) // Damage is reported when the file is sent.
	}
	if err := v.resp.source.failure(); err != nil {
		return "", err
	}
	ctype = withCharset(ctype, start[:n], n < len(start))
	v.srv.facts.update(plain, func(f *facts) { f.ctype = ctype })
	_, err = v.resp.source.Seek(0, io.SeekStart)
	return ctype, err
}

// sendUnpacked unpacks a file for a client that does not accept its coding. The length is not known beforehand.
func (resp *Response) sendUnpacked() error {
	resp.noRanges, resp.sniff = true, nil
	resp.status = http.StatusOK
	if resp.isHead {
		return resp.finish(nil)
	}
	plain, err := gzip.NewReader(resp.source)
	if err != nil {
		return resp.finish(unpackError(resp, err))
	}
	buf := resp.buffers.Get().(*[]byte)
	defer resp.buffers.Put(buf)
	if _, err := io.CopyBuffer(onlyWriter{resp}, plain, *buf); err != nil {
		if resp.sent {
			panic(http.ErrAbortHandler) // Without a length, an end would look like the file's.
		}
		return resp.finish(unpackError(resp, err))
	}
	return resp.finish(nil)
}

// unpackError returns the error of reading the file, if there is one; otherwise it reports the file as damaged.
func unpackError(resp *Response, err error) error {
	if cause := resp.source.failure(); cause != nil {
		return cause
	}
	return &engine.Error{
		Op: "localserve: unpack", Kind: engine.Damaged, Err: err,
		Msg: "The file is damaged: it is not compressed as its name says.",
	}
}
