package filter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
	"wtptui/ui/format"
)

// Moment is the time at which sites are matched, for the time to an expiry.
type Moment = time.Time

// numberField is a property of a site that can be compared with a number. A site without such a number never matches.
type numberField struct {
	value func(*engine.Site, Moment) (float64, bool)
	// parse returns the number that a person has typed.
	parse func(string) (float64, error)
	// example is an example of such a number.
	example string
}

var numberFields = map[string]numberField{
	"peers":     {countField(func(s *engine.Site) int { return s.Peers }), parseNumber, "3"},
	"known":     {countField(func(s *engine.Site) int { return s.KnownPeers }), parseNumber, "10"},
	"seeds":     {countField(func(s *engine.Site) int { return s.Seeds }), parseNumber, "1"},
	"copies":    {knownCountField(func(s *engine.Site) int { return s.Copies }), parseNumber, "2"},
	"webcopies": {knownCountField(func(s *engine.Site) int { return s.WebCopies }), parseNumber, "1"},
	"web":       {countField(func(s *engine.Site) int { return s.WebPeers }), parseNumber, "0"},
	"files":     {fileCount, parseNumber, "100"},
	"size":      {size, parseBytes, "10MB"},
	"down":      {func(s *engine.Site, _ Moment) (float64, bool) { return float64(s.DownRate), true }, parseBytes, "1KB"},
	"up":        {func(s *engine.Site, _ Moment) (float64, bool) { return float64(s.UpRate), true }, parseBytes, "1KB"},
	"done":      {func(s *engine.Site, _ Moment) (float64, bool) { return s.Done() * 100, true }, parsePercent, "100%"},
	"ratio":     {func(s *engine.Site, _ Moment) (float64, bool) { return s.Ratio() }, parseNumber, "1"},
	"left":      {timeLeft, parseDuration, "5m"},
}

func countField(count func(*engine.Site) int) func(*engine.Site, Moment) (float64, bool) {
	return func(s *engine.Site, _ Moment) (float64, bool) { return float64(count(s)), true }
}

// knownCountField is countField for a count that is negative where nobody knows it.
func knownCountField(count func(*engine.Site) int) func(*engine.Site, Moment) (float64, bool) {
	return func(s *engine.Site, _ Moment) (float64, bool) { return float64(count(s)), count(s) >= 0 }
}

func fileCount(s *engine.Site, _ Moment) (float64, bool) { return float64(s.Files), s.Files > 0 }

func size(s *engine.Site, _ Moment) (float64, bool) { return float64(s.Size), s.Size >= 0 }

// timeLeft returns the time to the expiry in seconds; false for a site that never expires.
func timeLeft(s *engine.Site, at Moment) (float64, bool) {
	if s.ExpiresAt.IsZero() {
		return 0, false
	}
	return s.ExpiresAt.Std().Sub(at).Seconds(), true
}

// operators are in the order in which they are tried.
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

// parseComparison parses a field, and an operator with a number after it.
func parseComparison(name, rest string) (func(*engine.Site, Moment) bool, error) {
	f, ok := numberFields[strings.ToLower(name)]
	if !ok {
		return nil, fmt.Errorf("there is no field %s with a number: "+
			"try copies, peers, seeds, web, size, down, up, done, ratio, files or left", name)
	}
	for _, op := range operators {
		typed, is := strings.CutPrefix(rest, op.sign)
		if !is {
			continue
		}
		if typed == "" || typed == "=" {
			return nil, fmt.Errorf("%s%s needs a number: %s%s%s", name, op.sign, name, op.sign, f.example)
		}
		limit, err := f.parse(strings.ToLower(typed))
		if err != nil {
			return nil, fmt.Errorf("%s is not a number for %s: try %s%s%s", typed, name, name, op.sign, f.example)
		}
		return func(s *engine.Site, at Moment) bool {
			v, ok := f.value(s, at)
			return ok && op.has(v, limit)
		}, nil
	}
	return nil, nil
}

func parseNumber(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func parsePercent(s string) (float64, error) { return parseNumber(strings.TrimSuffix(s, "%")) }

func parseBytes(s string) (float64, error) {
	n, err := format.ParseBytes(s)
	return float64(n), err
}

// parseDuration returns a time in seconds: "90s", "5m", "1h30m", or a number of minutes.
func parseDuration(s string) (float64, error) {
	if v, err := parseNumber(s); err == nil {
		return v * 60, nil
	}
	d, err := time.ParseDuration(s)
	return d.Seconds(), err
}
