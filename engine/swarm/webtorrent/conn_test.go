package webtorrent

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

func TestDataBothWays(t *testing.T) {
	a, b := connect(t)
	for _, conn := range []*Conn{a, b} {
		remote := conn.RemoteAddr().(Addr)
		if remote.Network() != "webrtc" || !remote.Endpoint.IsValid() || remote.AddrPort().IsValid() ||
			conn.Infohash() != testInfohash {
			t.Errorf("remote address %+v", remote)
		}
	}
	if !a.RemoteAddr().(Addr).Offered || b.RemoteAddr().(Addr).Offered {
		t.Error("the wrong side has made the offer")
	}
	const size = 5<<20 + 3
	sent := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(sent)
	done := make(chan error, 4)
	for _, conn := range []*Conn{a, b} {
		go func() {
			_, err := conn.Write(sent)
			done <- err
		}()
		go func() {
			h := sha256.New()
			_, err := io.CopyN(h, conn, size)
			if want := sha256.Sum256(sent); err == nil && !bytes.Equal(h.Sum(nil), want[:]) {
				err = errors.New("other bytes than were sent")
			}
			done <- err
		}()
	}
	for range 4 {
		if err := enginetest.Receive(t, done, "all to be written and read"); err != nil {
			t.Error(err)
		}
	}
}

func TestSmallReadsOfLargeMessages(t *testing.T) {
	a, b := connect(t)
	text := bytes.Repeat([]byte("0123456789abcdef"), 8<<10)
	go func() { _, _ = a.Write(text) }()
	got := make([]byte, 0, len(text))
	for len(got) < len(text) {
		buf := make([]byte, 1+len(got)%777)
		n, err := b.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
	}
	if !bytes.Equal(got, text) {
		t.Error("other bytes than were sent")
	}
}

func TestReadDeadline(t *testing.T) {
	a, b := connect(t)
	buf := make([]byte, 100)
	start := time.Now()
	_ = b.SetReadDeadline(start.Add(50 * time.Millisecond))
	_, err := b.Read(buf)
	if ne := net.Error(nil); !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &ne) || !ne.Timeout() {
		t.Fatalf("Read: %v", err)
	}
	if d := time.Since(start); d < 50*time.Millisecond {
		t.Errorf("Read took %v", d)
	}
	// A deadline in the past fails even when there is something to read, and one that is lifted does not.
	if _, err := a.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_ = b.SetDeadline(time.Now().Add(-time.Second))
	if _, err := b.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read after the deadline: %v", err)
	}
	_ = b.SetDeadline(time.Time{})
	if n, err := b.Read(buf); string(buf[:n]) != "hello" || err != nil {
		t.Errorf("Read: %q, %v", buf[:n], err)
	}
	// A deadline may come while a Read waits, and may be moved to later.
	failed := make(chan error, 1)
	go func() {
		_, err := b.Read(buf)
		failed <- err
	}()
	_ = b.SetReadDeadline(time.Now().Add(time.Hour))
	_ = b.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if err := enginetest.Receive(t, failed, "the Read to time out"); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read: %v", err)
	}
	_ = b.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_ = b.SetReadDeadline(time.Now().Add(time.Hour))
	timer := time.AfterFunc(100*time.Millisecond, func() { _, _ = a.Write([]byte("later")) })
	defer timer.Stop()
	if n, err := b.Read(buf); string(buf[:n]) != "later" || err != nil {
		t.Errorf("Read: %q, %v", buf[:n], err)
	}
}

func TestWriteDeadline(t *testing.T) {
	a, b := connect(t)
	// Nobody reads, so what both ends buffer fills up.
	_ = a.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
	sent, err := 0, error(nil)
	block := make([]byte, 1<<20)
	for err == nil {
		var n int
		n, err = a.Write(block)
		if sent += n; sent > 64<<20 {
			t.Fatal("64 MiB went nowhere")
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Write: %v", err)
	}
	_ = a.SetWriteDeadline(time.Time{})
	go func() { _, _ = a.Write([]byte("end")) }()
	got := 0
	_ = b.SetReadDeadline(time.Now().Add(patience))
	for got < sent+3 {
		n, err := b.Read(block)
		if got += n; err != nil {
			t.Fatalf("after %d of %d bytes: %v", got, sent+3, err)
		}
	}
}

func TestCloseEndsBothSides(t *testing.T) {
	a, b := connect(t)
	reads := make(chan error, 2)
	for _, conn := range []*Conn{a, b} {
		go func() {
			_, err := conn.Read(make([]byte, 10))
			reads <- err
		}()
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	own := 0
	for range 2 {
		switch err := enginetest.Receive(t, reads, "both Reads to end"); {
		case errors.Is(err, net.ErrClosed):
			own++
		case err == nil, errors.Is(err, os.ErrDeadlineExceeded):
			t.Errorf("Read: %v", err)
		}
	}
	if own == 0 {
		t.Error("the Read of the connection that was closed does not say so")
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write: %v", err)
	}
}

func TestHandshakeThatDiffers(t *testing.T) {
	a, _ := connect(t)
	a.greeting = []byte("expected")
	if _, err := a.Write([]byte("exceptional")); err == nil {
		t.Error("another handshake than the peer was told went through")
	}
}

// TestUnreadDataIsBounded: data that a peer does not read takes little memory, and less per connection if there are
// many. Once the peer reads, all of it arrives.
func TestUnreadDataIsBounded(t *testing.T) {
	for conns, most := range map[int64]uint64{1: maxBuffered, 32: maxTotalBuffered / 32, 1000: minBuffered} {
		a, b := connect(t)
		a.buffers.conns.Store(conns)
		_ = a.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		n, err := a.Write(make([]byte, 16<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%d bytes were written, %v", n, err)
		}
		if got := a.ch.BufferedAmount(); got > most+chunkSize {
			t.Errorf("%d connections: %d bytes wait to be sent on one, want %d at most", conns, got, most)
		}
		_ = a.SetWriteDeadline(time.Time{})
		done := make(chan error, 1)
		go func() {
			_, err := a.Write(make([]byte, 4<<20))
			done <- err
		}()
		if _, err := io.CopyN(io.Discard, b, int64(n)+4<<20); err != nil {
			t.Error(err)
		}
		if err := enginetest.Receive(t, done, "the rest to be written"); err != nil {
			t.Error(err)
		}
	}
}
