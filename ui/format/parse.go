package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseBytes reads a size or a rate as a person writes it: "12", "1.5k", "10MB", "2GiB", "500 KB/s"; a K is 1024, as
// everywhere on the screen.
func ParseBytes(text string) (int64, error) {
	s := strings.ToLower(strings.ReplaceAll(text, " ", ""))
	s = strings.TrimSuffix(strings.TrimSuffix(s, "/s"), "b")
	s = strings.TrimSuffix(s, "i")
	unit := 1.0
	for i, prefix := range []string{"k", "m", "g", "t"} {
		if rest, ok := strings.CutSuffix(s, prefix); ok {
			s = rest
			unit = math.Pow(1024, float64(i+1))
			break
		}
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v < 0 || v*unit >= math.MaxInt64 || math.IsNaN(v) {
		return 0, fmt.Errorf("%s is no size: try 500K or 1.5MB", text)
	}
	return int64(v * unit), nil
}
