package files

import (
	"net/http"
	"strconv"
	"strings"
)

// conditionalHeaders are the request headers that depend on which file is sent.
var conditionalHeaders = []string{
	"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since",
}

// withoutConditionalHeaders returns the request without these headers: no range or validator applies to the page that
// says that there is no such file.
func withoutConditionalHeaders(r *http.Request) *http.Request {
	plain := *r
	plain.Header = r.Header.Clone()
	for _, name := range conditionalHeaders {
		plain.Header.Del(name)
	}
	return &plain
}

// normalizeRange returns the request with a Range header that http.ServeContent handles as RFC 9110, section 14,
// requires: a unit other than bytes is ignored, in any case, and a suffix of 0 bytes ("-0") is unsatisfiable, so it is
// replaced by a range that begins after the end.
func normalizeRange(r *http.Request, size int64) *http.Request {
	header := r.Header.Get("Range")
	if header == "" {
		return r
	}
	unit, list, ok := strings.Cut(header, "=")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return WithoutHeader(r, "Range")
	}
	ranges := strings.Split(list, ",")
	for i, spec := range ranges {
		if digits, ok := strings.CutPrefix(strings.TrimSpace(spec), "-"); ok && digits != "" &&
			strings.Trim(digits, "0") == "" {
			ranges[i] = strconv.FormatInt(size, 10) + "-"
		}
	}
	plain := "bytes=" + strings.Join(ranges, ",")
	if plain == header {
		return r
	}
	clone := *r
	clone.Header = r.Header.Clone()
	clone.Header.Set("Range", plain)
	return &clone
}

// normalizeETag returns the request with an If-None-Match header of only the given tag, if the header names it:
// http.ServeContent reads only the first line, and stops at the first malformed tag.
func normalizeETag(r *http.Request, tag string) *http.Request {
	header := r.Header["If-None-Match"]
	if !matchesETag(header, tag) || len(header) == 1 && header[0] == tag {
		return r
	}
	clone := *r
	clone.Header = r.Header.Clone()
	clone.Header.Set("If-None-Match", tag)
	return &clone
}

// WithoutHeader returns the request without one of its headers.
func WithoutHeader(r *http.Request, header string) *http.Request {
	if r.Header.Get(header) == "" {
		return r
	}
	clone := *r
	clone.Header = r.Header.Clone()
	clone.Header.Del(header)
	return &clone
}

// matchesETag reports whether an If-None-Match header names a tag, by weak comparison (RFC 9110, section 13.1.2).
func matchesETag(header []string, tag string) bool {
	if tag == "" {
		return false
	}
	for _, list := range header {
		for t := range strings.SplitSeq(list, ",") {
			t = strings.TrimSpace(t)
			if t == "*" || strings.TrimPrefix(t, "W/") == tag {
				return true
			}
		}
	}
	return false
}
