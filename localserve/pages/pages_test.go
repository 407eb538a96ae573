package pages

import (
	"bytes"
	"log/slog"
	"testing"
)

// Whatever a text is, it is text; whatever a link is, it runs nothing.
func TestForeignText(t *testing.T) {
	ps := Pages{Log: slog.New(slog.DiscardHandler)}
	const text = `</title></style></bdi>"'><script>alert(1)</script>`
	p := Page{
		Title: text, Text: text, Host: text, Version: text, Origin: text, Sum: text, LinkText: text,
		Contact: `"><img src=x>`,
		Link:    "javascript:alert(1)",
		Path:    []Crumb{{text, "JavaScript:alert(1)"}},
		Rows:    []Row{{text, `data:text/html,<script>`, text, true}, {text, `x" onclick="alert(1)`, text, false}},
	}
	for _, p.Kind = range []string{"about", "confirm", "listing", "loading", "failure"} {
		page := ps.Render("page", p)
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
