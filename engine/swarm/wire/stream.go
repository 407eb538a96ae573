package wire

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/anacrolix/torrent/mse"
)

const (
	// readTimeout is for how long a peer may say nothing, not even that it is there.
	readTimeout = 3 * time.Minute
	// timeoutSlack is how much later than promised a deadline may pass: it costs something to move one.
	timeoutSlack = 15 * time.Second
)

// stream is a connection whose bytes are read as they were meant.
type stream struct {
	net.Conn
	// timed says that a Read ends when nothing comes for too long, at deadline.
	timed    bool
	deadline time.Time
	// first are bytes that have been read already.
	first []byte
	// cipher is nil if the connection is plain.
	cipher *cipher
	// secret is what a handshake that came obfuscated was made with; nil for all others.
	secret *[20]byte
}

// Read implements net.Conn.
func (s *stream) Read(p []byte) (int, error) {
	if len(s.first) > 0 {
		n := copy(p, s.first)
		if s.first = s.first[n:]; len(s.first) == 0 {
			s.first = nil
		}
		return n, nil
	}
	if s.timed {
		if now := time.Now(); s.deadline.Sub(now) < readTimeout {
			s.deadline = now.Add(readTimeout + timeoutSlack)
			_ = s.SetReadDeadline(s.deadline) // It fails on a connection that is closed, as Read does.
		}
	}
	n, err := s.Conn.Read(p)
	if s.cipher != nil {
		s.cipher.decrypt(p[:n])
	}
	return n, err
}

// encrypt changes b to what is to be written in its place; it is written once, in this order.
func (s *stream) encrypt(b []byte) {
	if s.cipher != nil {
		s.cipher.encrypt(b)
	}
}

// cipherStep is how many bytes are encrypted or decrypted at a time: package mse keeps a buffer as long as that.
const cipherStep = 512

// cipher encrypts and decrypts bytes where they lie. Package mse does the work over what it takes for a connection.
// That is a real one during the handshake, and memory afterwards: mse alone would keep buffers as long as the longest
// Read and Write, and could not go on after a Write that was cut short.
type cipher struct {
	under   io.ReadWriter // nil after the handshake
	failed  error         // of reading from under; heard is whether anything had come
	heard   bool
	stream  io.ReadWriter // of mse
	in, out []byte
}

var errDry = errors.New("wire: there is nothing to decrypt")

// Read and Write are for mse.
func (k *cipher) Read(p []byte) (int, error) {
	if k.under != nil {
		n, err := k.under.Read(p)
		k.heard = k.heard || n > 0
		if err != nil && k.failed == nil {
			k.failed = cutShort(k.heard, err)
		}
		return n, err
	}
	if len(k.in) == 0 {
		return 0, errDry
	}
	n := copy(p, k.in)
	k.in = k.in[n:]
	return n, nil
}

func (k *cipher) Write(p []byte) (int, error) {
	if k.under != nil {
		return k.under.Write(p)
	}
	n := copy(k.out, p)
	k.out = k.out[n:]
	return n, nil
}

func (k *cipher) encrypt(b []byte) {
	for len(b) > 0 {
		n := min(len(b), cipherStep)
		k.out = b[:n]
		_, _ = k.stream.Write(b[:n]) // Memory does not fail.
		b = b[n:]
	}
	k.out = nil
}

func (k *cipher) decrypt(b []byte) {
	for len(b) > 0 {
		n := min(len(b), cipherStep)
		k.in = b[:n]
		_, _ = io.ReadFull(k.stream, b[:n])
		b = b[n:]
	}
}

// shake is a handshake of package mse over rw.
type shake func(rw io.ReadWriter) (io.ReadWriter, mse.CryptoMethod, error)

// shakeMSE shakes hands over rw, which is c, maybe after some bytes of it that have been read already.
func shakeMSE(c net.Conn, rw io.ReadWriter, f shake) (*stream, error) {
	k := &cipher{under: rw}
	meant, method, err := f(k)
	switch {
	case errors.Is(err, mse.ErrNoSecretKeyMatch):
		return nil, ErrUnknown
	case err != nil && k.failed != nil:
		return nil, k.failed
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotBitTorrent, err)
	}
	k.under, k.stream = nil, meant
	s := &stream{Conn: c}
	if first, _ := io.ReadAll(meant); len(first) > 0 { // The initial payload, which mse has read: it ends with errDry.
		s.first = first
	}
	if method == mse.CryptoMethodRC4 {
		s.cipher = k
	}
	return s, nil
}
