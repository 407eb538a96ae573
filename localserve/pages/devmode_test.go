package pages

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestPagesAreTheProgramsOwnWhateverTheEnvironment renders a page in a process whose environment turns on the mode of
// templ in which templates are read from files.
func TestPagesAreTheProgramsOwnWhateverTheEnvironment(t *testing.T) {
	const variable = "TEMPL_DEV_MODE"
	if os.Getenv(variable) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), variable+"=true")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("with %s=true: %v\n%s", variable, err, out)
		}
		return
	}
	page := string(Pages{}.Render(Page{Kind: "about", Title: "a title"}))
	if !strings.Contains(page, "<h1>a title</h1>") || !strings.HasSuffix(page, "</html>") {
		t.Errorf("the page is %q", page)
	}
}
