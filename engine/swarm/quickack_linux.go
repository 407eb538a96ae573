package swarm

import (
	"net"
	"syscall"
)

// quickAck returns a function that has what was read from a TCP connection acknowledged at once, or nil if c is of
// another kind. Peers send small messages, and many do not send the next one before the last is acknowledged (RFC 896),
// which the system would put off for 40 ms. It forgets the wish soon, so the function is called after each Read.
func quickAck(c net.Conn) func() {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	set := func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	}
	return func() { _ = raw.Control(set) }
}
