package enginetest

import (
	"testing"
	"time"
)

// Receive returns the next value of a channel, or the zero value of one that is closed. A value that never comes fails
// the test with what was waited for, where a bare receive would hang until the time of the whole test binary is over.
// Like t.Fatal it must be called from the goroutine of the test.
func Receive[T any](t testing.TB, ch <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return v
}

// AwaitClose reads until the channel is closed, and returns how many values came before that.
func AwaitClose[T any](t testing.TB, ch <-chan T, what string) (n int) {
	t.Helper()
	for limit := time.After(patience); ; n++ {
		select {
		case _, open := <-ch:
			if !open {
				return n
			}
		case <-limit:
			t.Fatalf("waited %v for %s to be closed", patience, what)
		}
	}
}
