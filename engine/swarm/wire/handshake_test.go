package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/anacrolix/torrent/mse"
)

// TestHandshake: both sides know each other's id and features afterwards, and read each other's messages.
func TestHandshake(t *testing.T) {
	for name, over := range pairs {
		for kind, obfuscate := range map[string]bool{"plain": false, "obfuscated": true} {
			t.Run(name+", "+kind, func(t *testing.T) {
				dialed, accepted := connected(t, over, obfuscate)
				if dialed.Theirs() != callee || accepted.Theirs() != caller {
					t.Errorf("met %+v and %+v", dialed.Theirs(), accepted.Theirs())
				}
				for c, other := range map[*Conn]*Conn{dialed: accepted, accepted: dialed} {
					if c.Obfuscated() != obfuscate {
						t.Errorf("obfuscated: %t", c.Obfuscated())
					}
					c.Start(Options{})
					bits := bytes.Repeat([]byte{0xa5}, 10_000)
					c.Send(Message{Type: Have, Block: Block{Piece: 7}}, Message{Type: Bitfield, Bits: bits})
					if m, err := other.Read(); err != nil || m.Block.Piece != 7 {
						t.Errorf("heard %+v, %v", m, err)
					}
					if m, err := other.Read(); err != nil || !bytes.Equal(m.Bits, bits) {
						t.Errorf("heard %.100v, %v", m, err)
					}
				}
			})
		}
	}
}

// slowly reads and writes single bytes.
type slowly struct{ net.Conn }

func (s slowly) Read(p []byte) (int, error) { return iotest.OneByteReader(s.Conn).Read(p) }

func (s slowly) Write(p []byte) (int, error) {
	for i := range p {
		if n, err := s.Conn.Write(p[i : i+1]); err != nil {
			return i + n, err
		}
	}
	return len(p), nil
}

// TestByteByByte: messages may arrive in parts of any size.
func TestByteByByte(t *testing.T) {
	slow := func(t testing.TB) (ours, theirs net.Conn) {
		a, b := tcp(t)
		return slowly{a}, slowly{b}
	}
	for _, obfuscate := range []bool{false, true} {
		dialed, accepted := connected(t, slow, obfuscate)
		accepted.Start(Options{})
		accepted.Send(Message{Type: Request, Block: Block{1, 2, 3}})
		if m, err := dialed.Read(); err != nil || m.Block != (Block{1, 2, 3}) {
			t.Errorf("obfuscated %t: heard %+v, %v", obfuscate, m, err)
		}
	}
}

// recorder records each Write.
type recorder struct {
	net.Conn
	mu     sync.Mutex
	writes []string
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	r.writes = append(r.writes, string(p))
	r.mu.Unlock()
	return r.Conn.Write(p)
}

func (r *recorder) written() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.writes
}

// TestPlainHandshakeIsOneWrite: 68 bytes and nothing else, until the peer has answered.
func TestPlainHandshakeIsOneWrite(t *testing.T) {
	const want = "\x13BitTorrent protocol" + "\x00\x00\x00\x00\x00\x10\x00\x05" +
		"an infohash of twent" + "-AA0001-abcdefghijkl"
	a, b := net.Pipe()
	r := &recorder{Conn: a}
	var wg sync.WaitGroup
	wg.Go(func() {
		got := make([]byte, len(want))
		if _, err := io.ReadFull(b, got); err != nil || string(got) != want {
			t.Errorf("%q, %v\nwant %q", got, err, want)
		}
		_, _ = b.Write(callee.bytes())
	})
	c, err := Dial(context.Background(), r, caller, false)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	wg.Wait()
	if w := r.written(); len(w) != 1 || len(w[0]) != 68 {
		t.Errorf("%q was written", w)
	}
}

// TestInitialPayload: an obfuscated handshake has the plain one in it and nothing else, and it offers RC4 alone.
func TestInitialPayload(t *testing.T) {
	a, b := net.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		secret := func(try func([]byte) bool) { try(infohash[:]) }
		rw, _, err := mse.ReceiveHandshake(context.Background(), b, secret, func(offered mse.CryptoMethod) mse.CryptoMethod {
			if offered != mse.CryptoMethodRC4 {
				t.Errorf("offered is %b", offered)
			}
			return mse.CryptoMethodRC4
		})
		if err != nil {
			t.Error(err)
			return
		}
		payload := make([]byte, 1000)
		n, err := rw.Read(payload) // All of it, at once.
		if err != nil || !bytes.Equal(payload[:n], caller.bytes()) {
			t.Errorf("%q, %v", payload[:n], err)
		}
		_, _ = rw.Write(callee.bytes())
	})
	c, err := Dial(context.Background(), a, caller, true)
	if err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	c.Close()
}

// TestInitialPayloadsOfOtherLengths: the initial payload of a peer may be empty, a part of the handshake, or more.
func TestInitialPayloadsOfOtherLengths(t *testing.T) {
	all := append(caller.bytes(), frame(idHave, numbers(7))...)
	all = append(all, frame(idBitfield, strings.Repeat("b", 5000))...)
	for _, tt := range []struct {
		methods            mse.CryptoMethod
		prefer, obfuscated bool
	}{
		{mse.CryptoMethodRC4, false, true},
		{mse.CryptoMethodPlaintext, true, false},
		{mse.AllSupportedCrypto, false, false},
		{mse.AllSupportedCrypto, true, true},
	} {
		for _, n := range []int{0, 1, 20, 48, 67, 68, 69, 73, 600, len(all)} {
			a, b := net.Pipe()
			var wg sync.WaitGroup
			wg.Go(func() {
				rw, _, err := mse.InitiateHandshake(b, infohash[:], all[:n], tt.methods)
				if err != nil {
					t.Error(n, err)
					return
				}
				var rest sync.WaitGroup
				if n < len(all) {
					rest.Go(func() { _, _ = rw.Write(all[n:]) })
				}
				answer := make([]byte, helloSize)
				if _, err := io.ReadFull(rw, answer); err != nil || !bytes.Equal(answer, callee.bytes()) {
					t.Errorf("%d: the answer is %q, %v", n, answer, err)
				}
				rest.Wait()
			})
			o := acceptOptions(callee)
			o.PreferRC4 = tt.prefer
			c, err := Accept(context.Background(), a, o)
			if err != nil {
				t.Fatal(n, err)
			}
			if c.Obfuscated() != tt.obfuscated {
				t.Errorf("%+v: obfuscated %t", tt, c.Obfuscated())
			}
			if m, err := c.Read(); err != nil || m.Block.Piece != 7 {
				t.Errorf("%d: %+v, %v", n, m, err)
			}
			if m, err := c.Read(); err != nil || string(m.Bits) != strings.Repeat("b", 5000) {
				t.Errorf("%d: %.50v, %v", n, m, err)
			}
			wg.Wait()
			c.Close()
		}
	}
}

// TestResponseBeforeThePeerID: some peers send their id only after they have received our handshake.
func TestResponseBeforeThePeerID(t *testing.T) {
	a, b := net.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() {
		said := caller.bytes()
		_, _ = b.Write(said[:48])
		answer := make([]byte, helloSize)
		if _, err := io.ReadFull(b, answer); err != nil || !bytes.Equal(answer, callee.bytes()) {
			t.Errorf("the answer is %q, %v", answer, err)
		}
		_, _ = b.Write(said[48:])
	})
	c, err := Accept(context.Background(), a, acceptOptions(callee))
	if err != nil || c.Theirs() != caller {
		t.Fatal(c, err)
	}
	wg.Wait()
	c.Close()
}
