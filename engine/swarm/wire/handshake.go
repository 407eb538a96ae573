package wire

import (
	"bytes"
	"context"
	"errors"
	"expvar"
	"io"
	"iter"
	"net"

	"github.com/anacrolix/torrent/mse"
)

// Handshake is the first message of both sides (BEP 3).
type Handshake struct {
	Infohash [20]byte
	PeerID   [20]byte
	// Extended, Fast and DHT report whether the peer supports BEP 10, BEP 6 and BEP 5.
	Extended, Fast, DHT bool
}

// protocol is the start of a handshake.
const protocol = "\x13BitTorrent protocol"

// Offsets of the parts of a handshake, and its length.
const (
	reservedAt = len(protocol)
	infohashAt = reservedAt + 8
	peerIDAt   = infohashAt + 20
	helloSize  = peerIDAt + 20
)

// Errors of handshakes, besides those of the connection.
var (
	ErrNotBitTorrent = errors.New("wire: the other side does not speak BitTorrent")
	ErrOtherTorrent  = errors.New("wire: the peer is there for another torrent")
	ErrUnknown       = errors.New("wire: the peer asks for a torrent that is not here")
	ErrSelf          = errors.New("wire: the peer is this client itself")
	ErrPlain         = errors.New("wire: the peer is not obfuscated")
)

// Reserved returns the reserved bytes of the handshake.
func (h Handshake) Reserved() (bits [8]byte) {
	if h.Extended {
		bits[5] |= 0x10
	}
	if h.Fast {
		bits[7] |= 0x04
	}
	if h.DHT {
		bits[7] |= 0x01
	}
	return bits
}

func (h Handshake) bytes() []byte {
	bits := h.Reserved()
	return bytes.Join([][]byte{[]byte(protocol), bits[:], h.Infohash[:], h.PeerID[:]}, nil)
}

func parseHandshake(b []byte) Handshake {
	bits := b[reservedAt:infohashAt]
	return Handshake{
		Infohash: [20]byte(b[infohashAt:]), PeerID: [20]byte(b[peerIDAt:]),
		Extended: bits[5]&0x10 != 0, Fast: bits[7]&0x04 != 0, DHT: bits[7]&0x01 != 0,
	}
}

// Dial sends our handshake over a new connection, and returns when the peer has sent its own. It closes the connection
// if it returns an error or ctx ends before.
//
// An obfuscated handshake (MSE) has the 68 bytes of the plain one as its initial payload, and nothing more, which some
// clients refuse. It offers RC4 alone, since some peers disconnect when plain text is offered, too.
func Dial(ctx context.Context, c net.Conn, ours Handshake, obfuscate bool) (*Conn, error) {
	return shakeWithContext(ctx, c, func(c net.Conn) (*Conn, error) {
		s := &stream{Conn: c}
		var err error
		if obfuscate {
			s, err = shakeMSE(c, c, func(rw io.ReadWriter) (io.ReadWriter, mse.CryptoMethod, error) {
				return mse.InitiateHandshake(rw, ours.Infohash[:], ours.bytes(), mse.CryptoMethodRC4)
			})
		} else {
			_, err = c.Write(ours.bytes())
		}
		if err != nil {
			return nil, err
		}
		w := newConn(s)
		var b [helloSize]byte
		if err := w.in.readHandshake(b[:]); err != nil {
			return nil, err
		}
		theirs := parseHandshake(b[:])
		switch {
		case theirs.Infohash != ours.Infohash:
			return nil, ErrOtherTorrent
		case theirs.PeerID == ours.PeerID:
			return nil, ErrSelf
		}
		w.setTheirs(theirs)
		return w, nil
	})
}

// AcceptOptions decides which handshakes are accepted.
type AcceptOptions struct {
	// Ours returns our handshake for a torrent; false if the torrent is not here.
	Ours func(infohash [20]byte) (Handshake, bool)
	// Infohashes yields the torrents that are here: an obfuscated handshake does not contain its infohash. It may be
	// nil if there are none.
	Infohashes iter.Seq[[20]byte]
	// RequireMSE refuses peers that are not obfuscated, or not encrypted after the handshake.
	RequireMSE bool
	// PreferRC4 has a connection encrypted if the peer leaves the choice to us. Encryption costs both sides more than
	// the rest of an upload, so many peers use an obfuscated handshake and then plain text.
	PreferRC4 bool
}

