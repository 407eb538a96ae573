package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// TestKeepAlive: a peer receives a message at least each 100 s.
func TestKeepAlive(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		ours, theirs := started(t, Options{}, obfuscate)
		b := make([]byte, 4)
		expect := func(after time.Duration) {
			t.Helper()
			begin := time.Now()
			if _, err := io.ReadFull(&theirs.in, b); err != nil || time.Since(begin) != after ||
				!bytes.Equal(b, make([]byte, 4)) {
				t.Errorf("%x after %v, %v; want one after %v", b, time.Since(begin), err, after)
			}
		}
		expect(keepAliveInterval)
		expect(keepAliveInterval)
		time.Sleep(keepAliveInterval / 2)
		ours.Send(Message{Type: Unchoke})
		expectMessage(t, theirs, Message{Type: Unchoke})
		expect(keepAliveInterval)
	})
}

// TestSilence: a peer is disconnected after three minutes without a message, and a keep-alive counts as one.
func TestSilence(t *testing.T) {
	for name, tt := range map[string]struct {
		said  string
		every time.Duration
		times int
		gone  time.Duration // after the last one
	}{
		"nothing":          {"", 0, 1, readTimeout},
		"keep-alives":      {"\x00\x00\x00\x00", 2 * time.Minute, 20, readTimeout},
		"late ones":        {"\x00\x00\x00\x00", readTimeout, 20, readTimeout},
		"half a message":   {"\x00\x00\x00\x05\x04\x00", time.Minute, 1, readTimeout},
		"byte by byte":     {"\x00", time.Minute, 30, readTimeout},
		"a message a byte": {"\x00\x00\x00\x01\x00", 170 * time.Second, 5, readTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := started(t, Options{}, false)
				go drain(theirs.conn)
				begin := time.Now()
				go func() {
					for range tt.times {
						time.Sleep(tt.every)
						_, _ = theirs.conn.Write([]byte(tt.said))
					}
				}()
				_, err := readAll(ours)
				least := tt.every*time.Duration(tt.times) + tt.gone
				if d := time.Since(begin); d < least || d > least+timeoutSlack || !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("gone after %v, want %v: %v", d, least, err)
				}
			})
		})
	}
}

// TestNotReading: a peer that reads nothing for a minute is disconnected. One that reads slowly stays and receives
// everything.
func TestNotReading(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		ours, theirs := started(t, Options{}, obfuscate)
		ours.Send(Message{Type: Unchoke})
		ours.Serve(blockAt(0))
		ours.Serve(blockAt(1))
		begin := time.Now()
		theirs.conn.Conn = trickle{theirs.conn.Conn, writeTimeout * 9 / 10, 1000}
		expectMessage(t, theirs, Message{Type: Unchoke})
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(0)})
		expectMessage(t, theirs, Message{Type: Piece, Block: blockAt(1)})
		if time.Since(begin) < 10*time.Minute {
			t.Errorf("it was no trickle: %v", time.Since(begin))
		}
		begin = time.Now()
		ours.Serve(blockAt(3))
		synctest.Wait()
		if n, since := ours.out.waiting(); n != BlockSize+pieceHead || !since.Equal(begin) {
			t.Errorf("%d bytes wait since %v", n, since)
		}
		_, err := readAll(ours)
		if d := time.Since(begin); !errors.Is(err, ErrNotReading) || d < writeTimeout || d > writeTimeout+timeoutSlack {
			t.Errorf("gone after %v: %v", d, err)
		}
		ours.Wait()
		if n, since := ours.out.waiting(); n != 0 || !since.IsZero() {
			t.Errorf("%d bytes wait since %v", n, since)
		}
	})
}

// trickle reads n bytes at a time, after a pause.
type trickle struct {
	net.Conn
	pause time.Duration
	n     int
}

func (r trickle) Read(p []byte) (int, error) {
	time.Sleep(r.pause)
	return r.Conn.Read(p[:min(len(p), r.n)])
}

// TestClose: Close ends reading and sending at any stage, and later calls do nothing.
func TestClose(t *testing.T) {
	inBubbles(t, func(t *testing.T, obfuscate bool) {
		ours, theirs := started(t, Options{}, obfuscate)
		ours.Serve(blockAt(0))
		synctest.Wait()
		go func() {
			time.Sleep(time.Second)
			ours.Close()
			ours.Close()
		}()
		if _, err := ours.Read(); !errors.Is(err, ErrClosed) {
			t.Errorf("%v", err)
		}
		ours.Wait()
		ours.Send(Message{Type: Unchoke})
		if !ours.Serve(blockAt(0)) || !ours.ServeInfo(0) || ours.Unserve(blockAt(0)) || ours.UnserveAll() != nil {
			t.Error("something is queued")
		}
		if n, _ := ours.out.waiting(); n != 0 {
			t.Errorf("%d bytes wait", n)
		}
		if _, err := readAll(theirs); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%v", err)
		}
	})
}

// TestPeerDisconnects: Read returns the first error that ended the connection.
func TestPeerDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		go func() { _, _ = Accept(context.Background(), b, acceptOptions(callee)) }()
		c, err := Dial(t.Context(), a, caller, false)
		if err != nil {
			t.Fatal(err)
		}
		c.Start(Options{Block: content})
		_ = b.Close()
		c.Send(Message{Type: Unchoke})
		c.Wait() // It fails to write.
		if _, err := c.Read(); !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, io.EOF) {
			t.Errorf("%v", err)
		}
	})
}
