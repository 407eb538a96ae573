package mirror

import "time"

// maxMisses is how many fetches in a row may fail, each because of its file, until the whole mirror is left alone.
const maxMisses = 4

// health is what is known of a mirror's faults.
type health struct {
	// proven is set once the server has answered, until the next fault.
	proven bool
	choked bool
	// mirror is what has failed everywhere. While choked, its time is zero as long as an answer is late.
	mirror backoff
	// misses is how many fetches in a row have failed because of their files.
	misses int
	// files are those that have failed and not succeeded since.
	files map[int]*fileHealth
	// changed is set when what next returns may have changed.
	changed bool
}

type fileHealth struct {
	backoff
	out bool // not offered
}

// leaveOut notes that a file has failed. It reports whether it was offered until now. wait is as in backoff.fail; later
// is added to it if the file has failed before.
func (h *health) leaveOut(file int, now time.Time, wait, later time.Duration) bool {
	if h.files == nil {
		h.files = make(map[int]*fileHealth)
	}
	f := h.files[file]
	if f == nil {
		f = &fileHealth{}
		h.files[file] = f
	}
	if f.out {
		return false
	}
	f.fail(now, wait)
	if f.failures > 1 {
		f.until = f.until.Add(later)
	}
	f.out, h.changed = true, true
	return true
}

// leaveOutForever is for a file that no URL can name.
func (h *health) leaveOutForever(file int) {
	h.leaveOut(file, time.Time{}, 0, 0)
	h.files[file].until = time.Time{}
}

// leavesOut reports whether one of the parts is of a file that is not offered.
func (h *health) leavesOut(parts []part) bool {
	for _, p := range parts {
		if f := h.files[p.file]; f != nil && f.out {
			return true
		}
	}
	return false
}

// leftOut yields the files that are not offered.
func (h *health) leftOut(yield func(file int) bool) {
	for i, f := range h.files {
		if f.out && !yield(i) {
			return
		}
	}
}

// hasMissedOften reports whether the mirror seems to have no files at all.
func (h *health) hasMissedOften() bool { return h.misses >= maxMisses }

// succeeded notes that something of a file has come.
func (h *health) succeeded(file int) {
	h.misses = 0
	h.mirror.failures = 0
	if f := h.files[file]; f != nil && !f.out {
		delete(h.files, file)
	}
}

// choke notes that the mirror has failed. It reports whether it was not choked until now. What fails while it is left
// alone anyway began before that, and does not count again.
func (h *health) choke(now time.Time, wait time.Duration) bool {
	was := h.choked
	if was && !h.mirror.until.IsZero() {
		h.mirror.failures--
		wait = max(wait, minBackoff)
	}
	h.mirror.fail(now, wait)
	h.choked, h.proven, h.changed = true, false, true
	return !was
}

// suspect chokes until it is known whether the mirror works. It reports whether it was not choked until now.
func (h *health) suspect() bool {
	was := h.choked
	if !was {
		h.choked = true
		h.mirror.until = time.Time{}
	}
	return !was
}

// responded notes that the server has answered. It reports whether that ends a choke.
func (h *health) responded() bool {
	h.proven = true
	if !h.choked || !h.mirror.until.IsZero() {
		return false
	}
	h.choked = false
	return true
}

// tick reports whether files are offered again by now, and whether a choke ends.
func (h *health) tick(now time.Time) (again, unchoked bool) {
	h.changed = true
	for _, f := range h.files {
		if f.out && f.due(now) {
			f.out, again = false, true
			f.until = time.Time{}
		}
	}
	if h.choked && h.mirror.due(now) {
		h.choked, unchoked = false, true
		h.mirror.until = time.Time{}
	}
	return again, unchoked
}

// next returns when tick is to be called; the zero time if it need not be.
func (h *health) next() (at time.Time) {
	earliest := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	earliest(h.mirror.until)
	for _, f := range h.files {
		earliest(f.until)
	}
	return at
}
