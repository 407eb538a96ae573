package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ExactBytes returns a size or a rate as a person would type it, without rounding: "500K", "1.5M", "1234567".
func ExactBytes(n int64) string {
	for i, unit := range []string{"T", "G", "M", "K"} {
		whole := int64(1) << (40 - 10*i)
		if tenths := n * 10; n >= whole && tenths/10 == n && tenths%whole == 0 {
			return strings.TrimSuffix(strconv.FormatFloat(float64(n)/float64(whole), 'f', 1, 64), ".0") + unit
		}
	}
	return strconv.FormatInt(n, 10)
}

// ParseBytes parses a size or a rate as a person writes it: "12", "1.5k", "10MB", "2GiB", "500 KB/s"; a K is 1024, as
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
		return 0, fmt.Errorf("%s is not a size: type one like 500K, 1.5M or 2MB", text)
	}
	return int64(v * unit), nil
}
