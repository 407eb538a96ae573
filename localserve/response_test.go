package localserve

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

const digits = "0123456789abcdefghijklmnopqrstuvwxyz"

func TestRanges(t *testing.T) {
	s, m := startSite(t, map[string]string{"d.bin": digits, "empty.bin": ""})
	tag := m.Entry("d.bin", digits).Tag
	tests := []struct {
		name   string
		ranges string
		extra  string
		status int
		body   string
		crange string
	}{
		{"middle", "bytes=6-16", "", 206, digits[6:17], "bytes 6-16/36"},
		{"first byte", "bytes=0-0", "", 206, "0", "bytes 0-0/36"},
		{"last three", "bytes=-3", "", 206, "xyz", "bytes 33-35/36"},
		{"open end", "bytes=30-", "", 206, digits[30:], "bytes 30-35/36"},
		{"all", "bytes=0-", "", 206, digits, "bytes 0-35/36"},
		{"end beyond", "bytes=30-99", "", 206, digits[30:], "bytes 30-35/36"},
		{"suffix beyond", "bytes=-99", "", 206, digits, "bytes 0-35/36"},
		{"start beyond", "bytes=36-", "", 416, "", "bytes */36"},
		{"far beyond", "bytes=99999999999999-", "", 416, "", "bytes */36"},
		{"the last none", "bytes=-0", "", 416, "", "bytes */36"},
		{"the last none, and some", "bytes=-00, 1-2", "", 206, "12", "bytes 1-2/36"},
		{"backwards", "bytes=5-3", "", 416, "", "bytes */36"},
		{"no number", "bytes=a-b", "", 416, "", "bytes */36"},
		{"a unit spelt otherwise", "Bytes=1-2", "", 206, "12", "bytes 1-2/36"},
		{"another unit", "lines=1-2", "", 200, digits, ""},
		{"no unit", "1-2", "", 200, digits, ""},
		{"too much in total", "bytes=0-35,0-35", "", 200, digits, ""},
		{"same file", "bytes=1-2", `If-Range: "` + tag + `"`, 206, "12", "bytes 1-2/36"},
		{"another file", "bytes=1-2", `If-Range: "other"`, 200, digits, ""},
		{"weak", "bytes=1-2", `If-Range: W/"` + tag + `"`, 200, digits, ""},
		{"a date, and there is none", "bytes=1-2", "If-Range: Wed, 21 Oct 2015 07:28:00 GMT", 200, digits, ""},
		{"unchanged", "bytes=1-2", `If-None-Match: "` + tag + `"`, 304, "", ""},
	}
	for _, tt := range tests {
		headers := []string{"Range: " + tt.ranges}
		if tt.extra != "" {
			headers = append(headers, tt.extra)
		}
		got := s.get("/d.bin", headers...)
		body := got.body
		if got.status == 416 {
			body = ""
		}
		if got.status != tt.status || body != tt.body || tt.crange != "" && got.header.Get("Content-Range") != tt.crange {
			t.Errorf("%s: %d %q, %q; want %d %q, %q", tt.name, got.status, got.body, got.header.Get("Content-Range"), tt.status,
				tt.body, tt.crange)
		}
	}
	if got := s.get("/empty.bin", "Range: bytes=0-"); got.status != 200 || got.body != "" {
		t.Errorf("a range of nothing: %d %q", got.status, got.body)
	}
	if n := m.Readers(); n != 0 {
		t.Errorf("%d readers are still open", n)
	}
}

