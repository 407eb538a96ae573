package files

import (
	"io"
	"slices"
	"sync"

	"wtptui/localserve/markup"
)

// rewrittenPage is a page with its edits, for http.ServeContent. Pages are sent from memory and the last ones are
// cached: rewriting a page takes as long as sending it.
type rewrittenPage struct {
	*markup.Splice
	size  int64
	cache *pageCache
	key   string // of the page in kept
}

// nextBytes returns the next n bytes, and skips them for Read; nil if they must be read with Read.
func (r *rewrittenPage) nextBytes(n int64) ([]byte, error) {
	page := r.cache.get(r.key)
	if page == nil {
		if n != r.size || n > maxCachedPage {
			return nil, nil
		}
		page = make([]byte, n)
		if _, err := io.ReadFull(r, page); err != nil {
			return nil, err
		}
		r.cache.put(r.key, page)
		return page, nil
	}
	at, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	_, err = r.Seek(n, io.SeekCurrent)
	return page[at : at+n], err
}

// pageCache caches the rewritten pages that were sent last. Its zero value is ready.
type pageCache struct {
	mu    sync.Mutex
	pages []cachedPage // least recently used first
	size  int          // of all, in bytes
}

type cachedPage struct {
	key  string
	text []byte
}

// The maximum size of all pages and of one page in a pageCache, in bytes.
const (
	maxPageCache  = 16 << 20
	maxCachedPage = maxPageCache / 4
)

func (k *pageCache) get(key string) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	i := slices.IndexFunc(k.pages, func(p cachedPage) bool { return p.key == key })
	if i < 0 {
		return nil
	}
	p := k.pages[i]
	k.pages = append(slices.Delete(k.pages, i, i+1), p)
	return p.text
}

func (k *pageCache) put(key string, text []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if slices.ContainsFunc(k.pages, func(p cachedPage) bool { return p.key == key }) {
		return
	}
	k.pages = append(k.pages, cachedPage{key, text})
	k.size += len(text)
	for k.size > maxPageCache {
		k.size -= len(k.pages[0].text)
		k.pages = slices.Delete(k.pages, 0, 1)
	}
}
