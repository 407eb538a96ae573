package swarm

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// The receive buffer of a UDP socket is larger than the default, unless that is large enough.
func TestReceiveBufferIsEnlarged(t *testing.T) {
	plain, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	ours, err := listenPackets("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	if usual, room := receiveBufferSize(t, plain), receiveBufferSize(t, ours); room <= usual && usual < datagramBuffer {
		t.Errorf("there is room for %d bytes, as there is anyhow: %d", room, usual)
	}
}

// receiveBufferSize returns the size of a socket's receive buffer, overhead included.
func receiveBufferSize(t *testing.T, p net.PacketConn) (room int) {
	t.Helper()
	raw, err := p.(*net.UDPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) { room, failed = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF) })
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	return room
}
