package home

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestUplinkLimit promises that all visitors together are sent no more than the limit, in turns.
func TestUplinkLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, each = 64 << 10, 128 << 10
		u := newUplink(t.Context(), limit)
		began := time.Now()
		took := make(chan time.Duration)
		for range 2 {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				c := u.conn(server)
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
		u.setLimit(0)
		client, server := net.Pipe()
		go func() {
			_, _ = io.WriteString(u.conn(server), strings.Repeat("x", each))
			server.Close()
		}()
		began = time.Now()
		if n, err := io.Copy(io.Discard, client); n != each || err != nil || time.Since(began) != 0 {
			t.Errorf("read %d, %v, in %s", n, err, time.Since(began))
		}
	})
}

// TestUplinkOfWebSockets promises that messages over WebSockets do not wait behind visitors, up to their own limit.
func TestUplinkOfWebSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = 64 << 10
		u := newUplink(t.Context(), limit)
		var visitors sync.WaitGroup
		defer visitors.Wait()
		send := func(c *limitedConn, n int) (took time.Duration) {
			client, server := net.Pipe()
			c.Conn = server
			go func() { _, _ = io.Copy(io.Discard, client) }()
			defer server.Close()
			began := time.Now()
			if _, err := io.WriteString(c, strings.Repeat("x", n)); err != nil {
				t.Error(err)
			}
			return time.Since(began)
		}
		for range 100 {
			visitors.Go(func() { send(u.conn(nil), maxWrite) })
		}
		synctest.Wait()
		web := u.conn(nil)
		onHijack(web, http.StateActive)
		if took := send(web, 1000); took < 20*time.Second {
			t.Errorf("a visitor had his turn after %s", took)
		}
		for range 100 {
			visitors.Go(func() { send(u.conn(nil), maxWrite) })
		}
		synctest.Wait()
		onHijack(web, http.StateHijacked)
		if took := send(web, 1000); took > 0 {
			t.Errorf("a message went out after %s", took)
		}
		const many = 80 << 10
		if took, want := send(web, many), many*messagesDivisor*time.Second/limit; took > want || took < want-3*time.Second {
			t.Errorf("many messages took %s, want %s", took, want)
		}
	})
}
