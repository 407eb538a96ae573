package files

import (
	"io"
	"slices"
	"strings"
	"sync"

	"wtptui/engine"
	"wtptui/localserve/markup"
)

// facts are what a file's bytes told: its name does not.
type facts struct {
	// ctype is the media type, once enough of the file was seen to know it.
	ctype string
	// typed reports whether all of the file was looked at for it.
	typed bool
	// scanned reports whether all of a page was seen, and what follows is known.
	scanned bool
	// title is the page's title, not clean; edits are what is rewritten of it where addresses are as root says
	// (see visit.rewriting), and its owner has charset for it.
	title         string
	edits         []markup.Edit
	root, charset string
}

// memo remembers facts, so that each file is looked at once, and a HEAD or a range says what the whole file said. Its
// zero value is ready.
type memo struct {
	mu    sync.Mutex
	facts map[string]facts
	// weight is how much memory the edits of all facts take, in bytes.
	weight int
}

// What bounds memo; what is forgotten is found again, and a page with more edits is scanned each time.
const (
	maxFacts       = 4096
	maxEditsWeight = 16 << 20
	maxPageWeight  = 1 << 20
)

// weight is about how much memory the edits take, in bytes.
func (f facts) weight() int {
	const edit = 32
	n := edit * len(f.edits)
	for _, e := range f.edits {
		n += len(e.Text)
	}
	return n
}

// factsKey names a file's content together with what its name says of the type.
func factsKey(e engine.Entry) string { return e.Tag + extension(e) }

func (m *memo) get(e engine.Entry) facts {
	if e.Tag == "" {
		return facts{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[factsKey(e)]
}

// learn changes what is remembered of a file.
func (m *memo) learn(e engine.Entry, change func(*facts)) {
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

// typeOf returns a file's type, and whether it is settled: if not, the file's first bytes decide (see sniff), and the
// type is what to say without them. whole says that all of the file is here, so that all of it can decide.
func typeOf(e engine.Entry, known facts, whole bool) (ctype string, settled bool) {
	ctype, ok := mediaTypes[extension(e)]
	switch {
	case ok && !takesCharset(ctype):
		return ctype, true
	case known.ctype != "":
		return known.ctype, known.typed || !whole
	case ok:
		return ctype, false
	}
	return octets, false
}

// sniff finds and remembers the type of a file that begins with start. What all of the file has told stays.
func (m *memo) sniff(e engine.Entry, start []byte) string {
	if known := m.get(e); known.typed {
		return known.ctype
	}
	whole := int64(len(start)) >= e.Size
	ctype := sniff(extension(e), start, whole)
	m.learn(e, func(f *facts) { f.ctype, f.typed = ctype, whole })
	return ctype
}

// maxTyped is how long a text may be for all of it to be looked at before it is sent, in bytes.
const maxTyped = 8 << 20

// settle finds the type of a file that is here by all of its bytes, once.
func (m *memo) settle(e engine.Entry, src io.ReadSeeker) error {
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
	m.learn(e, func(f *facts) { f.ctype, f.typed = ctype, true })
	_, err := src.Seek(0, io.SeekStart)
	return err
}

// typeOf returns a file's type as far as it is known. If look is set, it is found out by all of a file that is here.
func (m *memo) typeOf(src *source, e engine.Entry, look bool) (ctype string, settled bool, err error) {
	known := m.get(e)
	ctype, settled = typeOf(e, known, false)
	if settled && (known.typed || known.ctype == "") || e.Size == 0 || !look || !src.complete() {
		return ctype, settled, src.failure()
	}
	if err := m.settle(e, src); err != nil {
		return "", false, err
	}
	return m.get(e).ctype, true, nil
}
