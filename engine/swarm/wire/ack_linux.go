package wire

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxUnsent is how many unsent bytes the system may buffer: blocks among them cannot be canceled when the peer needs
// others first.
const maxUnsent = 128 << 10

// withQuickAck makes writes to a TCP connection wait here and not in the system, and has reads acknowledged at once.
// Peers send small messages, and many do not send the next one before the last is acknowledged (RFC 896), which the
// system would delay by 40 ms. The system soon resets the option, so it is set again after each Read that has emptied
// the socket.
func withQuickAck(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return c
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, maxUnsent)
	})
	p := &quickAckConn{TCPConn: t, raw: raw}
	p.set = func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
	}
	return p
}

type quickAckConn struct {
	*net.TCPConn
	raw syscall.RawConn
	set func(fd uintptr)
}

// Read implements net.Conn.
func (p *quickAckConn) Read(b []byte) (int, error) {
	n, err := p.TCPConn.Read(b)
	if n < len(b) {
		_ = p.raw.Control(p.set)
	}
	return n, err
}
