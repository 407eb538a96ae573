package swarm

import (
	"context"
	"crypto/sha1"
	"time"

	"wtptui/engine"
)

// Found implements Torrent.
func (h *handle) Found() (look Look, believed bool) {
	data := h.data.Load()
	if data == nil {
		return Look{}, false
	}
	found, believed := data.Found()
	return Look{Stamp: found.Stamp, Newest: found.Newest}, believed
}

// Look implements Torrent.
func (h *handle) Look(newest time.Time) (Look, error) {
	data := h.data.Load()
	if data == nil {
		return Look{}, notReady("look")
	}
	look, changed, own, err := data.Look(newest)
	if err != nil {
		return Look{}, opError("look", engine.Unavailable, "", err)
	}
	return Look{Stamp: look.Stamp, Newest: look.Newest, Changed: changed, Own: own}, nil
}

// Scrub implements Torrent.
func (h *handle) Scrub(ctx context.Context, piece int) (read int64, damaged int, err error) {
	m, data := h.meta.Load(), h.data.Load()
	if m == nil || data == nil {
		return 0, 0, notReady("scrub")
	}
	read, damaged, err = data.Scrub(ctx, piece, sha1.New(), m.hashes[piece*sha1.Size:(piece+1)*sha1.Size])
	if err != nil {
		err = opError("scrub", engine.Unavailable, diskAdvice(err), err)
	}
	return read, damaged, err
}

func notReady(op string) error {
	return opError(op, engine.NotReady, "the site's list of files is not known yet", nil)
}
