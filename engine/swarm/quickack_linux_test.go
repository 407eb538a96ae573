package swarm

import (
	"io"
	"net"
	"syscall"
	"testing"
)

// TestQuickAck: a connection on which both sides talk in turns is one on which the system likes to put off what it has
// to acknowledge. After each read of ours it does not.
func TestQuickAck(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	theirs, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	ours, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s := &sockets{conns: make(map[connKey][]*peerConn)}
	p := s.keep(ours, false)
	defer p.Close()
	raw, err := ours.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	for range 20 {
		if _, err := theirs.Write([]byte("ask")); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Read(buf); err != nil {
			t.Fatal(err)
		}
		var quick int
		if err := raw.Control(func(fd uintptr) {
			quick, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK)
		}); err != nil {
			t.Fatal(err)
		}
		if err != nil || quick != 1 {
			t.Fatalf("acknowledges at once: %d, %v; want 1", quick, err)
		}
		if _, err := p.Write([]byte("answer")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(theirs, buf[:6]); err != nil {
			t.Fatal(err)
		}
	}
}