func TestMultipleRanges(t *testing.T) {
	s, _ := startSite(t, map[string]string{"d.txt": digits})
	got := s.get("/d.txt", "Range: bytes=6-16,-3, 0-0")
	kind, params, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	if got.status != 206 || kind != "multipart/byteranges" || err != nil {
		t.Fatalf("%d %s", got.status, got.header.Get("Content-Type"))
	}
	if want := fmt.Sprint(len(got.body)); got.header.Get("Content-Length") != want {
		t.Errorf("Content-Length %s, body has %s", got.header.Get("Content-Length"), want)
	}
	mr := multipart.NewReader(strings.NewReader(got.body), params["boundary"])
	for _, want := range []struct{ data, where string }{
		{digits[6:17], "bytes 6-16/36"}, {"xyz", "bytes 33-35/36"}, {"0", "bytes 0-0/36"},
	} {
		part, err := mr.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(part)
		if string(data) != want.data || part.Header.Get("Content-Range") != want.where ||
			part.Header.Get("Content-Type") != textType {
			t.Errorf("part %q at %q of type %q, want %q at %q", data, part.Header.Get("Content-Range"),
				part.Header.Get("Content-Type"), want.data, want.where)
		}
	}
	if _, err := mr.NextPart(); err != io.EOF {
		t.Errorf("after the last part: %v", err)
	}
}

func TestValidators(t *testing.T) {
	s, m := startSite(t, map[string]string{"index.html": "home", "odd": "x"})
	first := s.get("/")
	tag := first.header.Get("ETag")
	if tag != `"`+m.Entry("index.html", "home").Tag+pageMark+`"` {
		t.Fatalf("ETag %q", tag)
	}
	if first.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("Cache-Control %q", first.header.Get("Cache-Control"))
	}
	before := m.Reads()
	for _, header := range []string{
		"If-None-Match: " + tag, "If-None-Match: W/" + tag, `If-None-Match: "a", ` + tag + `, "b"`,
		`If-None-Match: W/"a",W/` + tag, "If-None-Match: *",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			got := s.request(method, label, "/", header)
			if got.status != 304 || got.body != "" || got.header.Get("ETag") != tag ||
				got.header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%s %s: %d, ETag %q", method, header, got.status, got.header.Get("ETag"))
			}
		}
	}
	if n := m.Reads() - before; n != 0 {
		t.Errorf("304 read the file %d times", n)
	}
	for _, header := range []string{
		`If-None-Match: "other"`, `If-None-Match: ` + strings.Trim(tag, `"`),
		"If-Modified-Since: Wed, 21 Oct 2099 07:28:00 GMT",
	} {
		if got := s.get("/", header); got.status != 200 || got.body != "home" {
			t.Errorf("%s: %d", header, got.status)
		}
	}
	if got := s.get("/", `If-Match: "other"`); got.status != 412 {
		t.Errorf("If-Match: %d, want 412", got.status)
	}
}

func TestHeadReadsNothing(t *testing.T) {
	s, m := startSite(t, map[string]string{"index.html": strings.Repeat("x", 5000), "app.wasm": "w", "dir/a": ""})
	s.get("/") // A page's length is known once it was looked at: its links may change it.
	before := m.Reads()
	for target, length := range map[string]string{"/": "5000", "/app.wasm": "1"} {
		got := s.request("HEAD", label, target)
		if got.status != 200 || got.header.Get("Content-Length") != length || got.header.Get("ETag") == "" ||
			got.header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("%s: %d %v", target, got.status, got.header)
		}
	}
	if n := m.Reads() - before; n != 0 {
		t.Errorf("HEAD read %d times", n)
	}
	// HEAD of a page of ours tells the length of what GET would send.
	if head, get := s.request("HEAD", label, "/dir/"),
		s.get("/dir/"); head.header.Get("Content-Length") != fmt.Sprint(len(get.body)) {
		t.Errorf("listing: HEAD says %s, GET sends %d", head.header.Get("Content-Length"), len(get.body))
	}
}

