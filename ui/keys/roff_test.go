package keys

import (
	"strings"
	"testing"
)

func TestRoffHasEveryBinding(t *testing.T) {
	page := Roff()
	if n := strings.Count(page, "\n.TP\n"); n != len(All()) {
		t.Errorf("%d paragraphs for %d bindings", n, len(All()))
	}
	for _, want := range []string{
		".SS A site\n", ".TP\n\\fBd\\fR\nmove the site into the bin\n", "\\fB: \\(hap\\fR\n",
		"\\fB\\-\\fR\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, ".") && !strings.HasPrefix(line, ".S") && line != ".TP\n" {
			t.Errorf("%q would be taken for a request", line)
		}
	}
}
