package wire

import (
	"io"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestQuickAck checks that acknowledgements are sent at once after each read. The system would delay them on a
// connection on which both sides send in turns.
func TestQuickAck(t *testing.T) {
	ours, theirs := tcp(t)
	defer ours.Close()
	defer theirs.Close()
	c := withQuickAck(ours)
	raw, err := ours.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	for range 20 {
		if _, err := theirs.Write([]byte("ask")); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(buf); err != nil {
			t.Fatal(err)
		}
		var quick int
		if cerr := raw.Control(func(fd uintptr) {
			quick, err = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK)
		}); cerr != nil {
			t.Fatal(cerr)
		}
		if err != nil || quick != 1 {
			t.Fatalf("acknowledges at once: %d, %v; want 1", quick, err)
		}
		if _, err := c.Write([]byte("answer")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(theirs, buf[:6]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPromptHandshakes checks that acknowledgements are not delayed from the first byte on, whichever side dialed.
func TestPromptHandshakes(t *testing.T) {
	for _, obfuscate := range []bool{false, true} {
		dialed, accepted := connected(t, tcp, obfuscate)
		for _, c := range []*Conn{dialed, accepted} {
			if _, ok := c.conn.Conn.(*quickAckConn); !ok {
				t.Errorf("obfuscated %t: reads from a %T", obfuscate, c.conn.Conn)
			}
		}
	}
	if a, b := net.Pipe(); withQuickAck(a) != a || withQuickAck(b) != b {
		t.Error("a pipe is not what it was")
	}
}

// TestSystemSendBufferIsSmall: most unread blocks wait in this process, where they can be cancelled.
func TestSystemSendBufferIsSmall(t *testing.T) {
	_, ours := connected(t, tcp, false)
	sent := make(chan int, 10_000)
	ours.Start(Options{Block: content, Sent: func(n int) { sent <- n }})
	raw, err := ours.conn.Conn.(*quickAckConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	lowat := 0
	if cerr := raw.Control(func(fd uintptr) {
		lowat, err = syscall.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT)
	}); cerr != nil || err != nil || lowat != maxUnsent {
		t.Errorf("%d bytes may wait, %v, %v; want %d", lowat, err, cerr, maxUnsent)
	}
	ours.Serve(blockAt(0))
	if n := <-sent; n != BlockSize {
		t.Errorf("%d bytes have left", n)
	}
}
