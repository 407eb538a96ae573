package swarm

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"syscall"

	"wtptui/engine"
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
		why = max(why, explainMirror(err)) // the same one of several each time
	}
	switch len(f.last) {
	case 0:
		return ""
	case 1:
		return engine.Clean("the web seed does not work: " + why)
	}
	return engine.Clean(fmt.Sprintf("none of %d web seeds works: %s", len(f.last), why))
}

// explainMirror says in words why a request to a web seed failed.
func explainMirror(err error) string {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err // without the URL, which is long and known
	}
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "it closes the connection"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "it refuses the connection"
	}
	return err.Error()
}
