package filter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
)

// Moment is the time at which a filter picks, from which the time to an expiry is counted.
type Moment = time.Time

// field is something of a site that can be compared with a number; a site for which there is no number is never picked.
type field struct {
	number func(*engine.Site, Moment) (float64, bool)
	// read returns the number that a person has typed.
	read func(string) (float64, error)
	// try is an example of such a number.
	try string
}

var fields = map[string]field{
	"peers":     {count(func(s *engine.Site) int { return s.Peers }), number, "3"},
	"known":     {count(func(s *engine.Site) int { return s.KnownPeers }), number, "10"},
	"seeds":     {count(func(s *engine.Site) int { return s.Seeds }), number, "1"},
	"copies":    {known(func(s *engine.Site) int { return s.Copies }), number, "2"},
	"webcopies": {known(func(s *engine.Site) int { return s.WebCopies }), number, "1"},
	"web":       {count(func(s *engine.Site) int { return s.WebPeers }), number, "0"},
	"files":     {func(s *engine.Site, _ Moment) (float64, bool) { return float64(s.Files), s.Files > 0 }, number, "100"},
	"size":      {func(s *engine.Site, _ Moment) (float64, bool) { return float64(s.Size), s.Size >= 0 }, bytes, "10MB"},
	"down":      {func(s *engine.Site, _ Moment) (float64, bool) { return float64(s.DownRate), true }, bytes, "1KB"},
	"up":        {func(s *engine.Site, _ Moment) (float64, bool) { return float64(s.UpRate), true }, bytes, "1KB"},
	"done":      {func(s *engine.Site, _ Moment) (float64, bool) { return s.Done() * 100, true }, percent, "100%"},
	"ratio":     {func(s *engine.Site, _ Moment) (float64, bool) { return s.Ratio() }, number, "1"},
	"left":      {left, span, "5m"},
}

func count(of func(*engine.Site) int) func(*engine.Site, Moment) (float64, bool) {
	return func(s *engine.Site, _ Moment) (float64, bool) { return float64(of(s)), true }
}

// known is a count that is negative where nobody knows it.
func known(of func(*engine.Site) int) func(*engine.Site, Moment) (float64, bool) {
	return func(s *engine.Site, _ Moment) (float64, bool) { return float64(of(s)), of(s) >= 0 }
}

// left is the time to the expiry in seconds; a site that never expires has none.
func left(s *engine.Site, at Moment) (float64, bool) {
	if s.ExpiresAt.IsZero() {
		return 0, false
	}
	return s.ExpiresAt.Std().Sub(at).Seconds(), true
}

// operators are in the order in which they are looked for.
var operators = []struct {
	sign string
	has  func(a, b float64) bool
}{
	{">=", func(a, b float64) bool { return a >= b }},
	{"<=", func(a, b float64) bool { return a <= b }},
	{">", func(a, b float64) bool { return a > b }},
	{"<", func(a, b float64) bool { return a < b }},
	{"=", func(a, b float64) bool { return a == b }},
}

// comparison reads a field, and an operator with a number after it.
func comparison(name, rest string) (func(*engine.Site, Moment) bool, error) {
	f, ok := fields[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("%s is no number: try copies, peers, seeds, web, size, down, up, done, ratio, files or left",
			name)
	}
	for _, op := range operators {
		typed, is := strings.CutPrefix(rest, op.sign)
		if !is {
			continue
		}
		if typed == "" || typed == "=" {
			return nil, fmt.Errorf("%s%s needs a number: %s%s%s", name, op.sign, name, op.sign, f.try)
		}
		want, err := f.read(strings.ToLower(typed))
		if err != nil {
			return nil, fmt.Errorf("%s is no number for %s: try %s%s%s", typed, name, name, op.sign, f.try)
		}
		return func(s *engine.Site, at Moment) bool {
			v, ok := f.number(s, at)
			return ok && op.has(v, want)
		}, nil
	}
	return nil, nil
}

func number(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func percent(s string) (float64, error) { return number(strings.TrimSuffix(s, "%")) }

func bytes(s string) (float64, error) {
	n, err := format.ParseBytes(s)
	return float64(n), err
}

// span reads a time in seconds: "90s", "5m", "1h30m", or a number of minutes.
func span(s string) (float64, error) {
	if v, err := number(s); err == nil {
		return v * 60, nil
	}
	d, err := time.ParseDuration(s)
	return d.Seconds(), err
}
