package files

import (
	"io"
	"slices"
	"strings"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/markup"
)

// facts is what is known of a file from its content.
type facts struct {
	// ctype is the media type; empty if not enough of the file was read yet.
	ctype string
	// typeFinal reports whether the type was determined from the whole file.
	typeFinal bool
	// scanned reports whether the whole page was scanned; the fields below are valid then.
	scanned bool
	// title is the page's title, not clean. edits are the replacements of URLs; they depend on root (see
	// siteRequest.rewriting) and on the charset that the site's owner has set.
	title         string
	edits         []markup.Edit
	root, charset string
}

// factsCache caches facts, so that each file is scanned once, and the responses to HEAD and ranges agree with that for
// the whole file. Its zero value is ready.
type factsCache struct {
	mu    sync.Mutex
	facts map[string]facts
	// weight is the memory that the edits of all facts take, in bytes.
	weight int
}

// The limits of factsCache. Facts that were dropped are found again; a page with more edits is scanned for each
// request.
const (
	maxFacts       = 4096
	maxEditsWeight = 16 << 20
	maxPageWeight  = 1 << 20
)

// weight returns approximately how much memory the edits take, in bytes.
func (f facts) weight() int {
	const edit = 32
	n := edit * len(f.edits)
	for _, e := range f.edits {
		n += len(e.Text)
	}
	return n
}

// factsKey returns the key of a file's facts: its content, and the extension, which influences the type.
func factsKey(e engine.Entry) string { return e.Tag + extension(e) }

func (m *factsCache) get(e engine.Entry) facts {
	if e.Tag == "" {
		return facts{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[factsKey(e)]
}

// update calls change with the facts of a file, and stores them.
func (m *factsCache) update(e engine.Entry, change func(*facts)) {
	if e.Tag == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := factsKey(e)
	f, ok := m.facts[key]
	before := f.weight()
	change(&f)
	if f.weight() > maxPageWeight {
		f.edits, f.scanned = nil, false
	}
	if m.weight += f.weight() - before; m.facts == nil || !ok && len(m.facts) >= maxFacts || m.weight > maxEditsWeight {
		m.facts, m.weight = map[string]facts{}, f.weight()
	}
	m.facts[key] = f
}

// typeOf returns a file's type, and whether it is final. If not, the file's first bytes decide (see sniff), and ctype
// is the default. whole reports whether the whole file is here and can be examined.
func typeOf(e engine.Entry, known facts, whole bool) (ctype string, final bool) {
	ctype, ok := mediaTypes[extension(e)]
	switch {
	case ok && !takesCharset(ctype):
		return ctype, true
	case known.ctype != "":
		return known.ctype, known.typeFinal || !whole
	case ok:
		return ctype, false
	}
	return octetStream, false
}

// sniff determines and stores the type of a file that begins with start. A type from the whole file is not replaced.
func (m *factsCache) sniff(e engine.Entry, start []byte) string {
	if known := m.get(e); known.typeFinal {
		return known.ctype
	}
	whole := int64(len(start)) >= e.Size
	ctype := sniff(extension(e), start, whole)
	m.update(e, func(f *facts) { f.ctype, f.typeFinal = ctype, whole })
	return ctype
}

// maxTyped is the maximum size of a text that is examined completely before it is sent, in bytes.
const maxTyped = 8 << 20

// detectType determines the type from the content of a complete file, once.
func (m *factsCache) detectType(e engine.Entry, src io.ReadSeeker) error {
	start := make([]byte, min(e.Size, sniffLen))
	if _, err := io.ReadFull(src, start); err != nil {
		return err
	}
	ctype := m.sniff(e, start)
	base, _, _ := strings.Cut(ctype, ";")
	if takesCharset(base) && e.Size > int64(len(start)) && e.Size <= maxTyped {
		rest, err := io.ReadAll(src)
		if err != nil {
			return err
		}
		ctype = withCharset(base, slices.Concat(start, rest), true)
	}
	m.update(e, func(f *facts) { f.ctype, f.typeFinal = ctype, true })
	_, err := src.Seek(0, io.SeekStart)
	return err
}

// typeOf returns a file's type as far as it is known. If detect is set and the file is complete, its content is
// examined.
func (m *factsCache) typeOf(src *source, e engine.Entry, detect bool) (ctype string, final bool, err error) {
	known := m.get(e)
	ctype, final = typeOf(e, known, false)
	if final && (known.typeFinal || known.ctype == "") || e.Size == 0 || !detect || !src.complete() {
		return ctype, final, src.failure()
	}
	if err := m.detectType(e, src); err != nil {
		return "", false, err
	}
	return m.get(e).ctype, true, nil
}
