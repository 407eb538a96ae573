package announce

import (
	"strconv"
	"time"

	"wtptui/engine/swarm/bencode"
)

// Values in answers are parsed leniently: a value of the wrong type counts as missing, and does not invalidate the
// peers beside it.

// maxText is how many bytes of a tracker's text are kept.
const maxText = 1 << 10

// text is a string in an answer: foreign text, not clean.
type text string

// parseText parses an encoded value.
func parseText(v []byte) text {
	s := bencode.Text(v)
	return text(s[:min(len(s), maxText)])
}

// number is an integer in an answer, or missing.
type number struct {
	n  int64
	ok bool
}

// parseNumber parses an encoded value. BEP 3 requires an integer, but some trackers send a string of digits.
func parseNumber(v []byte) number {
	digits := string(parseText(v))
	if len(v) > 0 && v[0] == 'i' {
		digits = string(v[1 : len(v)-1])
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return number{n, err == nil}
}

// seconds returns an interval of at most maxInterval, or 0 if there is none.
func (v number) seconds() time.Duration {
	return time.Duration(min(max(v.n, 0), int64(maxInterval/time.Second))) * time.Second
}

// count returns a number of peers, or -1 if there is none.
func (v number) count() int {
	if !v.ok || v.n < 0 || v.n > 1<<30 {
		return -1
	}
	return int(v.n)
}

// retryIn is when a refused torrent may be announced again (BEP 31): after a number of minutes, or never. It is zero
// if the tracker does not say.
type retryIn struct {
	wait  time.Duration // at most maxRetryIn
	never bool
}

// parseRetryIn parses an encoded value.
func parseRetryIn(v []byte) retryIn {
	minutes := min(max(parseNumber(v).n, 0), int64(maxRetryIn/time.Minute))
	return retryIn{wait: time.Duration(minutes) * time.Minute, never: parseText(v) == "never"}
}
