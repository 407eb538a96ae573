package files

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// sniffLen is how many of a file's first bytes may determine its type and charset before it is complete, in bytes: in
// a page of text in another language than English, characters outside of ASCII come much earlier.
const sniffLen = 64 << 10

const (
	octetStream = "application/octet-stream"
	htmlType    = "text/html"
	utf8HTML    = "text/html; charset=utf-8"
	textType    = "text/plain"
	plainText   = "text/plain; charset=utf-8"
	cssType     = "text/css"
)

// mediaTypes are the types by extension, the same on every machine: the system's table is not used. Whether a text is
// UTF-8 is determined by its content (see sniff).
var mediaTypes = map[string]string{
	".html": htmlType, ".htm": htmlType, ".xhtml": "application/xhtml+xml", ".xht": "application/xhtml+xml",
	".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript", ".cjs": "text/javascript",
	".json": "application/json", ".map": "application/json", ".jsonld": "application/ld+json",
	".geojson": "application/geo+json", ".webmanifest": "application/manifest+json", ".wasm": "application/wasm",
	".xml": "application/xml", ".xsl": "application/xml", ".xslt": "application/xml", ".rss": "application/rss+xml",
	".atom": "application/atom+xml",

	".txt": textType, ".text": textType, ".md": textType, ".markdown": textType, ".rst": textType, ".log": textType,
	".yml": textType, ".yaml": textType, ".toml": textType, ".ini": textType, ".conf": textType, ".srt": textType,
	".c": textType, ".h": textType, ".cc": textType, ".cpp": textType, ".go": textType, ".rs": textType, ".py": textType,
	".rb": textType, ".java": textType, ".sh": textType, ".lua": textType, ".sql": textType, ".diff": textType,
	".patch": textType, ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".vtt": "text/vtt",
	".ics": "text/calendar", ".vcf": "text/vcard",

	".svg": "image/svg+xml", ".png": "image/png", ".apng": "image/apng", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".jxl": "image/jxl", ".heic": "image/heic",
	".bmp": "image/bmp", ".ico": "image/vnd.microsoft.icon", ".cur": "image/vnd.microsoft.icon", ".tif": "image/tiff",
	".tiff": "image/tiff", ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
	".eot": "application/vnd.ms-fontobject",

	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
	".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".mpg": "video/mpeg", ".mpeg": "video/mpeg",
	".ts": "video/mp2t", ".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml", ".mp3": "audio/mpeg",
	".m4a": "audio/mp4", ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
	".flac": "audio/flac", ".wav": "audio/wav", ".weba": "audio/webm", ".mid": "audio/midi", ".midi": "audio/midi",

	".pdf": "application/pdf", ".epub": "application/epub+zip", ".rtf": "application/rtf", ".zip": "application/zip",
	".gz": "application/gzip", ".tgz": "application/gzip", ".bz2": "application/x-bzip2", ".xz": "application/x-xz",
	".zst": "application/zstd", ".7z": "application/x-7z-compressed", ".rar": "application/vnd.rar",
	".tar": "application/x-tar", ".torrent": "application/x-bittorrent", ".jar": "application/java-archive",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
	".glb": "model/gltf-binary", ".gltf": "model/gltf+json", ".sqlite": "application/vnd.sqlite3", ".bin": octetStream,
	".exe": octetStream, ".dmg": octetStream, ".iso": octetStream, ".deb": octetStream, ".rpm": octetStream,
	".apk": octetStream, ".img": octetStream,
}

// Types returns the media types by extension, with its dot and in lower case. Texts have no charset.
func Types() map[string]string { return maps.Clone(mediaTypes) }

// pageExtensions are the extensions of programs that generate pages: mirrors keep them in the names of pages.
var pageExtensions = map[string]bool{
	".php": true, ".php3": true, ".php4": true, ".php5": true, ".phtml": true, ".asp": true, ".aspx": true, ".jsp": true,
	".jspx": true, ".do": true, ".cgi": true, ".pl": true, ".cfm": true, ".shtml": true, ".shtm": true, ".stm": true,
	".mvc": true, ".dll": true,
}

// prescanLen is how many of a page's first bytes browsers search for its charset first, as the HTML standard requires.
const prescanLen = 1024

