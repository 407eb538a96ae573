package publish

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"wtptui/engine"
)

// windowSize is how much of a file is in memory at a time, in bytes.
const windowSize = 1 << 20

// scan scans the files that have not been published before.
func (c *check) scan(ctx context.Context) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	files := c.plan.Files
	var failure atomic.Pointer[error]
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			s := &scanner{check: c, buf: make([]byte, windowSize)}
			for ctx.Err() == nil && failure.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				if c.rules.Known != nil && c.rules.Known(files[i]) {
					c.meter.Done(1, files[i].Size)
					continue
				}
				if err := s.scanFile(ctx, files[i]); err != nil {
					failure.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := failure.Load(); err != nil {
		return *err
	}
	return nil
}

// scanner scans files one after the other, and reuses its buffers.
type scanner struct {
	*check

	buf, chars []byte
}

// scanFile scans one file and adds the findings.
func (s *scanner) scanFile(ctx context.Context, file File) error {
	f, err := s.folder.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return UnreadableError(file.Path, err)
	}
	var found secretSearch
	if err == nil {
		found, err = s.scanContent(ctx, file, f)
		_ = f.Close() // It was only read.
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		s.addFinding(file.Path, "unreadable", engine.ChoiceRefuse,
			"it cannot be read ("+errorReason(err)+"): make it readable, or leave it out")
		return nil
	case found.secret != "":
		s.addFinding(file.Path, "secret", engine.ChoiceRefuse, "it holds what looks like "+found.secret+
			", and what is published cannot be taken back: take it out, or leave the file out")
	case found.visible != "":
		s.addFinding(file.Path, "visible-key", engine.ChoiceNote, "it holds what looks like "+found.visible+
			", which every visitor can use: see that it is for a page, and restricted to what the page needs")
	}
	return nil
}

// scanContent scans a file up to its end, or up to the first secret.
func (s *scanner) scanContent(ctx context.Context, file File, from io.Reader) (secretSearch, error) {
	var found secretSearch
	left := file.Size // not yet reported to the meter
	defer func() { s.meter.Done(1, left) }()
	for w := newWindowReader(io.LimitReader(from, file.Size), s.buf); ctx.Err() == nil && found.secret == ""; {
		begin := w.n == 0
		more, err := w.next()
		if err != nil || !more {
			return found, err
		}
		text := w.text()
		if begin {
			s.addLinkFindings(file.Path, text)
		}
		s.chars = found.searchAll(text, w.first, w.until, s.chars)
		if begin && isCompressed(text) {
			break
		}
		s.meter.Done(0, int64(w.until-w.first))
		left -= int64(w.until - w.first)
	}
	return found, nil
}

// addLinkFindings adds the findings about the links of a page; content is its beginning.
func (s *scanner) addLinkFindings(name string, content []byte) {
	switch strings.ToLower(path.Ext(name)) {
	case ".html", ".htm", ".xhtml":
	default:
		return
	}
	if bytes.IndexByte(content[:min(len(content), 8000)], 0) >= 0 {
		return // not text
	}
	for _, link := range findLinks(content, s.rules.Domain) {
		s.addFinding(name, link.code, engine.ChoiceNote, link.why)
	}
}

// compressed are the first bytes of media, fonts and archives that consist of compressed data.
var compressed = []string{
	"\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "GIF87a", "GIF89a", // pictures
	"\x1aE\xdf\xa3", "OggS", "fLaC", "ID3\x02", "ID3\x03", "ID3\x04", // Matroska and WebM, Ogg, FLAC, MP3
	"wOFF", "wOF2", "\x1f\x8b\x08", "BZh", "\xfd7zXZ\x00", "\x28\xb5\x2f\xfd", "7z\xbc\xaf\x27\x1c", "Rar!\x1a\x07",
}

// isCompressed reports whether a file that begins with that text has text only at its beginning. Such files are the
// largest ones of most folders: to read all of them twice would double the time of publishing. A zip file or a PDF may
// hold uncompressed files, and is not one of these.
func isCompressed(text []byte) bool {
	head := string(text[:min(len(text), 16)])
	if len(head) == 16 && (head[4:8] == "ftyp" || head[:4] == "RIFF" && head[8:12] == "WEBP") { // MP4, AVIF, HEIC; WebP
		return true
	}
	for _, magic := range compressed {
		if strings.HasPrefix(head, magic) {
			return true
		}
	}
	return false
}
