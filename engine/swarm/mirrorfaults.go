package swarm

import (
	"fmt"
	"sync"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// mirrorFaults knows how it goes with the web seeds of a torrent. Its zero value is ready.
type mirrorFaults struct {
	mu   sync.Mutex
	last map[string]error // by URL, of those that were asked; nil where the last request worked
}

// note takes what came of a request to a web seed: nil if it answered well.
func (f *mirrorFaults) note(url string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last == nil {
		f.last = make(map[string]error)
	}
	f.last[url] = err
}

// say says, clean, what is wrong if none of the web seeds works that were asked; it is empty otherwise.
func (f *mirrorFaults) say() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	why := ""
	for _, err := range f.last {
		if err == nil {
			return ""
		}
		why = max(why, cause.Words(err)) // the same one of several each time
	}
	switch len(f.last) {
	case 0:
		return ""
	case 1:
		return engine.Clean("the web seed does not work: " + why)
	}
	return engine.Clean(fmt.Sprintf("none of %d web seeds works: %s", len(f.last), why))
}
