package localserve

import (
	"bytes"
	"net/http"
	"path"
	"strings"

	"golang.org/x/net/html"

	"wtptui/engine"
)

// sniffLen is how many of a file's first bytes may decide its type: as many as browsers look through for a meta
// element with a charset.
const sniffLen = 1024

const (
	octets    = "application/octet-stream"
	htmlType  = "text/html"
	utf8HTML  = "text/html; charset=utf-8"
	plainText = "text/plain; charset=utf-8"
)

// mediaTypes are the types by extension, the same on every machine: the operating system's table is not asked. Text
// is UTF-8, as it is all over the Web, except where the file itself says (HTML, XML and SVG; a byte order mark always
// does) or where the type has no charset (JSON).
var mediaTypes = map[string]string{
	".html": htmlType, ".htm": htmlType,
	".xhtml": "application/xhtml+xml", ".xht": "application/xhtml+xml",
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".cjs": "text/javascript; charset=utf-8",
	".json": "application/json", ".map": "application/json", ".jsonld": "application/ld+json", ".geojson": "application/geo+json",
	".webmanifest": "application/manifest+json", ".wasm": "application/wasm",
	".xml": "application/xml", ".xsl": "application/xml", ".xslt": "application/xml", ".rss": "application/rss+xml", ".atom": "application/atom+xml",

	".txt": plainText, ".text": plainText, ".md": plainText, ".markdown": plainText, ".rst": plainText, ".log": plainText,
	".yml": plainText, ".yaml": plainText, ".toml": plainText, ".ini": plainText, ".conf": plainText, ".srt": plainText,
	".csv": "text/csv; charset=utf-8", ".tsv": "text/tab-separated-values; charset=utf-8", ".vtt": "text/vtt; charset=utf-8",
	".ics": "text/calendar; charset=utf-8", ".vcf": "text/vcard; charset=utf-8",

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

// sniff adds the charset to HTML that does not have one itself, and guesses the type of what has no known extension.
// An extension that someone typed, though unknown, never makes a page of a file; a file without one may be.
func sniff(ext string, start []byte) string {
	if mediaTypes[ext] != htmlType {
		ctype, _, _ := strings.Cut(http.DetectContentType(start), ";")
		switch {
		case ext != "" && (ctype == htmlType || ctype == "text/xml"), ctype == "text/plain":
			return plainText
		case ctype != htmlType:
			return ctype
		}
	}
	if declaresCharset(start) {
		return htmlType // A charset in the header would overrule the page's own.
	}
	return utf8HTML
}

// declaresCharset reports whether a page says its own encoding, by a byte order mark or a meta element, as in the
// HTML standard's prescan.
func declaresCharset(start []byte) bool {
	for _, bom := range []string{"\xef\xbb\xbf", "\xfe\xff", "\xff\xfe"} {
		if bytes.HasPrefix(start, []byte(bom)) {
			return true
		}
	}
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

func extension(e engine.Entry) string { return strings.ToLower(path.Ext(e.Name)) }
