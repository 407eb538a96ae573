package format

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"wtptui/engine"
)

// Bytes returns a size with a unit, at most seven cells wide; see engine.Bytes.
func Bytes(n int64) string { return engine.Bytes(n) }

// Rate returns bytes per second for a column whose title says so, at most six cells wide: "0", "812", "12.0 K".
func Rate(n int64) string {
	if n >= 1000 && n < 1024 {
		n = 1024 // "1000" would look like more than the "1.3 K" below it.
	}
	v, unit := engine.ScaleBytes(max(n, 0))
	if unit == "" {
		return v
	}
	return v + " " + unit
}

// Speed returns bytes per second with its whole unit: "1.2 MB/s".
func Speed(n int64) string {
	return Bytes(max(n, 0)) + "/s"
}

// Limits returns limits on transfer, in bytes per second, without those that are 0, which means no limit: "upload 1.5
// MB/s", or "none".
func Limits(down, up int64) string {
	switch {
	case down > 0 && up > 0:
		return "download " + Speed(down) + ", upload " + Speed(up)
	case down > 0:
		return "download " + Speed(down)
	case up > 0:
		return "upload " + Speed(up)
	}
	return "none"
}

// BytesOfTotal returns two sizes in the unit of the second: "1.4/5.0 GB".
func BytesOfTotal(part, whole int64) string {
	div, unit := int64(1), ""
	for _, u := range []string{"K", "M", "G", "T"} {
		if whole/div < 1024 {
			break
		}
		div, unit = div<<10, u
	}
	scaledPart := engine.FormatDecimal(float64(part) / float64(div))
	scaledWhole := engine.FormatDecimal(float64(whole) / float64(div))
	return scaledPart + "/" + scaledWhole + " " + unit + "B"
}

// Percent returns a part of 1 as a percentage; "100%" only for all of it.
func Percent(part float64) string {
	return strconv.Itoa(int(math.Floor(min(max(part, 0), 1)*100))) + "%"
}

// Ratio returns uploaded per size in four cells: "0.41", "12.1", "104"; "–" when there is none.
func Ratio(v float64, ok bool) string {
	switch {
	case !ok:
		return "–"
	case v < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 9999:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return ">9k"
}

// Countdown returns the time that is left, at most six cells wide: "00:07", "29:59", "3h04m", "12d03h"; "00:00" for a
// negative one.
func Countdown(d time.Duration) string {
	s := int64(max(d, 0).Round(time.Second) / time.Second)
	switch {
	case s < 3600:
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%02dh", s/86400, s/3600%24)
}

// Duration returns a duration, whatever its sign, in one unit: "now", "12s", "4m", "3h", "5d".
func Duration(d time.Duration) string {
	s := int64(d.Abs() / time.Second)
	switch {
	case s < 1:
		return "now"
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm", s/60)
	case s < 86400:
		return fmt.Sprintf("%dh", s/3600)
	}
	return fmt.Sprintf("%dd", s/86400)
}

// DurationInWords returns a duration in one unit for a sentence: "12 seconds", "1 day".
func DurationInWords(d time.Duration) string {
	s := int(d.Abs() / time.Second)
	switch {
	case s < 60:
		return Plural(s, "second")
	case s < 3600:
		return Plural(s/60, "minute")
	case s < 86400:
		return Plural(s/3600, "hour")
	}
	return Plural(s/86400, "day")
}

// Elapsed returns how long something took, at most six cells wide: "3 ms", "840 ms", "1.2 s", "2m05s".
func Elapsed(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Millisecond:
		return "<1 ms"
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 99950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return ">1h"
}

// Ago returns how long before now t was, or "–" for a zero t.
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	if span := Duration(now.Sub(t)); span != "now" {
		return span + " ago"
	}
	return "just now"
}

// Clock returns the time of day of t, in the time zone of now.
func Clock(t, now time.Time) string {
	return t.In(now.Location()).Format("15:04:05")
}

// DateTime returns the date and time of t, in the time zone of now, or "–" for a zero t.
func DateTime(t, now time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(now.Location()).Format("2006-01-02 15:04")
}

// Until returns a time within the next days: "18:00" if it is within a day, "Mon 08:00" otherwise; empty for a zero t.
func Until(t, now time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case t.Sub(now) < 24*time.Hour:
		return t.In(now.Location()).Format("15:04")
	}
	return t.In(now.Location()).Format("Mon 15:04")
}

// Count returns n with a comma between thousands.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Plural returns a count with its noun: "1 site", "12 sites".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Count(n) + " " + noun + "s"
}

// Gauge draws a part of 1 as w cells. It is empty only for nothing and full only for all.
func Gauge(part float64, w int) string {
	n := int(math.Round(part * float64(w)))
	if part > 0 {
		n = max(n, 1)
	}
	if part < 1 {
		n = min(n, w-1)
	}
	n = min(max(n, 0), max(w, 0))
	return strings.Repeat("▰", n) + strings.Repeat("▱", max(w, 0)-n)
}

// Spark draws the last 2·w values as w cells of braille, two values in each, relative to the largest. Where there are
// no values yet the cell is blank, and a value above zero is never invisible.
func Spark(values []int64, w int) string {
	left := [5]rune{0, 0x40, 0x44, 0x46, 0x47}
	right := [5]rune{0, 0x80, 0xa0, 0xb0, 0xb8}
	if len(values) > 2*w {
		values = values[len(values)-2*w:]
	}
	var top int64
	for _, v := range values {
		top = max(top, v)
	}
	level := func(i int) int {
		if i < 0 {
			return 0
		}
		// A baseline is drawn for zero, so that a quiet minute still looks like one.
		if top == 0 || values[i] <= 0 {
			return 1
		}
		return 1 + int(math.Ceil(3*float64(values[i])/float64(top)))
	}
	var b strings.Builder
	first := len(values) - 2*w
	for c := range w {
		i := first + 2*c
		if i+1 < 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(0x2800 + left[level(i)] + right[level(i+1)])
	}
	return b.String()
}
