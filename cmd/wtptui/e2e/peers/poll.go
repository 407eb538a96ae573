package peers

import (
	"net"
	"testing"
	"time"
)

// Eventually asks again every 50 ms until ok returns nil. The test ends with ok's last error after limit.
func Eventually(t testing.TB, limit time.Duration, what string, ok func() error) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("waited %v for %s: %v", limit, what, err)
		}
	}
}

// FreePort is a TCP and UDP port on loopback that was free a moment ago, for programs that cannot choose one themselves
// or have to keep theirs across a restart.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 20 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := tcp.Addr().(*net.TCPAddr).Port
		udp, err := net.ListenPacket("udp", tcp.Addr().String())
		_ = tcp.Close()
		if err == nil {
			_ = udp.Close()
			return port
		}
	}
	t.Fatal("peers: no port is free for both TCP and UDP")
	return 0
}