// TestOpenerErrors promises that the page shows the error's message, with a status that programs can act on.
func TestOpenerErrors(t *testing.T) {
	tests := []struct {
		kind   engine.Kind
		status int
	}{
		{engine.Invalid, 400},
		{engine.NotFound, 404},
		{engine.TooLarge, 507},
		{engine.Refused, 502},
		{engine.Damaged, 502},
		{engine.Conflict, 409},
		{engine.Unavailable, 503},
		{engine.NotReady, 504},
	}
	for _, tt := range tests {
		failing := func(ctx context.Context) error {
			return fmt.Errorf("wrapped: %w", &engine.Error{Op: "x", Kind: tt.kind, Msg: "do <this> & that\x1b"})
		}
		s := startServer(t, Config{Opener: &memoryOpener{BeforeOpen: failing}})
		got := s.request("GET", hash, "/")
		if got.status != tt.status || !strings.Contains(got.body, "do <this> & that\n") ||
			got.header.Get("Content-Type") != plainText {
			t.Errorf("%s for curl: %d %q", tt.kind, got.status, got.body)
		}
		if tt.kind == engine.NotReady {
			tt.status = 503 // a person gets the loading page
		}
		got = s.request("GET", hash, "/", typed...)
		if got.status != tt.status || !strings.Contains(got.body, "do &lt;this&gt; &amp; that<") ||
			got.header.Get("Content-Type") != utf8HTML {
			t.Errorf("%s for a browser: %d %q", tt.kind, got.status, got.body)
		}
		if retry := got.header.Get("Retry-After"); (tt.status == 503) != (retry != "") {
			t.Errorf("%s: Retry-After %q", tt.kind, retry)
		}
		// A person can do what a program is told to do; the loading page does it by itself.
		if again := strings.Contains(got.body,
			`<a class="button" href="">Try again</a>`); again != (tt.kind == engine.Unavailable || tt.kind == engine.Conflict) {
			t.Errorf("%s: a button to try again: %t", tt.kind, again)
		}
	}
	secret := func(ctx context.Context) error { return fmt.Errorf("open /home/someone/data: permission denied") }
	s := startServer(t, Config{Opener: &memoryOpener{BeforeOpen: secret}})
	if got := s.request("GET", hash, "/", typed...); got.status != 500 || strings.Contains(got.body, "someone") {
		t.Errorf("another error: %d %q", got.status, got.body)
	}
}

func TestRequestsAreRecorded(t *testing.T) {
	m := &memorySite{
		Files: map[string]string{"index.html": "home", "d.bin": digits, "dir/x": ""}, Done: make(chan engine.Request, 1),
	}
	s := startServer(t, Config{Opener: &memoryOpener{Sites: map[string]engine.Content{domain: m}}})
	tests := []struct {
		method, target, header string
		want                   engine.Request
	}{
		{"GET", "/", "", engine.Request{Path: "/", Status: 200, Bytes: 4}},
		{"HEAD", "/", "", engine.Request{Path: "/", Status: 200}},
		{"GET", "/d.bin?a=b%20c", "Range: bytes=6-16", engine.Request{Path: "/d.bin?a=b%20c", Status: 206, Bytes: 11}},
		{"GET", "/d.bin", "If-None-Match: *", engine.Request{Path: "/d.bin", Status: 304}},
		{"GET", "/dir", "", engine.Request{Path: "/dir", Status: 301}},
		{
			"GET", "/a%1Bb%0A", "",
			engine.Request{Path: "/ab", Status: 404, Bytes: int64(len("No such page: The site has no file /ab.\n"))},
		},
	}
	for _, tt := range tests {
		s.request(tt.method, label, tt.target, tt.header+func() string {
			if tt.header == "" {
				return "X-Nothing: 1"
			}
			return ""
		}())
		got := enginetest.Receive(t, m.Done, "the record of "+tt.target)
		if got.At.IsZero() || got.Wait <= 0 || got.Took < got.Wait {
			t.Errorf("%s: at %s, waited %d, took %d", tt.target, got.At, got.Wait, got.Took)
		}
		tt.want.Method, tt.want.At, tt.want.Wait, tt.want.Took = tt.method, got.At, got.Wait, got.Took
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("got  %+v\nwant %+v", got, tt.want)
		}
	}
}

func TestKeepAlive(t *testing.T) {
	s, _ := startSite(t, map[string]string{"index.html": "home"})
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	seen := map[string]bool{}
	for range 5 {
		req, _ := http.NewRequest(http.MethodGet, "http://"+s.addr+"/", http.NoBody)
		req.Host = label + ".localhost:" + s.port
		res, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		seen[string(body)] = !res.Close
	}
	if !seen["home"] || len(seen) != 1 {
		t.Errorf("got %v", seen)
	}
}