// readStart reads the beginning of a file, as much as may determine its type: less for a page that declares its
// charset early.
func readStart(src io.Reader, e engine.Entry) ([]byte, error) {
	start := make([]byte, min(e.Size, sniffLen))
	early := min(len(start), prescanLen)
	if _, err := io.ReadFull(src, start[:early]); err != nil {
		return nil, err
	}
	if mediaTypes[extension(e)] == htmlType && declares(htmlType, start[:early]) {
		return start[:early], nil
	}
	_, err := io.ReadFull(src, start[early:])
	return start, err
}

// takesCharset reports whether a Content-Type may have a charset parameter. XML declares its charset itself, and JSON
// is UTF-8.
func takesCharset(ctype string) bool { return strings.HasPrefix(ctype, "text/") }

// sniff returns the type of a file that begins with start, and is complete if whole is set. It is HTML by content if
// the extension is unknown or that of a program that generates pages. The type of a text has a charset only if that is
// UTF-8 and the file does not declare one: a charset in the header would take precedence over the page's own, and over
// the browser's guess.
func sniff(ext string, start []byte, whole bool) string {
	ctype, known := mediaTypes[ext]
	if !known {
		text := bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
		ctype, _, _ = strings.Cut(http.DetectContentType(text), ";")
		if ctype == "text/xml" {
			ctype = textType // Only the extension can tell whether it is XHTML, or was served as HTML.
			if pageExtensions[ext] && bytes.Contains(bytes.ToLower(text[:min(len(text), 1024)]), []byte("<html")) {
				ctype = htmlType
			}
		}
	}
	return withCharset(ctype, start, whole)
}

// withCharset adds the charset to the type of a text that is UTF-8 and does not declare a charset itself.
func withCharset(ctype string, start []byte, whole bool) string {
	if takesCharset(ctype) && isUTF8(start, whole) && !declares(ctype, start) {
		return ctype + "; charset=utf-8"
	}
	return ctype
}

// isUTF8 reports whether a text that begins with start is certainly UTF-8. A rune that is cut off at the end is
// allowed, unless the text is complete. Plain ASCII is not certain: frames without a charset would inherit it. With
// NUL bytes it is UTF-16, and with escapes ISO-2022-JP.
func isUTF8(start []byte, whole bool) bool {
	if bytes.IndexByte(start, 0) >= 0 || bytes.IndexByte(start, 0x1b) >= 0 || isASCII(start) {
		return false
	}
	if !whole {
		start = trimPartialRune(start)
	}
	return utf8.Valid(start)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// trimPartialRune removes an incomplete rune at the end.
func trimPartialRune(b []byte) []byte {
	for i := len(b) - 1; i >= max(0, len(b)-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			if utf8.FullRune(b[i:]) {
				return b
			}
			return b[:i]
		}
	}
	return b
}

// declares reports whether a text declares its charset in a way that browsers recognize: a byte order mark, a meta
// element in HTML, @charset in a style sheet.
func declares(ctype string, start []byte) bool {
	for _, bom := range []string{"\xef\xbb\xbf", "\xfe\xff", "\xff\xfe"} {
		if bytes.HasPrefix(start, []byte(bom)) {
			return true
		}
	}
	switch {
	case isHTML(ctype):
		return declaresCharset(start)
	case strings.HasPrefix(ctype, cssType):
		return bytes.HasPrefix(start, []byte(`@charset "`))
	}
	return false
}

// declaresCharset reports whether a page declares its encoding in a meta element.
func declaresCharset(start []byte) bool {
	z := html.NewTokenizer(bytes.NewReader(start))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, more := z.TagName(); string(name) == "meta" && metaCharset(z, more) {
				return true
			}
		}
	}
}

// metaCharset reports whether the attributes of a meta element declare a charset.
func metaCharset(z *html.Tokenizer, more bool) bool {
	var contentType, inContent bool
	for more {
		var key, val []byte
		key, val, more = z.TagAttr()
		switch string(key) {
		case "charset":
			return true
		case "http-equiv":
			contentType = bytes.EqualFold(val, []byte("content-type"))
		case "content":
			inContent = bytes.Contains(bytes.ToLower(val), []byte("charset="))
		}
	}
	return contentType && inContent
}

// extension returns the extension of a file's name, with the dot and in lower case; empty if there is none. What
// follows a question mark is ignored: it is the query of a URL that a mirror was made from.
func extension(e engine.Entry) string {
	name, _, _ := strings.Cut(e.Name, "?")
	return strings.ToLower(path.Ext(name))
}

// hasType reports whether an extension determines the type.
func hasType(ext string) bool {
	_, ok := mediaTypes[ext]
	return ok
}
