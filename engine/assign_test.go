package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseLabel(t *testing.T) {
	for in, want := range map[string]string{
		"mirror": "mirror", "\x20Mirror\t": "mirror", "a": "a", "2024": "2024", "to-do_v1.2": "to-do_v1.2",
		"Bücher": "bücher", "漫画": "漫画", "हिन्दी": "हिन्दी",
		strings.Repeat("ä", MaxLabelLength): strings.Repeat("ä", MaxLabelLength),
	} {
		got, err := ParseLabel(in)
		if err != nil || got != want {
			t.Errorf("ParseLabel(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", "  ", "-x", ".x", "two words", "a,b", "a:b", "a/b", "x\x1b[31m", "x\u202ey", "\u0301x", "\xff",
		strings.Repeat("x", MaxLabelLength+1),
	} {
		if got, err := ParseLabel(in); KindOf(err) != Invalid || Message(err) != Clean(Message(err)) {
			t.Errorf("ParseLabel(%q) = %q, %v", in, got, err)
		}
	}
}

func TestAssignmentLabels(t *testing.T) {
	many := make([]string, MaxLabels)
	for i := range many {
		many[i] = fmt.Sprintf("l%02d", i)
	}
	for _, c := range []struct {
		before         []string
		label, unlabel []string
		want           []string // nil for too many
	}{
		{nil, nil, nil, []string{}},
		{nil, []string{" B", "a", "b"}, nil, []string{"a", "b"}},
		{[]string{"a", "c"}, []string{"b"}, []string{"C", "x"}, []string{"a", "b"}},
		{[]string{"a"}, []string{"b"}, []string{"b", "a"}, []string{}},
		{many, []string{"l03"}, nil, many},
		{many, []string{"x"}, nil, nil},
		{many, []string{"x"}, []string{"l00"}, append(slices.Clone(many[1:]), "x")},
	} {
		a, err := Assignment{Label: c.label, Unlabel: c.unlabel}.Check()
		if err != nil {
			t.Fatal(err)
		}
		before := slices.Clone(c.before)
		got, err := a.ApplyToLabels(c.before)
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%v with %v without %v: %v, %v, want %v", c.before, c.label, c.unlabel, got, err, c.want)
		}
		if err == nil && got == nil {
			t.Errorf("%v: no labels are nil, which is null in JSON", c.before)
		}
		if !slices.Equal(before, c.before) {
			t.Errorf("what was given has become %v", c.before)
		}
	}
}

func TestAssignmentCheck(t *testing.T) {
	for _, a := range []Assignment{
		{Label: []string{"a b"}},
		{Unlabel: []string{""}},
		{SetEnough: true, Enough: -2},
		{SetEnough: true, Enough: MaxEnough + 1},
	} {
		if _, err := a.Check(); KindOf(err) != Invalid {
			t.Errorf("%+v: %v", a, err)
		}
	}
	for _, a := range []Assignment{{}, {SetEnough: true, Enough: -1}, {SetEnough: true, Enough: MaxEnough}, {Enough: -5}} {
		if _, err := a.Check(); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

func TestReplaceLimits(t *testing.T) {
	var all []Limits
	for _, l := range []Limits{
		{Label: "b", Down: 1, Up: 0},
		{Label: "a", Down: 0, Up: 2},
		{Label: "b", Down: 3, Up: 3},
		{Label: "c", Down: 1, Up: 1},
		{Label: "a", Down: 0, Up: 0},
	} {
		all = ReplaceLimits(all, l)
	}
	if want := []Limits{{Label: "b", Down: 3, Up: 3}, {Label: "c", Down: 1, Up: 1}}; !slices.Equal(all, want) {
		t.Errorf("got %v, want %v", all, want)
	}
}
