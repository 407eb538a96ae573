package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anacrolix/torrent/mse"
)

// drain discards what a peer is sent.
func drain(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// TestRefusals: invalid handshakes fail with the right error, and the connection is closed.
func TestRefusals(t *testing.T) {
	self, other := caller, caller
	self.PeerID = callee.PeerID
	other.Infohash = [20]byte{7}
	begin, zeros := string(caller.bytes()), string(make([]byte, 1000))
	dialing := func(theirs Handshake, methods mse.CryptoMethod) func(c net.Conn) {
		return func(c net.Conn) {
			if rw, _, err := mse.InitiateHandshake(c, theirs.Infohash[:], theirs.bytes(), methods); err == nil {
				_, _ = io.Copy(io.Discard, rw)
			}
		}
	}
	saying := func(s string) func(c net.Conn) {
		return func(c net.Conn) {
			var wg sync.WaitGroup
			wg.Go(func() { drain(c) })
			_, _ = io.WriteString(c, s)
			wg.Wait()
		}
	}
	hangingUp := func(s string) func(c net.Conn) {
		return func(c net.Conn) {
			var wg sync.WaitGroup
			wg.Go(func() { drain(c) })
			_, _ = io.WriteString(c, s)
			_ = c.(*net.TCPConn).CloseWrite()
			wg.Wait()
		}
	}
	accept := func(c net.Conn, o AcceptOptions) (*Conn, error) { return Accept(context.Background(), c, o) }
	dial := func(obfuscate bool) func(net.Conn, AcceptOptions) (*Conn, error) {
		return func(c net.Conn, _ AcceptOptions) (*Conn, error) {
			return Dial(context.Background(), c, callee, obfuscate)
		}
	}
	for name, tt := range map[string]struct {
		ours    func(net.Conn, AcceptOptions) (*Conn, error)
		theirs  func(net.Conn)
		require bool
		want    error
	}{
		"another torrent":               {accept, saying(string(other.bytes())), false, ErrUnknown},
		"another torrent, obfuscated":   {accept, dialing(other, mse.CryptoMethodRC4), false, ErrUnknown},
		"ourselves":                     {accept, saying(string(self.bytes())), false, ErrSelf},
		"ourselves, obfuscated":         {accept, dialing(self, mse.CryptoMethodRC4), false, ErrSelf},
		"plain, which is refused":       {accept, saying(begin), true, ErrPlain},
		"plain after MSE, refused":      {accept, dialing(caller, mse.CryptoMethodPlaintext), true, ErrPlain},
		"MSE that offers nothing":       {accept, dialing(caller, 0), false, ErrNotBitTorrent},
		"MSE that offers something new": {accept, dialing(caller, 8), false, ErrNotBitTorrent},
		"HTTP":                          {accept, saying("GET / HTTP/1.1\r\n" + zeros), false, ErrNotBitTorrent},
		"zeros":                         {accept, saying(zeros), false, ErrNotBitTorrent},
		"a scanner":                     {accept, hangingUp(""), false, io.EOF},
		"half a name":                   {accept, hangingUp(begin[:10]), false, io.ErrUnexpectedEOF},
		"half an infohash":              {accept, hangingUp(begin[:30]), false, io.ErrUnexpectedEOF},
		"half a peer id":                {accept, hangingUp(begin[:60]), false, io.ErrUnexpectedEOF},
		"half a key":                    {accept, hangingUp(strings.Repeat("k", 50)), false, io.ErrUnexpectedEOF},
		"a key":                         {accept, hangingUp(strings.Repeat("k", 96)), false, io.ErrUnexpectedEOF},
		"a key and half the rest":       {accept, hangingUp(strings.Repeat("k", 200)), false, io.ErrUnexpectedEOF},
		"answered by ourselves":         {dial(false), saying(string(callee.bytes())), false, ErrSelf},
		"answered for another torrent":  {dial(false), saying(string(other.bytes())), false, ErrOtherTorrent},
		"answered by FTP":               {dial(false), saying("220\r\n"), false, ErrNotBitTorrent},
		"answered by almost that":       {dial(false), saying(begin[:19] + "L" + begin[20:]), false, ErrNotBitTorrent},
		"not answered":                  {dial(false), hangingUp(""), false, io.EOF},
		"half answered":                 {dial(false), hangingUp(begin[:67]), false, io.ErrUnexpectedEOF},
		"MSE not answered":              {dial(true), hangingUp(""), false, io.EOF},
		"MSE half answered":             {dial(true), hangingUp(begin[:67]), false, io.ErrUnexpectedEOF},
		"MSE answered by zeros":         {dial(true), saying(zeros), false, ErrNotBitTorrent},
		"MSE answered with a key":       {dial(true), hangingUp(strings.Repeat("k", 96)), false, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := tcp(t)
			var wg sync.WaitGroup
			wg.Go(func() {
				defer b.Close()
				tt.theirs(b)
			})
			o := acceptOptions(callee)
			o.RequireMSE = tt.require
			c, err := tt.ours(a, o)
			if c != nil || !errors.Is(err, tt.want) {
				t.Errorf("%v, %v; want %v", c, err, tt.want)
			}
			if err := a.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the connection is not closed: %v", err)
			}
			_ = a.Close()
			wg.Wait()
		})
	}
}

// TestRefusalDoesNotWaitForThePeer: a peer that knows none of the torrents need not read our response.
func TestRefusalDoesNotWaitForThePeer(t *testing.T) {
	for name, options := range map[string]AcceptOptions{
		"others": acceptOptions(callee),
		"none":   {Ours: func([20]byte) (Handshake, bool) { return Handshake{}, false }},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := net.Pipe()
			ended, end := context.WithCancel(context.Background())
			defer end()
			var wg sync.WaitGroup
			wg.Go(func() {
				s := newStalling(b, 96) // It reads our key, and nothing of what follows.
				stop := context.AfterFunc(ended, func() { _ = s.Close() })
				defer stop()
				_, _, _ = mse.InitiateHandshake(s, make([]byte, 20), nil, mse.CryptoMethodRC4)
			})
			patient, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if c, err := Accept(patient, a, options); !errors.Is(err, ErrUnknown) {
				t.Errorf("%v, %v", c, err)
			}
			end()
			wg.Wait()
		})
	}
}
