package requests

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"wtptui/engine"
	"wtptui/ui/keys"
	"wtptui/ui/theme"
)

var start = time.Date(2026, time.March, 14, 15, 9, 26, 0, time.UTC)

func request(n int, path string, change func(*engine.Request)) engine.Request {
	r := engine.Request{
		At: engine.At(start.Add(time.Duration(n) * time.Second)), Method: "GET", Path: path, Status: 200, Bytes: 5000,
		Wait: int64(time.Millisecond), Took: int64(2 * time.Millisecond),
	}
	if change != nil {
		change(&r)
	}
	return r
}

func TestItExplainsWhyAPageIsSlow(t *testing.T) {
	th := theme.None()
	p := New(&th, nil)
	p.Focus(true)
	for want, change := range map[string]func(*engine.Request){
		"there was nothing to wait for": nil,
		"took 3.2 s, because 4 pieces had to": func(r *engine.Request) {
			r.Wait, r.Pieces, r.From = int64(3200*time.Millisecond), 4, []string{"203.0.113.9:1", "198.51.100.7:2"}
		},
		": from 203.0.113.9:1.": func(r *engine.Request) {
			r.Pieces, r.From = 1, []string{"203.0.113.9:1"}
		},
		"1 piece came from the swarm while":         func(r *engine.Request) { r.Pieces = 1 },
		"the disk or this computer was busy":        func(r *engine.Request) { r.Wait = int64(time.Second) },
		"It failed with 503 after 2 ms":             func(r *engine.Request) { r.Status, r.Pieces = 503, 2 },
		"The browser had it already":                func(r *engine.Request) { r.Status = 304 },
		"4.9 KB in 2 ms, the first byte after 1 ms": nil,
	} {
		p.Set(engine.Detail{Requests: []engine.Request{request(0, "/a/page.html?q=1", change)}}, start)
		if out := ansi.Strip(p.View(120, 20)); !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestTheNewestStaysSelectedUntilAnotherIs(t *testing.T) {
	th := theme.None()
	p := New(&th, nil)
	set := func(n int) {
		var d engine.Detail
		for i := range n {
			d.Requests = append(d.Requests, request(n-i, "/"+strings.Repeat("x", n-i), nil))
		}
		p.Set(d, start)
	}
	set(2)
	set(3)
	if r, _ := p.Selected(); r.Path != "/xxx" {
		t.Errorf("%s is selected, not the newest", r.Path)
	}
	p.Handle(keys.Down)
	set(5)
	if r, _ := p.Selected(); r.Path != "/xx" {
		t.Errorf("%s is selected", r.Path)
	}
}

// What a page lacks is shown above the list, with the key that opens the page again, and does not change which row a
// click selects.
func TestItSaysWhatAPageLacks(t *testing.T) {
	th := theme.None()
	p := New(&th, nil)
	site := engine.Site{
		Host: "a.example", LocalURL: "http://a.localhost:1/", MissingParts: 2, MissingPage: "/b c.html?d=e",
	}
	p.Set(engine.Detail{Site: site, Requests: []engine.Request{request(1, "/1", nil), request(0, "/0", nil)}}, start)
	first, _, _ := strings.Cut(ansi.Strip(p.View(100, 20)), "\n")
	if want := "  ⚠ 2 parts of /b c.html?d=e did not come in time: o opens it again"; first != want {
		t.Errorf("the first line is %q, want %q", first, want)
	}
	if url, ok := p.URL(); !ok || url != "http://a.localhost:1/b%20c.html?d=e" {
		t.Errorf("the page is %q", url)
	}
	if p.ClickRow(1) || !p.ClickRow(3) {
		t.Error("a click hits another line than it should")
	}
	if r, _ := p.Selected(); r.Path != "/0" {
		t.Errorf("%s is selected", r.Path)
	}
	p.Set(engine.Detail{Site: engine.Site{Host: "a.example"}}, start)
	if _, ok := p.URL(); ok || strings.Contains(p.View(100, 20), "⚠") {
		t.Error("it lacks something still")
	}
}
