package mirror

import "time"

// maxFileFailures is how many fetches in a row may fail, each because of its file, before the whole mirror pauses.
const maxFileFailures = 4

// health records a mirror's faults.
type health struct {
	// proven reports whether the server has answered since the last fault.
	proven bool
	choked bool
	// mirror is the backoff of the whole mirror. While choked, its time is zero if an answer is late.
	mirror backoff
	// fileFailures counts how many fetches in a row have failed because of their files.
	fileFailures int
	// files holds those that have failed and not succeeded since.
	files map[int]*fileHealth
	// changed reports whether the result of next may have changed.
	changed bool
}

type fileHealth struct {
	backoff
	excluded bool // not offered
}

// excludeFile records that a file has failed. It reports whether it was offered until now. wait is as in backoff.fail;
// later is added to it if the file has failed before.
func (h *health) excludeFile(file int, now time.Time, wait, later time.Duration) bool {
	if h.files == nil {
		h.files = make(map[int]*fileHealth)
	}
	f := h.files[file]
	if f == nil {
		f = &fileHealth{}
		h.files[file] = f
	}
	if f.excluded {
		return false
	}
	f.fail(now, wait)
	if f.failures > 1 {
		f.until = f.until.Add(later)
	}
	f.excluded, h.changed = true, true
	return true
}

// excludeFileForever excludes a file that no URL can name.
func (h *health) excludeFileForever(file int) {
	h.excludeFile(file, time.Time{}, 0, 0)
	h.files[file].until = time.Time{}
}

// excludesAny reports whether one of the parts belongs to an excluded file.
func (h *health) excludesAny(parts []part) bool {
	for _, p := range parts {
		if f := h.files[p.file]; f != nil && f.excluded {
			return true
		}
	}
	return false
}

// excludedFiles yields the files that are not offered.
func (h *health) excludedFiles(yield func(file int) bool) {
	for i, f := range h.files {
		if f.excluded && !yield(i) {
			return
		}
	}
}

// hasFailedOften reports whether the mirror seems to have no files at all.
func (h *health) hasFailedOften() bool { return h.fileFailures >= maxFileFailures }

// succeeded records that a part of a file was received.
func (h *health) succeeded(file int) {
	h.fileFailures = 0
	h.mirror.failures = 0
	if f := h.files[file]; f != nil && !f.excluded {
		delete(h.files, file)
	}
}

// choke records that the mirror has failed. It reports whether it was not choked until now. Failures while it pauses
// are of earlier requests, and do not count again.
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

// responded records that the server has answered. It reports whether that ends a choke.
func (h *health) responded() bool {
	h.proven = true
	if !h.choked || !h.mirror.until.IsZero() {
		return false
	}
	h.choked = false
	return true
}

// tick reports whether excluded files are offered again, and whether a choke ends.
func (h *health) tick(now time.Time) (again, unchoked bool) {
	h.changed = true
	for _, f := range h.files {
		if f.excluded && f.due(now) {
			f.excluded, again = false, true
			f.until = time.Time{}
		}
	}
	if h.choked && h.mirror.due(now) {
		h.choked, unchoked = false, true
		h.mirror.until = time.Time{}
	}
	return again, unchoked
}

// next returns when tick must be called; the zero time if it need not be.
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
