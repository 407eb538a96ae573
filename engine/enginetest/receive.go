package enginetest

import (
	"testing"
	"time"
)

// Receive returns the next value of a channel, or the zero value if it is closed. If none is sent in time, it fails the
// test with a message that says what was awaited; a plain receive would block until the timeout of the test binary.
// Like t.Fatal it must be called from the goroutine of the test.
func Receive[T any](t testing.TB, ch <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(waitTimeout):
		t.Fatalf("waited %v for %s", waitTimeout, what)
	}
	return v
}

// AwaitClose reads until the channel is closed, and returns the number of values before that.
func AwaitClose[T any](t testing.TB, ch <-chan T, what string) (n int) {
	t.Helper()
	for limit := time.After(waitTimeout); ; n++ {
		select {
		case _, open := <-ch:
			if !open {
				return n
			}
		case <-limit:
			t.Fatalf("waited %v for %s to be closed", waitTimeout, what)
		}
	}
}
