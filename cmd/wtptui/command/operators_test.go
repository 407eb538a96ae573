package command

import (
	"slices"
	"testing"
)

// A site's title is not read as code by cmd either.
func TestCmdOperatorsAreReplaced(t *testing.T) {
	got := replaceCmdOperators([]string{`TITLE=a & calc | "b" %PATH% !X! ^(c) > d`, "HOST=a.example"})
	if want := []string{"TITLE=a   calc    b   PATH   X    c    d", "HOST=a.example"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
