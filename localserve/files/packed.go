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

// codings are the ways in which files are packed beforehand, the better ones first: the end of the file's name, and the
// content coding (RFC 9110, section 8.4.1, and RFC 7932).
var codings = []struct{ suffix, name string }{{".br", "br"}, {".gz", "gzip"}}

// packable reports whether files with an extension are packed beforehand for the Web, and not to be downloaded so.
func packable(ext string) bool {
	ctype := mediaTypes[ext]
	return strings.HasPrefix(ctype, "text/") && ctype != "text/csv" || strings.HasSuffix(ctype, "json") || strings.HasSuffix(ctype, "xml") ||
		ctype == "application/wasm"
}

// packedSibling returns the packed form of the file that is asked for, beside it or instead of it. Pages and style
// sheets that are there unpacked stay so: their addresses may have to be rewritten.
func packedSibling(c engine.Content, r *http.Request, path string, f found) found {
	if f.kind == folder || f.kind == folderPath || f.coding != "" || strings.HasSuffix(path, "/") {
		return f
	}
	if f.kind == file && isUsed(r) {
		return packedUse(r, f)
	}
	plain := f.kind == file
	ext := extension(engine.Entry{Name: path[strings.LastIndexByte(path, '/')+1:]})
	if !packable(ext) || plain && (mediaTypes[ext] == htmlType || mediaTypes[ext] == cssType || c.Have(f.entry) == f.entry.Size) {
		return f
	}
	for _, coding := range codings {
		e, ok := lookup(c, strings.TrimPrefix(path, "/")+coding.suffix)
		if ok && (accepts(r, coding.name) || !plain && coding.name == "gzip") {
			return found{kind: file, entry: e, coding: coding.name, packed: coding.suffix}
		}
	}
	return f
}

// isUsed reports whether a page uses what is asked for, and nobody downloads it.
func isUsed(r *http.Request) bool {
	switch fetchmeta.Of(r, "Dest") {
	case "script", "style", "worker", "sharedworker", "serviceworker":
		return true
	}
	return false
}

// packedUse is a packed file that a page names as it is, and uses as what is in it, if it can be sent so.
func packedUse(r *http.Request, f found) found {
	for _, coding := range codings {
		if plain, ok := strings.CutSuffix(f.entry.Name, coding.suffix); ok && packable(extension(engine.Entry{Name: plain})) &&
			(accepts(r, coding.name) || coding.name == "gzip") {
			f.coding, f.packed = coding.name, coding.suffix
		}
	}
	return f
}

// accepts reports whether a client takes a content coding (RFC 9110, section 12.5.3).
func accepts(r *http.Request, coding string) bool {
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

// studyPacked adds the charset to the type of a text that is packed with gzip, by its first bytes: if packing made it
// shorter, no more of the file than the loading page waits for. plain is the file as it was before.
func (v *visit) studyPacked(plain engine.Entry, ctype string) (string, error) {
	start, n := make([]byte, sniffLen/2), 0
	text, err := gzip.NewReader(v.a.src)
	if err == nil {
		n, _ = io.ReadFull(text, start) // What is damaged is found out when it is sent.
	}
	if err := v.a.src.failure(); err != nil {
		return "", err
	}
	ctype = withCharset(ctype, start[:n], n < len(start))
	v.srv.memo.learn(plain, func(f *facts) { f.ctype = ctype })
	_, err = v.a.src.Seek(0, io.SeekStart)
	return ctype, err
}

// unpacked sends a file that is packed to a client that does not take it so. Its length is not known beforehand.
func (a *Answer) unpacked() error {
	a.noRanges, a.sniff = true, nil
	a.status = http.StatusOK
	if a.head {
		return a.finish(nil)
	}
	plain, err := gzip.NewReader(a.src)
	if err != nil {
		return a.finish(orDamaged(a, err))
	}
	buf := a.buffers.Get().(*[]byte)
	defer a.buffers.Put(buf)
	if _, err := io.CopyBuffer(onlyWriter{a}, plain, *buf); err != nil {
		if a.sent {
			panic(http.ErrAbortHandler) // Without a length, an end would look like the file's.
		}
		return a.finish(orDamaged(a, err))
	}
	return a.finish(nil)
}

// orDamaged prefers the reason why the file could not be read to what the unpacking makes of that.
func orDamaged(a *Answer, err error) error {
	if cause := a.src.failure(); cause != nil {
		return cause
	}
	return &engine.Error{Op: "localserve: unpack", Kind: engine.Damaged, Msg: "The file is not packed as its name says.", Err: err}
}
