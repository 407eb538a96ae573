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

// sniffLen is how many of a file's first bytes may decide its type and charset while it is not here as a whole: a page
// of words in a foreign language shows what it is written in long before.
const sniffLen = 64 << 10

const (
	octets    = "application/octet-stream"
	htmlType  = "text/html"
	utf8HTML  = "text/html; charset=utf-8"
	textType  = "text/plain"
	plainText = "text/plain; charset=utf-8"
	cssType   = "text/css"
)

// mediaTypes are the types by extension, the same on every machine: the operating system's table is not asked. Whether
// a text is UTF-8, its bytes tell (see sniff).
var mediaTypes = map[string]string{
	".html": htmlType, ".htm": htmlType,
	".xhtml": "application/xhtml+xml", ".xht": "application/xhtml+xml",
	".css": "text/css",
	".js":  "text/javascript", ".mjs": "text/javascript", ".cjs": "text/javascript",
	".json": "application/json", ".map": "application/json", ".jsonld": "application/ld+json", ".geojson": "application/geo+json",
	".webmanifest": "application/manifest+json", ".wasm": "application/wasm",
	".xml": "application/xml", ".xsl": "application/xml", ".xslt": "application/xml", ".rss": "application/rss+xml", ".atom": "application/atom+xml",

	".txt": textType, ".text": textType, ".md": textType, ".markdown": textType, ".rst": textType, ".log": textType,
	".yml": textType, ".yaml": textType, ".toml": textType, ".ini": textType, ".conf": textType, ".srt": textType,
	".c": textType, ".h": textType, ".cc": textType, ".cpp": textType, ".go": textType, ".rs": textType, ".py": textType, ".rb": textType,
	".java": textType, ".sh": textType, ".lua": textType, ".sql": textType, ".diff": textType, ".patch": textType,
	".csv": "text/csv", ".tsv": "text/tab-separated-values", ".vtt": "text/vtt",
	".ics": "text/calendar", ".vcf": "text/vcard",

	".svg": "image/svg+xml", ".png": "image/png", ".apng": "image/apng", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".jxl": "image/jxl", ".heic": "image/heic",
	".bmp": "image/bmp", ".ico": "image/vnd.microsoft.icon", ".cur": "image/vnd.microsoft.icon", ".tif": "image/tiff", ".tiff": "image/tiff",
	".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".eot": "application/vnd.ms-fontobject",

	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
	".mkv": "video/x-matroska", ".avi": "video/x-msvideo", ".mpg": "video/mpeg", ".mpeg": "video/mpeg", ".ts": "video/mp2t",
	".m3u8": "application/vnd.apple.mpegurl", ".mpd": "application/dash+xml",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
	".flac": "audio/flac", ".wav": "audio/wav", ".weba": "audio/webm", ".mid": "audio/midi", ".midi": "audio/midi",

	".pdf": "application/pdf", ".epub": "application/epub+zip", ".rtf": "application/rtf",
	".zip": "application/zip", ".gz": "application/gzip", ".tgz": "application/gzip", ".bz2": "application/x-bzip2",
	".xz": "application/x-xz", ".zst": "application/zstd", ".7z": "application/x-7z-compressed", ".rar": "application/vnd.rar",
	".tar": "application/x-tar", ".torrent": "application/x-bittorrent", ".jar": "application/java-archive",
	".docx":   "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx":   "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx":   "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":    "application/vnd.oasis.opendocument.text",
	".ods":    "application/vnd.oasis.opendocument.spreadsheet",
	".glb":    "model/gltf-binary",
	".gltf":   "model/gltf+json",
	".sqlite": "application/vnd.sqlite3",
	".bin":    octets, ".exe": octets, ".dmg": octets, ".iso": octets, ".deb": octets, ".rpm": octets, ".apk": octets, ".img": octets,
}

// Types returns the media types by extension, with its dot and in lower case. Texts have no charset.
func Types() map[string]string { return maps.Clone(mediaTypes) }

// pageMakers are the extensions of programs that make pages: a mirror keeps them in the names of the pages.
var pageMakers = map[string]bool{
	".php": true, ".php3": true, ".php4": true, ".php5": true, ".phtml": true, ".asp": true, ".aspx": true, ".jsp": true, ".jspx": true,
	".do": true, ".cgi": true, ".pl": true, ".cfm": true, ".shtml": true, ".shtm": true, ".stm": true, ".mvc": true, ".dll": true,
}

// prescanLen is how many of a page's first bytes browsers look through for its charset before all else, as the HTML
// standard has it.
const prescanLen = 1024

// beginning reads as much of a file as may decide what it is: a page that says its charset early is not kept waiting.
func beginning(src io.Reader, e engine.Entry) ([]byte, error) {
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

// takesCharset reports whether a Content-Type may say in which charset a file is. XML says so itself, and JSON is
// UTF-8.
func takesCharset(ctype string) bool { return strings.HasPrefix(ctype, "text/") }

// sniff returns the type of a file that begins with start, and is no longer if whole is set: of HTML whatever its name
// is an old one's for pages (.php), or tells nothing; of text with the charset, if that is UTF-8 and the file does not
// say otherwise. What is not UTF-8 is left to what the page says, or to the browser: a charset in the header would
// outrank both.
func sniff(ext string, start []byte, whole bool) string {
	ctype, known := mediaTypes[ext]
	if !known {
		text := bytes.TrimPrefix(start, []byte("\xef\xbb\xbf"))
		ctype, _, _ = strings.Cut(http.DetectContentType(text), ";")
		if ctype == "text/xml" {
			ctype = textType // Only a name can say that it is XHTML, or that it was sent as HTML.
			if pageMakers[ext] && bytes.Contains(bytes.ToLower(text[:min(len(text), 1024)]), []byte("<html")) {
				ctype = htmlType
			}
		}
	}
	return withCharset(ctype, start, whole)
}

// withCharset adds the charset to the type of a text that is UTF-8 and does not say so, or otherwise, itself.
func withCharset(ctype string, start []byte, whole bool) string {
	if takesCharset(ctype) && isUTF8(start, whole) && !declares(ctype, start) {
		return ctype + "; charset=utf-8"
	}
	return ctype
}

// isUTF8 reports whether text that begins with start can be nothing but UTF-8. A rune that is cut off at the end
// counts, unless the text ends there. ASCII alone can be anything, and frames without a charset would take theirs from
// it; with NUL bytes it is UTF-16, and with escapes ISO-2022-JP.
func isUTF8(start []byte, whole bool) bool {
	if bytes.IndexByte(start, 0) >= 0 || bytes.IndexByte(start, 0x1b) >= 0 || isASCII(start) {
		return false
	}
	if !whole {
		start = withoutCutRune(start)
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

// withoutCutRune leaves out a rune at the end that is not there as a whole.
func withoutCutRune(b []byte) []byte {
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

// declares reports whether a text says in which charset it is, as far as browsers go by it: a byte order mark, a meta
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

// declaresCharset reports whether a page says its own encoding in a meta element.
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

// metaCharset reads the attributes of a meta element.
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

// extension is the end of a file's name that tells its type, with the dot and in lower case: what is after a question
// mark in a name is the query of the address that a mirror was made from. Empty if it tells nothing.
func extension(e engine.Entry) string {
	name, _, _ := strings.Cut(e.Name, "?")
	return strings.ToLower(path.Ext(name))
}

// hasType reports whether an extension tells a type: what else is in the file is of no matter then.
func hasType(ext string) bool {
	_, ok := mediaTypes[ext]
	return ok
}
