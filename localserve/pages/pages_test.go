package pages

import (
	"bytes"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
)

var kinds = []string{"about", "confirm", "listing", "loading", "failure"}

// Whatever a text is, it is text; whatever a link is, it runs nothing.
func TestForeignText(t *testing.T) {
	ps := Pages{Log: slog.New(slog.DiscardHandler), Contact: `"><img src=x>`}
	const text = `</title></style></bdi>"'><script>alert(1)</script>`
	p := Page{
		Title: text, Text: text, Host: text, Version: text, Origin: text, Sum: text, LinkText: text,
		Contact: text, Link: "javascript:alert(1)",
		Path: []Crumb{{text, "JavaScript:alert(1)"}},
		Rows: []Row{{text, `data:text/html,<script>`, text, true}, {text, `x" onclick="alert(1)`, text, false}},
	}
	step := Step{Text: text, Swarm: text, Tried: []string{text}, All: 1, AllText: text, Left: text}
	rendered := [][]byte{ps.RenderStep(step)}
	for _, p.Kind = range kinds {
		rendered = append(rendered, ps.Render(p))
	}
	for _, page := range rendered {
		for _, not := range []string{
			"<script", "<img", `href="javascript:`, `href="JavaScript:`, `href="data:text`, `" onclick`,
		} {
			if bytes.Contains(page, []byte(not)) {
				t.Errorf("the page has %s:\n%s", not, page)
			}
		}
		if !bytes.Contains(page, []byte("&lt;script&gt;")) {
			t.Errorf("the page does not have the text:\n%s", page)
		}
	}
}

// The updates of a loading page are in its element for them, and the page is complete after its end.
func TestPartsOfTheLoadingPage(t *testing.T) {
	ps := Pages{Log: slog.New(slog.DiscardHandler)}
	p := Page{Status: http.StatusServiceUnavailable, Kind: "loading", Title: "On its way", Host: "example.org"}
	start, end := ps.RenderLoading(p)
	whole := string(slices.Concat(start, ps.RenderStep(Step{Text: "Waiting."}), ps.RenderReload("2"), end))
	for _, want := range []string{
		`<div class="steps"><div class="step"><p class="lead">Waiting.`,
		`content="2"></div></main></body></html>`,
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %s in\n%s", want, whole)
		}
	}
}
