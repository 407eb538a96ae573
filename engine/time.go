package engine

import (
	"encoding/json"
	"fmt"
	"time"
)

// Time is a moment, or none. It is a time.Time without a monotonic reading and with a JSON form of RFC 3339 in UTC, or
// null for none, so that a value survives the way to another process and back unchanged.
type Time struct{ t time.Time }

// At returns t as a Time; the zero time.Time is none.
func At(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{t.Round(0).UTC()}
}

// Std returns the time.Time, which is zero if t is none.
func (t Time) Std() time.Time { return t.t }

// IsZero reports whether there is no moment.
func (t Time) IsZero() bool { return t.t.IsZero() }

// Equal reports whether both are the same moment, or both none.
func (t Time) Equal(u Time) bool { return t.t.Equal(u.t) }

// Sub returns the duration from u to t; both must be moments.
func (t Time) Sub(u Time) time.Duration { return t.t.Sub(u.t) }

// Before reports whether t is a moment earlier than u.
func (t Time) Before(u Time) bool { return t.t.Before(u.t) }

// String returns the JSON form without its quotes; "never" for none.
func (t Time) String() string {
	if t.IsZero() {
		return "never"
	}
	return t.t.Format(time.RFC3339Nano)
}

// MarshalJSON implements json.Marshaler.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.t)
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = Time{}
		return nil
	}
	var std time.Time
	if err := json.Unmarshal(b, &std); err != nil {
		return fmt.Errorf("engine: time: %w", err)
	}
	*t = At(std)
	return nil
}
