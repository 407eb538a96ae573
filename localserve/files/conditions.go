package files

import (
	"net/http"
	"strconv"
	"strings"
)

// conditions are the headers of a request that depend on which file is sent.
var conditions = []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// unconditional is the request without what applies only to the file that was asked for: no range or validator has a
// meaning for the page that says that there is no such file.
func unconditional(r *http.Request) *http.Request {
	plain := *r
	plain.Header = r.Header.Clone()
	for _, name := range conditions {
		plain.Header.Del(name)
	}
	return &plain
}

// withPlainRange is the request with its Range header as http.ServeContent takes it, which is not quite that of RFC
// 9110, section 14: a unit other than bytes is ignored, however it is spelt, and the last 0 bytes ("-0") are as
// unsatisfiable as a range that begins after the end, which stands for them.
func withPlainRange(r *http.Request, size int64) *http.Request {
	header := r.Header.Get("Range")
	if header == "" {
		return r
	}
	unit, list, ok := strings.Cut(header, "=")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return Without(r, "Range")
	}
	ranges := strings.Split(list, ",")
	for i, spec := range ranges {
		if digits, ok := strings.CutPrefix(strings.TrimSpace(spec), "-"); ok && digits != "" && strings.Trim(digits, "0") == "" {
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

// withPlainTag is the request with its If-None-Match header as http.ServeContent takes it, which reads the first line
// alone, and that no further than the first thing that is no tag: if it names a tag, it names nothing else.
func withPlainTag(r *http.Request, tag string) *http.Request {
	header := r.Header["If-None-Match"]
	if !matches(header, tag) || len(header) == 1 && header[0] == tag {
		return r
	}
	clone := *r
	clone.Header = r.Header.Clone()
	clone.Header.Set("If-None-Match", tag)
	return &clone
}

// Without returns the request less one of its headers.
func Without(r *http.Request, header string) *http.Request {
	if r.Header.Get(header) == "" {
		return r
	}
	clone := *r
	clone.Header = r.Header.Clone()
	clone.Header.Del(header)
	return &clone
}

// matches reports whether an If-None-Match header names a tag, by weak comparison (RFC 9110, section 13.1.2).
func matches(header []string, tag string) bool {
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
