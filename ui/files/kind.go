package files

import (
	"path"
	"strings"

	"wtptui/ui/format"
)

// mediaTypes are the media types of files on websites (RFC 6838), by the extensions of file names. The system's own
// table is not used: it differs from machine to machine.
var mediaTypes = map[string]string{
	".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml", ".css": "text/css", ".txt": "text/plain",
	".md": "text/markdown", ".csv": "text/csv", ".js": "text/javascript", ".mjs": "text/javascript",
	".json": "application/json",
	".map":  "application/json", ".webmanifest": "application/manifest+json", ".wasm": "application/wasm",
	".xml": "application/xml",
	".rss": "application/rss+xml", ".atom": "application/atom+xml", ".pdf": "application/pdf", ".zip": "application/zip",
	".gz": "application/gzip", ".epub": "application/epub+zip", ".svg": "image/svg+xml", ".png": "image/png",
	".jpg":  "image/jpeg",
	".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav",
	".mp4":  "video/mp4",
	".webm": "video/webm", ".mkv": "video/x-matroska", ".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf",
	".otf": "font/otf",
}

// mediaType returns the media type for the file's name, or its extension if that is unknown.
func mediaType(n *node) string {
	if n.fileIndex >= 0 {
		ext := strings.ToLower(path.Ext(n.name))
		if k, ok := mediaTypes[ext]; ok {
			return k
		}
		if len(ext) > 1 && len(ext) <= 7 {
			return strings.ToUpper(format.Text(ext[1:]))
		}
	}
	return ""
}
