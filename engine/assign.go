package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of labels.
const (
	MaxLabels      = 16 // a site has at most
	MaxLabelLength = 32 // the longest label, in characters
)

// MaxEnough is the maximum of Site.Enough.
const MaxEnough = 10_000

// Assignment is a change of sites by Engine.Assign. Fields that are not set change nothing.
type Assignment struct {
	// Label and Unlabel are labels to add and to remove, in the form that ParseLabel accepts. A label in both is removed.
	Label   []string `json:"label,omitempty"`
	Unlabel []string `json:"unlabel,omitempty"`
	// SetEnough reports whether Enough is the new Site.Enough: from -1 to MaxEnough.
	SetEnough bool `json:"set_enough,omitempty"`
	Enough    int  `json:"enough,omitempty"`
}

// ParseLabel returns a label that a person types in its canonical form: in lower case, without white space around it. A
// label has 1 to MaxLabelLength letters, digits, and "-", "_" or "." after the first. The error has Kind Invalid.
func ParseLabel(s string) (string, error) {
	label := strings.ToLower(strings.TrimSpace(s))
	why := ""
	switch n := utf8.RuneCountInString(label); {
	case n == 0:
		why = "a label cannot be empty"
	case n > MaxLabelLength:
		why = fmt.Sprintf("a label has at most %d characters", MaxLabelLength)
	}
	for i, r := range label {
		switch {
		case why != "":
		case unicode.IsLetter(r), unicode.IsDigit(r):
		case i == 0:
			why = "a label begins with a letter or a digit"
		case unicode.IsMark(r), strings.ContainsRune("-_.", r):
		default:
			why = "a label has letters, digits, - _ and . but no spaces"
		}
	}
	if why != "" {
		return "", &Error{Op: "label", Kind: Invalid, Msg: why}
	}
	return label, nil
}

// ParseEnough returns the Site.Enough that a person types: a number from 1 to MaxEnough, "default" or "never". The
// error has Kind Invalid.
func ParseEnough(s string) (int, error) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "default":
		return 0, nil
	case "never":
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxEnough {
		msg := fmt.Sprintf("%q is not a number of seeds: give one from 1 to %d, default or never", Clean(s), MaxEnough)
		return 0, &Error{Op: "enough", Kind: Invalid, Msg: msg}
	}
	return n, nil
}

// Check returns the assignment with its labels in their canonical form. The error has Kind Invalid.
func (a Assignment) Check() (Assignment, error) {
	var err error
	if a.Label, err = parseLabels(a.Label); err != nil {
		return Assignment{}, err
	}
	if a.Unlabel, err = parseLabels(a.Unlabel); err != nil {
		return Assignment{}, err
	}
	if a.SetEnough && (a.Enough < -1 || a.Enough > MaxEnough) {
		return Assignment{}, &Error{
			Op: "assign", Kind: Invalid,
			Msg: fmt.Sprintf("a site rests at 1 to %d other seeds; 0 means the default, and -1 that it never rests", MaxEnough),
		}
	}
	return a, nil
}

// ApplyToLabels returns a site's labels after the assignment, which must have been checked: a new slice, sorted, never
// nil. The error has Kind Invalid if they are too many.
func (a Assignment) ApplyToLabels(labels []string) ([]string, error) {
	after := append(make([]string, 0, len(labels)+len(a.Label)), labels...)
	after = append(after, a.Label...)
	slices.Sort(after)
	after = slices.DeleteFunc(slices.Compact(after), func(l string) bool { return slices.Contains(a.Unlabel, l) })
	if len(after) > max(MaxLabels, len(labels)) {
		return nil, &Error{
			Op: "assign", Kind: Invalid,
			Msg: fmt.Sprintf("a site has at most %d labels: take one off first", MaxLabels),
		}
	}
	return after, nil
}

func parseLabels(given []string) ([]string, error) {
	var labels []string
	for _, s := range given {
		label, err := ParseLabel(s)
		if err != nil {
			return nil, err
		}
		labels = append(labels, label)
	}
	return labels, nil
}

// Check returns the limits with their label in its canonical form. The error has Kind Invalid.
func (l Limits) Check() (Limits, error) {
	if l.Down < 0 || l.Up < 0 {
		return Limits{}, &Error{
			Op: "limits", Kind: Invalid, Msg: "a limit is a number of bytes per second, or 0 for none",
		}
	}
	if l.Label == "" {
		return l, nil
	}
	var err error
	if l.Label, err = ParseLabel(l.Label); err != nil {
		return Limits{}, err
	}
	return l, nil
}

// ReplaceLimits returns the limits of labels, sorted by label, in which l replaces those of its label; l without any
// limit removes them. The slice given is not changed.
func ReplaceLimits(all []Limits, l Limits) []Limits {
	after := slices.DeleteFunc(slices.Clone(all), func(o Limits) bool { return o.Label == l.Label })
	if l.Down > 0 || l.Up > 0 {
		after = append(after, l)
	}
	slices.SortFunc(after, func(a, b Limits) int { return strings.Compare(a.Label, b.Label) })
	return after
}
