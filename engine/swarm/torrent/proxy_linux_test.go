package torrent

import (
	"net"
	"syscall"
)

// ackNow has what was read acknowledged at once, as it would be by somebody who is really far away: otherwise whoever
// waits for that (RFC 896) would wait for 40 ms more than the distance costs.
func ackNow(c net.Conn) {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	})
}
