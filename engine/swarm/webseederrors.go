package swarm

import (
	"fmt"
	"sync"

	"wtptui/engine"
	"wtptui/engine/cause"
)

// webSeedErrors holds the result of the last request to each web seed of a torrent. The zero value is ready to use.
type webSeedErrors struct {
	mu   sync.Mutex
	last map[string]error // by URL; nil if the last request worked
}

// record records the result of a request to a web seed: nil if it succeeded.
func (f *webSeedErrors) record(url string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last == nil {
		f.last = make(map[string]error)
	}
	f.last[url] = err
}

// message returns, clean, what is wrong if none of the requested web seeds works; otherwise it is empty.
func (f *webSeedErrors) message() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	why := ""
	for _, err := range f.last {
		if err == nil {
			return ""
		}
		why = max(why, cause.Describe(err)) // always the same of several
	}
	switch len(f.last) {
	case 0:
		return ""
	case 1:
		return engine.Clean("the web seed does not work: " + why)
	}
	return engine.Clean(fmt.Sprintf("none of %d web seeds works: %s", len(f.last), why))
}
