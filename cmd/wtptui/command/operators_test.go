package command

import (
	"slices"
	"testing"
)

// A site's title is no code for cmd either.
func TestWithoutOperators(t *testing.T) {
	got := withoutOperators([]string{`TITLE=a & calc | "b" %PATH% !X! ^(c) > d`, "HOST=a.example"})
	if want := []string{"TITLE=a   calc    b   PATH   X    c    d", "HOST=a.example"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