// Accept is the other side of Dial. It answers as soon as the infohash is known: some peers send the last twenty bytes
// of their handshake only after that.
func Accept(ctx context.Context, c net.Conn, o AcceptOptions) (*Conn, error) {
	return shakeWithContext(ctx, c, func(c net.Conn) (*Conn, error) {
		s, err := o.detectMSE(c)
		if err != nil {
			return nil, err
		}
		w := newConn(s)
		var b [helloSize]byte
		if err := w.in.readHandshake(b[:peerIDAt]); err != nil {
			return nil, err
		}
		hash := [20]byte(b[infohashAt:])
		ours, ok := o.Ours(hash)
		switch {
		case !ok:
			return nil, ErrUnknown
		case s.secret != nil && *s.secret != hash:
			return nil, ErrOtherTorrent
		}
		answer := ours.bytes()
		s.encrypt(answer)
		if _, err := s.Write(answer); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(&w.in, b[peerIDAt:]); err != nil {
			return nil, unexpectedEOF(true, err)
		}
		theirs := parseHandshake(b[:])
		if theirs.PeerID == ours.PeerID {
			return nil, ErrSelf
		}
		w.setTheirs(theirs)
		return w, nil
	})
}

// detectMSE determines whether a peer's handshake is plain or obfuscated.
func (o AcceptOptions) detectMSE(c net.Conn) (*stream, error) {
	first := make([]byte, reservedAt)
	if n, err := io.ReadFull(c, first); err != nil {
		return nil, unexpectedEOF(n > 0, err)
	}
	s := &stream{Conn: c, buffered: first}
	if string(first) != protocol {
		var err error
		again := readWriter{io.MultiReader(bytes.NewReader(first), c), c}
		var secret [20]byte
		s, err = shakeMSE(c, again, func(rw io.ReadWriter) (io.ReadWriter, mse.CryptoMethod, error) {
			return mse.ReceiveHandshake(context.Background(), rw, o.secretKeys(c, &secret), o.chooseMethod)
		})
		clearMSEStats()
		if err != nil {
			return nil, err
		}
		s.secret = &secret
	}
	if o.RequireMSE && s.cipher == nil {
		return nil, ErrPlain
	}
	return s, nil
}

// readHandshake reads a handshake, or its first part. Anything else is detected at the first byte.
func (r *reader) readHandshake(b []byte) error {
	first, err := r.Peek(1)
	if err != nil {
		return err
	}
	if first[0] != protocol[0] {
		return ErrNotBitTorrent
	}
	if _, err := io.ReadFull(r, b); err != nil {
		return unexpectedEOF(true, err)
	}
	if string(b[:reservedAt]) != protocol {
		return ErrNotBitTorrent
	}
	return nil
}

// secretKeys yields the keys that an obfuscated handshake may have been made with, and leaves the right one in secret.
// If none is right it closes the connection, so that nothing waits for the peer to read.
func (o AcceptOptions) secretKeys(c net.Conn, secret *[20]byte) mse.SecretKeyIter {
	return func(try func([]byte) bool) {
		if o.Infohashes != nil {
			for hash := range o.Infohashes {
				*secret = hash
				if !try(secret[:]) {
					return
				}
			}
		}
		_ = c.Close()
	}
}

// clearMSEStats clears what package mse stores for ever of each handshake: peers could fill the memory with it.
func clearMSEStats() {
	if m, ok := expvar.Get("mseCryptoProvides").(*expvar.Map); ok {
		m.Init()
	}
}

// chooseMethod chooses the encryption of an obfuscated connection. It returns 0, which is an error, if nothing known
// was offered.
func (o AcceptOptions) chooseMethod(offered mse.CryptoMethod) mse.CryptoMethod {
	const both = mse.CryptoMethodRC4 | mse.CryptoMethodPlaintext
	offered &= both
	switch {
	case offered != both:
		return offered
	case o.PreferRC4 || o.RequireMSE:
		return mse.CryptoMethodRC4
	}
	return mse.CryptoMethodPlaintext
}

// readWriter reads from one and writes to another connection.
type readWriter struct {
	io.Reader
	io.Writer
}

// shakeWithContext calls shake, and closes the connection if it fails or ctx ends.
func shakeWithContext(ctx context.Context, c net.Conn, shake func(net.Conn) (*Conn, error)) (*Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	w, err := shake(withQuickAck(c))
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = c.Close()
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return nil, err
	}
	return w, nil
}
