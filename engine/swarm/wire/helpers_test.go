package wire

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	infohash = [20]byte([]byte("an infohash of twent"))
	caller   = handshakeOf("-AA0001-abcdefghijkl")
	callee   = handshakeOf("-BB0001-abcdefghijkl")
	// small has three pieces, of which the last one has a short block at its end.
	small = Layout{Pieces: 3, PieceLength: 4 * BlockSize, Size: 10*BlockSize + 100}
)

func handshakeOf(id string) Handshake {
	return Handshake{Infohash: infohash, PeerID: [20]byte([]byte(id)), Extended: true, Fast: true, DHT: true}
}

// script is a connection of which all that is to be read is known before. What is written is kept.
type script struct {
	net.Conn
	in     io.Reader
	mu     sync.Mutex
	out    bytes.Buffer
	closed bool
}

func (s *script) Read(p []byte) (int, error) { return s.in.Read(p) }

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *script) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *script) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 6881} }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// reading returns a connection to a peer that says just b, and understands all that we do.
func reading(b []byte) *Conn {
	c := newConn(&stream{Conn: &script{in: bytes.NewReader(b)}})
	c.setTheirs(caller)
	c.peer.sameIDs()
	return c
}

// sameIDs has the peer call the extensions what we call them.
func (a *peerFeatures) sameIDs() {
	for id := range a.ids {
		a.ids[id].Store(uint32(id))
	}
}

// everything understands what we do.
func everything() *peerFeatures {
	a := &peerFeatures{fast: true, extended: true, dht: true}
	a.sameIDs()
	return a
}

// frame is a message of one kind.
func frame(id byte, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+1))
	return string(append(append(b, id), body...))
}

// extended is a message of an extension.
func extended(id byte, payload string) string { return frame(idExtended, string(id)+payload) }

// numbers are encoded as in messages.
func numbers(all ...uint32) string {
	var b []byte
	for _, n := range all {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return string(b)
}

// readAll returns what a peer says, and why it ended.
func readAll(c *Conn) (all []Message, err error) {
	for {
		m, err := c.Read()
		if err != nil {
			return all, err
		}
		all = append(all, m)
	}
}

// pair returns two ends of a connection.
type pair func(t testing.TB) (ours, theirs net.Conn)

func pipe(testing.TB) (ours, theirs net.Conn) { return net.Pipe() }

func tcp(t testing.TB) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if ours, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if theirs, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

var pairs = map[string]pair{"pipe": pipe, "TCP": tcp}

// accepting are options with which one torrent is there.
func accepting(ours Handshake) AcceptOptions {
	return AcceptOptions{
		Ours:       func(h [20]byte) (Handshake, bool) { return ours, h == ours.Infohash },
		Infohashes: slices.Values([][20]byte{{1}, ours.Infohash, {2}}),
	}
}

// shaken returns two connections that have shaken hands with each other.
func shaken(t testing.TB, over pair, obfuscate bool) (dialed, accepted *Conn) {
	t.Helper()
	a, b := over(t)
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { dialed, errs[0] = Dial(context.Background(), a, caller, obfuscate) })
	wg.Go(func() { accepted, errs[1] = Accept(context.Background(), b, accepting(callee)) })
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		dialed.Close()
		accepted.Close()
		dialed.Wait()
		accepted.Wait()
	})
	return dialed, accepted
}

// waiting returns how many bytes wait, and since when the peer has taken none of them; the zero time if none wait.
func (q *queue) waiting() (n int, since time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n = q.sending; n > 0 {
		since = q.lastProgress
	}
	if q.messages != nil {
		n += len(*q.messages)
	}
	return n, since
}
