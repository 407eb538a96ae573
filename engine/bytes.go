package engine

import "strconv"

// Bytes formats a size for people, at most seven cells wide: "812 B", "12.4 MB", "210 MB"; a negative size is unknown,
// "?". Multiples are binary under their JEDEC names, as file managers show them. It is used everywhere: in the
// dashboard, in events and errors, and on the server's own pages.
func Bytes(n int64) string {
	if n < 0 {
		return "?"
	}
	v, unit := ScaleBytes(n)
	return v + " " + unit + "B"
}

// ScaleBytes returns a number of bytes, which must not be negative, in the unit that suits it: "812" and "", "12.4" and
// "M".
func ScaleBytes(n int64) (value, unit string) {
	if n < 1024 {
		return strconv.FormatInt(n, 10), ""
	}
	v := float64(n) / 1024
	for _, u := range []string{"K", "M", "G", "T"} {
		if v < 1023.5 {
			return FormatDecimal(v), u
		}
		v /= 1024
	}
	return FormatDecimal(v), "P"
}

// FormatDecimal formats a number with three or four significant digits: "1.4", "99.9", "210".
func FormatDecimal(v float64) string {
	if v < 99.95 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
