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

// scanned is how much of a file is looked at, in bytes: what a person writes is shorter, and what a program writes has
// its keys at the beginning or not at all.
const scanned = 1 << 20

// scan looks into the files that have not been published before.
func (c *check) scan(ctx context.Context) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	files := c.plan.Files
	var failure atomic.Pointer[error]
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		wg.Go(func() {
			buf := make([]byte, scanned)
			for i := int(next.Add(1)) - 1; i < len(files) && ctx.Err() == nil && failure.Load() == nil; i = int(next.Add(1)) - 1 {
				c.meter.Done(1, files[i].Size)
				if c.rules.Known != nil && c.rules.Known(files[i]) {
					continue
				}
				if err := c.look(files[i], buf); err != nil {
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

// look looks into one file.
func (c *check) look(file File, buf []byte) error {
	f, err := c.folder.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Unreadable(file.Path, err)
	}
	var n int
	if err == nil {
		n, err = io.ReadFull(f, buf[:min(int64(len(buf)), file.Size)])
		_ = f.Close() // It was only read.
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		c.add(file.Path, "unreadable", engine.Refuse, "it cannot be read ("+reason(err)+"): make it readable, or leave it out")
		return nil
	}
	content := buf[:n]
	if bytes.IndexByte(content[:min(len(content), 8000)], 0) >= 0 {
		return nil // no text
	}
	if what := findSecret(content); what != "" {
		c.add(file.Path, "secret", engine.Refuse, "it holds what looks like "+what+", and what is published cannot be taken back: take it out, or leave the file out")
	}
	switch strings.ToLower(path.Ext(file.Path)) {
	case ".html", ".htm", ".xhtml":
		for _, l := range findLinks(content, c.rules.Domain) {
			c.add(file.Path, l.code, engine.Note, l.why)
		}
	}
	return nil
}
