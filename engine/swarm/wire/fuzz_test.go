package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"reflect"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/anacrolix/torrent/mse"
)

// FuzzRead: each message that is read from any bytes is valid, and is read as the same message after it was encoded
// again.
func FuzzRead(f *testing.F) {
	all := ""
	for _, tt := range said {
		f.Add([]byte(tt.bytes), false)
		f.Add([]byte(tt.bytes+tt.bytes[:len(tt.bytes)-1]), true)
		all += tt.bytes
	}
	f.Add([]byte(all), true)
	f.Fuzz(func(t *testing.T, data []byte, known bool) {
		layout := unknown
		if known {
			layout = small
		}
		whole := readScript(bytes.NewReader(data), layout)
		parts := readScript(iotest.HalfReader(iotest.DataErrReader(bytes.NewReader(data))), layout)
		if !reflect.DeepEqual(whole, parts) {
			t.Errorf("read at once %+v\nin parts %+v", whole, parts)
		}
		for _, m := range whole {
			checkRead(t, layout, m)
			again := encodeAndRead(t, m, layout)
			if m.Type == Peers { // Addresses of both kinds come in an order.
				m, again = again, encodeAndRead(t, again, layout)
			}
			if !reflect.DeepEqual(m, again) {
				t.Errorf("%+v is read, and said and read again as %+v", m, again)
			}
		}
	})
}

// readScript returns the messages that a connection reads at first, before the peer's extensions are known. Their data
// are copies.
func readScript(r io.Reader, l Layout) (all []Message) {
	c := newConn(&stream{Conn: &script{in: r}})
	c.setTheirs(caller)
	c.SetLayout(l)
	for {
		m, err := c.Read()
		if err != nil {
			return all
		}
		data := m.Data
		m.Data = bytes.Clone(data)
		Free(data)
		all = append(all, m)
	}
}

func encodeAndRead(t *testing.T, m Message, l Layout) Message {
	all := readScript(bytes.NewReader(allFeatures().append(nil, &m)), l)
	if len(all) != 1 {
		t.Fatalf("%+v is said and read again as %+v", m, all)
	}
	return all[0]
}

// checkRead checks that a message that was read is in range.
func checkRead(t *testing.T, l Layout, m Message) {
	b := m.Block
	ok := b.Piece >= 0 && b.Piece < l.Pieces && b.Begin >= 0 && b.Length >= 0 && b.Length <= BlockSize
	switch m.Type {
	case Request, Piece, Cancel, Reject:
		ok = ok && b.Length > 0 && (l.PieceLength == 0 || int64(b.Begin+b.Length) <= l.LengthOf(b.Piece))
		if m.Type == Piece {
			ok = ok && len(m.Data) == b.Length
		}
	case Bitfield:
		ok = ok && len(m.Bits) <= MaxPieces/8 && (l.PieceLength == 0 || len(m.Bits) == (l.Pieces+7)/8)
	case Hello:
		ok = ok && m.Hello.InfoSize >= 0 && m.Hello.Requests >= 0 && len(m.Hello.Client) <= maxClientLength
	case InfoRequest, InfoPiece, InfoReject:
		ok = ok && m.Info.Piece >= 0 && m.Info.Size >= 0 && len(m.Info.Data) <= BlockSize
	case Peers:
		ok = ok && len(m.Peers.Added) <= 2*maxPEXAddrs && len(m.Peers.Dropped) <= 2*maxPEXAddrs
	case Holepunch:
		ok = ok && m.Holepunch.Peer.IsValid() && m.Holepunch.Kind <= HolepunchError
	}
	if !ok {
		t.Errorf("%+v is read", m)
	}
}

// FuzzExtended: every extended message that is read is within its bounds.
func FuzzExtended(f *testing.F) {
	for _, s := range []string{
		"de", "d1:v1:x4:reqqi250ee", "d1:md6:ut_pexi1eee", "d1:xl1:aleee1:yi-5ee", "d0:0:e", "d1:xi9223372036854775808ee",
		"d8:msg_typei1e5:piecei2e10:total_sizei32773eerest", "d5:added6:\x01\x02\x03\x04\x00\x05e", "i1e", "le", "d",
		"d1:a1:x1:ae", "d1:xllllllllllll",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		c := connReading(nil)
		for id := range byte(extensions + 1) {
			if m, ok := c.in.parseExtended(append([]byte{id}, payload...)); ok {
				checkRead(t, unknown, m)
			}
		}
	})
}

// FuzzAccept: after any bytes of a peer, in either direction, plain or within MSE, the connection is either
// established or closed.
func FuzzAccept(f *testing.F) {
	hello := caller.bytes()
	f.Add(hello, byte(0))
	f.Add(callee.bytes(), byte(0))
	f.Add(append(hello, frame(idHave, numbers(1))...), byte(68))
	f.Add(hello[:48], byte(20))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), byte(200))
	f.Add(make([]byte, 700), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, initial byte) {
		accept := func(c net.Conn) (*Conn, error) { return Accept(context.Background(), c, acceptOptions(callee)) }
		for _, shake := range []func(net.Conn) (*Conn, error){
			accept,
			func(c net.Conn) (*Conn, error) { return Dial(context.Background(), c, caller, false) },
			func(c net.Conn) (*Conn, error) { return Dial(context.Background(), c, caller, true) },
		} {
			s := &script{in: bytes.NewReader(data)}
			c, err := shake(s)
			if (c == nil) != (err != nil) || s.closed != (err != nil) {
				t.Errorf("%v, %v, closed: %t", c, err, s.closed)
			}
		}
		a, b := net.Pipe()
		var wg sync.WaitGroup
		wg.Go(func() {
			defer b.Close()
			ia := data[:min(len(data), int(initial))]
			rw, _, err := mse.InitiateHandshake(b, infohash[:], ia, mse.AllSupportedCrypto)
			if err != nil {
				return
			}
			var heard sync.WaitGroup
			heard.Go(func() { _, _ = io.Copy(io.Discard, rw) })
			if len(ia) < len(data) {
				_, _ = rw.Write(data[len(ia):])
			}
			_ = b.Close()
			heard.Wait()
		})
		if c, err := accept(a); err == nil {
			if !bytes.HasPrefix(data, hello[:peerIDAt-28]) {
				t.Errorf("accepted with %q", data)
			}
			_, _ = readAll(c)
		}
		_ = a.Close()
		wg.Wait()
	})
}
