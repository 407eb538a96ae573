package mirror

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxSkip is how many bytes of a file are read in vain to get at a range of it, if the server sends the whole file.
const maxSkip = 1 << 20

// fault is an error of a mirror.
type fault struct {
	err error
	// everywhere means that the whole mirror is to be left alone for a while, not only the file.
	everywhere bool
	// busy means that the server asks for fewer requests.
	busy bool
	// wait is how long to wait; 0 if that follows from how often it has failed.
	wait time.Duration
}

func (f *fault) Error() string { return f.err.Error() }

// Unwrap returns the error.
func (f *fault) Unwrap() error { return f.err }

// checkResponse checks the head of a response to the request of [start, end) of a file of so many bytes. It returns how
// many bytes of the body come before start.
func checkResponse(r *http.Response, start, end, size int64, now time.Time) (skip int64, err *fault) {
	switch c := r.StatusCode; {
	case c == http.StatusPartialContent || c == http.StatusOK:
	case c == http.StatusRequestTimeout, c == http.StatusTooEarly, c == http.StatusTooManyRequests, c >= 500:
		return 0, &fault{
			err: errors.New(r.Status), everywhere: true, wait: retryAfter(r.Header, now),
			busy: c == http.StatusTooManyRequests || c == http.StatusServiceUnavailable,
		}
	case c >= 400 && c != http.StatusRequestedRangeNotSatisfiable:
		return 0, &fault{err: errors.New(r.Status), wait: maxBackoff}
	default:
		return 0, &fault{err: errors.New(r.Status)}
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return 0, &fault{err: fmt.Errorf("the content is compressed: %q", e)}
	}
	if r.StatusCode == http.StatusOK {
		if r.ContentLength >= 0 && r.ContentLength != size {
			return 0, &fault{err: fmt.Errorf("the file has %d bytes instead of %d", r.ContentLength, size)}
		}
		if start > maxSkip {
			return 0, &fault{err: errors.New("the server does not send parts of files")}
		}
		return start, nil
	}
	got := r.Header.Get("Content-Range")
	c, ok := parseContentRange(got)
	if !ok || c.start != start || c.end != end || c.size >= 0 && c.size != size {
		return 0, &fault{err: fmt.Errorf("Content-Range is %q instead of bytes %d-%d/%d", got, start, end-1, size)}
	}
	return 0, nil
}

// contentRange is [start, end) of size bytes; size is -1 if it is not known.
type contentRange struct{ start, end, size int64 }

// parseContentRange reads a Content-Range header (RFC 9110, 14.4).
func parseContentRange(s string) (c contentRange, ok bool) {
	unit, s, _ := strings.Cut(strings.TrimSpace(s), " ")
	span, size, found := strings.Cut(s, "/")
	first, last, dash := strings.Cut(span, "-")
	if !strings.EqualFold(unit, "bytes") || !found || !dash {
		return c, false
	}
	start, ok1 := parseSize(first)
	end, ok2 := parseSize(last)
	c = contentRange{start, end + 1, -1}
	ok3 := strings.TrimSpace(size) == "*"
	if !ok3 {
		c.size, ok3 = parseSize(size)
		ok3 = ok3 && end < c.size
	}
	return c, ok1 && ok2 && ok3 && start <= end
}

// parseSize reads a number of bytes.
func parseSize(s string) (int64, bool) {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 62)
	return int64(n), err == nil
}

// retryAfter returns how long a Retry-After header asks to wait (RFC 9110, 10.2.3), at least minBackoff; 0 if there is
// none. A date is taken relative to the server's own clock.
func retryAfter(h http.Header, now time.Time) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return min(max(time.Duration(min(n, 1<<30))*time.Second, minBackoff), maxBackoff)
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return min(max(at.Sub(now), minBackoff), maxBackoff)
}
