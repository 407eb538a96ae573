package wire

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// mostUnsent is how many bytes the system may hold that it cannot send yet: blocks among them cannot be taken back when
// the peer needs others first.
const mostUnsent = 128 << 10

// promptly has what is written to a TCP connection wait here and not in the system, and what is read from it
// acknowledged at once. Peers send small messages, and many do not send the next one before the last is acknowledged
// (RFC 896), which the system would put off for 40 ms. It forgets the wish soon, so it is told again after each Read
// that has emptied the socket.
func promptly(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return c
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, mostUnsent)
	})
	p := &prompt{TCPConn: t, raw: raw}
	p.set = func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	}
	return p
}

type prompt struct {
	*net.TCPConn
	raw syscall.RawConn
	set func(fd uintptr)
}

// Read implements net.Conn.
func (p *prompt) Read(b []byte) (int, error) {
	n, err := p.TCPConn.Read(b)
	if n < len(b) {
		_ = p.raw.Control(p.set)
	}
	return n, err
}
