package localserve

import (
	"sync"

	"wtptui/engine"
)

// facts are what a file's bytes told: its name does not.
type facts struct {
	// ctype is the media type, once enough of the file was seen to know it.
	ctype string
	// scanned says that all of a page was seen, and what follows is known.
	scanned bool
	// title is the page's title, not clean; links is how many of its links are rewritten, and length how long it then
	// is, in bytes, when it is sent from the port.
	title  string
	links  int
	length int64
	port   string
}

// memo remembers facts, so that each file is looked at once, and a HEAD or a range says what the whole file said. Its
// zero value is ready.
type memo struct {
	mu    sync.Mutex
	facts map[string]facts
}

// maxFacts bounds memo; what is forgotten is found again.
const maxFacts = 4096

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
	if !ok && (m.facts == nil || len(m.facts) >= maxFacts) {
		m.facts = map[string]facts{}
	}
	change(&f)
	m.facts[key] = f
}

// typeOf gives a file's type, and whether it is settled: if not, the file's first bytes decide (see sniff), and the
// type is what to say without them.
func typeOf(e engine.Entry, known facts) (ctype string, settled bool) {
	ctype, ok := mediaTypes[extension(e)]
	switch {
	case ok && ctype != htmlType:
		return ctype, true
	case known.ctype != "":
		return known.ctype, true
	case ok:
		return ctype, false
	}
	return octets, false
}

// sniff finds and remembers the type of a file that begins with start.
func (m *memo) sniff(e engine.Entry, start []byte) string {
	ctype := sniff(extension(e), start)
	m.learn(e, func(f *facts) { f.ctype = ctype })
	return ctype
}
