package peers

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// addonsLinter is the program in its package.
var addonsLinter = []string{"addons-linter", "bin", "addons-linter"}

// Lint is the result of the linter of addons.mozilla.org for an extension.
type Lint struct {
	Errors   []LintFinding `json:"errors"`
	Warnings []LintFinding `json:"warnings"`
	Notices  []LintFinding `json:"notices"`
}

// LintFinding is one remark.
type LintFinding struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	File    string `json:"file"`
	Line    int    `json:"line"`
}

// LintExtension runs Mozilla's linter, which web-ext runs too, over the extension in a folder. It needs AddonsLinter.
func LintExtension(t testing.TB, dir string) (l Lint) {
	t.Helper()
	Require(t, AddonsLinter)
	cmd := exec.Command("node", npmPath(t, addonsLinter...), "--output", "json", dir)
	out, err := cmd.Output() // Errors make it fail; they are in what it says.
	if jsonErr := json.Unmarshal(out, &l); jsonErr != nil {
		t.Fatalf("peers: addons-linter: %v: %v: %s", err, jsonErr, out)
	}
	return l
}
