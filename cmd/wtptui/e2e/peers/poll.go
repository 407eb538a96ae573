package peers

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// Eventually calls ok every 50 ms until it returns nil. After limit, the test ends with ok's last error.
func Eventually(t testing.TB, limit time.Duration, what string, ok func() error) {
	t.Helper()
	limit = remainingTime(t, limit)
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

// remainingTime returns the limit, or what is left of a trial if that is less: see trialTB.
func remainingTime(t testing.TB, limit time.Duration) time.Duration {
	if deadline, limited := t.Context().Deadline(); limited {
		limit = min(limit, time.Until(deadline))
	}
	return limit
}

// The ports of FreePort lie between those of well-known services and those that systems choose by themselves, which
// begin at 32768 on Linux and later elsewhere.
const firstPort, ports = 12_000, 20_000

var (
	portsBegin = rand.IntN(ports) // Other processes begin elsewhere.
	portsGiven atomic.Int32
)

// FreePort returns a TCP and UDP port on loopback that was free a moment ago, for programs that cannot choose one
// themselves or have to keep theirs across a restart. It is not a port that the system gives to a connection, and this
// process returns it once: a connection of another test could otherwise take it before it is used, or while its program
// is down.
func FreePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", firstPort+(portsBegin+int(portsGiven.Add(1)))%ports)
		tcp, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		udp, err := net.ListenPacket("udp", address)
		_ = tcp.Close()
		if err == nil {
			_ = udp.Close()
			return tcp.Addr().(*net.TCPAddr).Port
		}
	}
	t.Fatal("peers: no port is free for both TCP and UDP")
	return 0
}
