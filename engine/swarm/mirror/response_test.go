package mirror

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestContentRange(t *testing.T) {
	for s, want := range map[string]contentRange{
		"bytes 0-0/1":          {0, 1, 1},
		"bytes 5-9/100":        {5, 10, 100},
		"Bytes 5-9/*":          {5, 10, -1},
		" bytes  5 - 9 / 100 ": {5, 10, 100},
		"":                     {},
		"bytes":                {},
		"bytes */100":          {},
		"bytes 9-5/100":        {},
		"bytes 5-9":            {},
		"bytes 5-100/100":      {},
		"bytes -5-9/100":       {},
		"bytes +5-9/100":       {},
		"bytes 5-9/-1":         {},
		"items 5-9/100":        {},
		"bytes=5-9/100":        {},
		"bytes 0-9223372036854775807/9223372036854775807": {},
	} {
		got, ok := parseContentRange(s)
		if ok != (want != contentRange{}) || ok && got != want {
			t.Errorf("%q: got %+v, %v, want %+v", s, got, ok, want)
		}
	}
}

func FuzzContentRange(f *testing.F) {
	f.Add("bytes 5-9/100")
	f.Add("bytes 5-9/*")
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseContentRange(s)
		if !ok {
			return
		}
		if c.start < 0 || c.end <= c.start || c.size >= 0 && c.end > c.size {
			t.Errorf("%q: %+v", s, c)
		}
		size := "*"
		if c.size >= 0 {
			size = fmt.Sprint(c.size)
		}
		if again, ok := parseContentRange(fmt.Sprintf("bytes %d-%d/%s", c.start, c.end-1, size)); !ok || again != c {
			t.Errorf("%q: got %+v, and then %+v", s, c, again)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tc := range []struct {
		value, sent string
		want        time.Duration
	}{
		{"", "", 0},
		{"soon", "", 0},
		{"-1", "", 0},
		{"0", "", time.Second},
		{"7", "", 7 * time.Second},
		{"3600", "", 5 * time.Minute},
		{"99999999999999999999", "", 0},
		{"9999999999999999999", "", 5 * time.Minute},
		{date(2 * time.Second), "", 2 * time.Second},
		{date(-time.Hour), "", time.Second},
		{date(time.Hour), "", 5 * time.Minute},
		{date(2 * time.Hour), date(2*time.Hour - 3*time.Second), 3 * time.Second},
	} {
		h := http.Header{}
		h.Set("Retry-After", tc.value)
		h.Set("Date", tc.sent)
		if got := retryAfter(h, now); got != tc.want {
			t.Errorf("%q sent at %q: got %v, want %v", tc.value, tc.sent, got, tc.want)
		}
	}
}

func TestCheckResponse(t *testing.T) {
	const start, end, size = 100, 200, 1000
	for name, tc := range map[string]struct {
		code   int
		length int64 // 0 is not known
		header []string
		skip   int64
		fault  bool
		want   fault
	}{
		"part":            {code: 206, header: []string{"Content-Range", "bytes 100-199/1000"}},
		"part of unknown": {code: 206, header: []string{"Content-Range", "bytes 100-199/*"}},
		"whole":           {code: 200, length: size, skip: start},
		"whole, chunked":  {code: 200, skip: start},
		"identity":        {code: 200, header: []string{"Content-Encoding", "identity"}, skip: start},

		"no Content-Range": {code: 206, fault: true},
		"another range":    {code: 206, header: []string{"Content-Range", "bytes 0-99/1000"}, fault: true},
		"a shorter range":  {code: 206, header: []string{"Content-Range", "bytes 100-150/1000"}, fault: true},
		"another file":     {code: 206, header: []string{"Content-Range", "bytes 100-199/2000"}, fault: true},
		"another length":   {code: 200, length: 20, fault: true},
		"compressed":       {code: 200, header: []string{"Content-Encoding", "gzip"}, fault: true},
		"nothing":          {code: 204, fault: true},
		"not modified":     {code: 304, fault: true},
		"out of range":     {code: 416, fault: true},
		"forbidden":        {code: 403, fault: true, want: fault{wait: maxBackoff}},
		"not found":        {code: 404, fault: true, want: fault{wait: maxBackoff}},
		"gone":             {code: 410, fault: true, want: fault{wait: maxBackoff}},
		"timeout":          {code: 408, fault: true, want: fault{everywhere: true}},
		"broken":           {code: 500, fault: true, want: fault{everywhere: true}},
		"gateway": {
			code: 502, header: []string{"Retry-After", "3"}, fault: true,
			want: fault{everywhere: true, wait: 3 * time.Second},
		},
		"too many": {
			code: 429, header: []string{"Retry-After", "3"}, fault: true,
			want: fault{everywhere: true, busy: true, wait: 3 * time.Second},
		},
		"busy": {code: 503, fault: true, want: fault{everywhere: true, busy: true}},
	} {
		r := status(tc.code, tc.header...)
		if r.ContentLength = -1; tc.length > 0 {
			r.ContentLength = tc.length
		}
		skip, err := checkResponse(r, start, end, size, time.Now())
		if (err != nil) != tc.fault || skip != tc.skip {
			t.Errorf("%s: got %d, %v", name, skip, err)
			continue
		}
		if err != nil {
			if got := *err; got.everywhere != tc.want.everywhere || got.busy != tc.want.busy || got.wait != tc.want.wait {
				t.Errorf("%s: got %+v, want %+v", name, got, tc.want)
			}
		}
	}
	r := status(200)
	r.ContentLength = 1 << 30
	if _, err := checkResponse(r, maxSkip+1, maxSkip+2, 1<<30, time.Now()); err == nil {
		t.Error("a megabyte is read in vain")
	}
}
