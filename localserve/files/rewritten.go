package files

import (
	"io"
	"slices"
	"sync"

	"wtptui/localserve/markup"
)

// rewritten is a page with its edits, as http.ServeContent reads it. All that is sent of a page goes out of memory,
// where the pages that were sent last are kept: piecing a page together takes as long as sending it.
type rewritten struct {
	*markup.Splice
	size int64
	kept *keptPages
	key  string // of the page in kept
}

// next returns the next n bytes, which are left out by the next Read; nil if they have to be read in the usual way.
func (r *rewritten) next(n int64) ([]byte, error) {
	page := r.kept.get(r.key)
	if page == nil {
		if n != r.size || n > maxKeptPage {
			return nil, nil
		}
		page = make([]byte, n)
		if _, err := io.ReadFull(r, page); err != nil {
			return nil, err
		}
		r.kept.put(r.key, page)
		return page, nil
	}
	at, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	_, err = r.Seek(n, io.SeekCurrent)
	return page[at : at+n], err
}

// keptPages holds the rewritten pages that were sent last. Its zero value is ready.
type keptPages struct {
	mu    sync.Mutex
	pages []keptPage // the last used is the last
	size  int        // of all, in bytes
}

type keptPage struct {
	key  string
	text []byte
}

// How much keptPages holds, in bytes: of all pages, and of one.
const (
	maxKept     = 16 << 20
	maxKeptPage = maxKept / 4
)

func (k *keptPages) get(key string) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.pages, func(p keptPage) bool { return p.key == key })
	if i < 0 {
		return nil
	}
	p := k.pages[i]
	k.pages = append(slices.Delete(k.pages, i, i+1), p)
	return p.text
}

func (k *keptPages) put(key string, text []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if slices.ContainsFunc(k.pages, func(p keptPage) bool { return p.key == key }) {
		return
	}
	k.pages = append(k.pages, keptPage{key, text})
	k.size += len(text)
	for k.size > maxKept {
		k.size -= len(k.pages[0].text)
		k.pages = slices.Delete(k.pages, 0, 1)
	}
}
