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
	// readTimeout is how long a peer may send nothing, not even a keep-alive.
	readTimeout = 3 * time.Minute
	// timeoutSlack is how much later a timeout may fire, since moving a deadline has a cost.
	timeoutSlack = 15 * time.Second
)

// stream is a connection that is decrypted when it is read.
type stream struct {
	net.Conn
	// timed reports whether a Read ends at deadline if nothing arrives for too long.
	timed    bool
	deadline time.Time
	// buffered holds bytes that were read during the handshake.
	buffered []byte
	// cipher is nil if the connection is plain.
	cipher *cipher
	// secret is the key of an incoming obfuscated handshake, nil for all others.
	secret *[20]byte
}

// Read implements net.Conn.
func (s *stream) Read(p []byte) (int, error) {
	if len(s.buffered) > 0 {
		n := copy(p, s.buffered)
		if s.buffered = s.buffered[n:]; len(s.buffered) == 0 {
			s.buffered = nil
		}
		return n, nil
	}
	if s.timed {
		if now := time.Now(); s.deadline.Sub(now) < readTimeout {
			s.deadline = now.Add(readTimeout + timeoutSlack)
			_ = s.SetReadDeadline(s.deadline) // It fails on a closed connection, as Read does.
		}
	}
	n, err := s.Conn.Read(p)
	if s.cipher != nil {
		s.cipher.decrypt(p[:n])
	}
	return n, err
}

// encrypt encrypts b in place. The result must be written once, in order.
func (s *stream) encrypt(b []byte) {
	if s.cipher != nil {
		s.cipher.encrypt(b)
	}
}

// cipherStep is how many bytes are encrypted or decrypted at a time: package mse keeps a buffer of that length.
const cipherStep = 512

// cipher encrypts and decrypts bytes in place. Package mse does the work on what it takes for a connection. That is
// the real one during the handshake, and memory afterwards: mse alone would keep buffers as long as the longest Read
// and Write, and could not continue after a short Write.
type cipher struct {
	raw      io.ReadWriter // nil after the handshake
	readErr  error         // of reading from raw; received reports whether any byte had arrived
	received bool
	stream   io.ReadWriter // of mse
	in, out  []byte
}

var errNoInput = errors.New("wire: nothing to decrypt")

// Read implements io.Reader for mse.
func (k *cipher) Read(p []byte) (int, error) {
	if k.raw != nil {
		n, err := k.raw.Read(p)
		k.received = k.received || n > 0
		if err != nil && k.readErr == nil {
			k.readErr = unexpectedEOF(k.received, err)
		}
		return n, err
	}
	if len(k.in) == 0 {
		return 0, errNoInput
	}
	n := copy(p, k.in)
	k.in = k.in[n:]
	return n, nil
}

func (k *cipher) Write(p []byte) (int, error) {
	if k.raw != nil {
		return k.raw.Write(p)
	}
	n := copy(k.out, p)
	k.out = k.out[n:]
	return n, nil
}

func (k *cipher) encrypt(b []byte) {
	for len(b) > 0 {
		n := min(len(b), cipherStep)
		k.out = b[:n]
		_, _ = k.stream.Write(b[:n]) // never fails
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

// shakeMSE shakes hands over rw, which reads from c, possibly after bytes that have been read already.
func shakeMSE(c net.Conn, rw io.ReadWriter, f shake) (*stream, error) {
	k := &cipher{raw: rw}
	decrypted, method, err := f(k)
	switch {
	case errors.Is(err, mse.ErrNoSecretKeyMatch):
		return nil, ErrUnknown
	case err != nil && k.readErr != nil:
		return nil, k.readErr
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrNotBitTorrent, err)
	}
	k.raw, k.stream = nil, decrypted
	s := &stream{Conn: c}
	if first, _ := io.ReadAll(decrypted); len(first) > 0 { // The initial payload. It ends with errNoInput.
		s.buffered = first
	}
	if method == mse.CryptoMethodRC4 {
		s.cipher = k
	}
	return s, nil
}
