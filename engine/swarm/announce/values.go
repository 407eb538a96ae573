package announce

import (
	"strconv"
	"strings"
	"time"

	"github.com/anacrolix/torrent/bencode"
)

// What a tracker's answer holds is read leniently: a value of the wrong kind counts as missing, and does not cost the
// peers beside it. None of the methods here returns an error.

// maxText is how many bytes of a tracker's text are kept.
const maxText = 1 << 10

// text is a string in an answer: foreign text, not clean.
type text string

// UnmarshalBencode implements bencode.Unmarshaler.
func (t *text) UnmarshalBencode(b []byte) error {
	var s string
	if bencode.Unmarshal(b, &s) == nil {
		*t = text(s[:min(len(s), maxText)])
	}
	return nil
}

// number is an integer in an answer, or missing. BEP 3 wants an integer, but some trackers send its digits as a string.
type number struct {
	n  int64
	ok bool
}

// UnmarshalBencode implements bencode.Unmarshaler.
func (v *number) UnmarshalBencode(b []byte) error {
	var digits text
	if s, isInteger := strings.CutPrefix(string(b), "i"); isInteger {
		digits = text(strings.TrimSuffix(s, "e"))
	} else if err := digits.UnmarshalBencode(b); err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	*v = number{n, err == nil}
	return nil
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

// retryIn says when a torrent that was refused may be announced again (BEP 31): a number of minutes, or "never". It is
// zero if the tracker does not say.
type retryIn struct {
	wait  time.Duration // at most maxRetryIn
	never bool
}

// UnmarshalBencode implements bencode.Unmarshaler.
func (r *retryIn) UnmarshalBencode(b []byte) error {
	var minutes number
	var word text
	if err := minutes.UnmarshalBencode(b); err != nil {
		return err
	}
	if err := word.UnmarshalBencode(b); err != nil {
		return err
	}
	r.wait = time.Duration(min(max(minutes.n, 0), int64(maxRetryIn/time.Minute))) * time.Minute
	r.never = word == "never"
	return nil
}
