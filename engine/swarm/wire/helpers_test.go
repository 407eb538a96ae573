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

// script is a connection that reads given bytes, and records what is written.
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

// connReading returns a connection that reads b, from a peer that supports all extensions.
func connReading(b []byte) *Conn {
	c := newConn(&stream{Conn: &script{in: bytes.NewReader(b)}})
	c.setTheirs(caller)
	c.peer.sameIDs()
	return c
}

// sameIDs sets the peer's extension ids to ours.
func (a *peerFeatures) sameIDs() {
	for id := range a.ids {
		a.ids[id].Store(uint32(id))
	}
}

// allFeatures returns the features of a peer that supports all that we do.
func allFeatures() *peerFeatures {
	a := &peerFeatures{fast: true, extended: true, dht: true}
	a.sameIDs()
	return a
}

// frame returns the encoding of a message.
func frame(id byte, body string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)+1))
	return string(append(append(b, id), body...))
}

// extended returns the encoding of an extended message.
func extended(id byte, payload string) string { return frame(idExtended, string(id)+payload) }

// numbers returns the encoding of numbers in messages.
func numbers(all ...uint32) string {
	var b []byte
	for _, n := range all {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return string(b)
}

// readAll returns all messages of a connection, and the error that ended it.
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

// acceptOptions returns options that accept one torrent.
func acceptOptions(ours Handshake) AcceptOptions {
	return AcceptOptions{
		Ours:       func(h [20]byte) (Handshake, bool) { return ours, h == ours.Infohash },
		Infohashes: slices.Values([][20]byte{{1}, ours.Infohash, {2}}),
	}
}

// connected returns two connections after their handshakes with each other.
func connected(t testing.TB, over pair, obfuscate bool) (dialed, accepted *Conn) {
	t.Helper()
	a, b := over(t)
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { dialed, errs[0] = Dial(context.Background(), a, caller, obfuscate) })
	wg.Go(func() { accepted, errs[1] = Accept(context.Background(), b, acceptOptions(callee)) })
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

// waiting returns how many bytes wait, and since when the peer has read none of them. The time is zero if none wait.
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
