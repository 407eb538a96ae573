package home

import (
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// All visitors together are sent no more than the limit lets them, in turns.
func TestUplink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, each = 64 << 10, 128 << 10
		u := newUplink(t.Context(), limit)
		began := time.Now()
		took := make(chan time.Duration)
		for range 2 {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				c := &sharedConn{server, u}
				if n, err := c.Write([]byte(strings.Repeat("x", each))); n != each || err != nil {
					t.Errorf("wrote %d, %v", n, err)
				}
			}()
			go func() {
				if n, err := io.Copy(io.Discard, client); n != each || err != nil {
					t.Errorf("read %d, %v", n, err)
				}
				took <- time.Since(began)
			}()
		}
		first, last := <-took, <-took
		if want := 2 * each * time.Second / limit; last < want-time.Second || last > want || last-first > time.Second {
			t.Errorf("took %s and %s, want about %s each", first, last, want)
		}
		// Without a limit, nothing waits.
		u.set(0)
		client, server := net.Pipe()
		go func() {
			_, _ = io.WriteString(&sharedConn{server, u}, strings.Repeat("x", each))
			server.Close()
		}()
		began = time.Now()
		if n, err := io.Copy(io.Discard, client); n != each || err != nil || time.Since(began) != 0 {
			t.Errorf("read %d, %v, in %s", n, err, time.Since(began))
		}
	})
}
