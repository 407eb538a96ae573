package swarm

import (
	"context"
	"crypto/rand"
	"net"
	"sync"
	"syscall"
	"testing"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"wtptui/engine/swarm/utp"
)

// pipes is a listener for connections that hold nothing by themselves.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Addr() net.Addr { return pipeAddr{} }
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "webrtc" }
func (pipeAddr) String() string  { return "pipe" }

// startReachable starts a client, and returns the ways in which a peer can reach it.
func startReachable(t *testing.T) (c *Client, ways map[string]func() (net.Conn, error)) {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	c, err := newClient(config(t), hooks{listeners: []net.Listener{p}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	address := net.JoinHostPort("127.0.0.1", itoa(c.Status().Port))
	return c, map[string]func() (net.Conn, error){
		"TCP": func() (net.Conn, error) { return dialTCP(c) },
		"uTP": func() (net.Conn, error) {
			s, err := utp.Listen("udp", "127.0.0.1:0")
			if err != nil {
				return nil, err
			}
			t.Cleanup(func() { s.Close() })
			return s.DialContext(context.Background(), "udp", address)
		},
		"pipe": func() (net.Conn, error) {
			ours, theirs := net.Pipe()
			p.conns <- theirs
			return ours, nil
		},
	}
}

// dialTCP connects as a peer for whom the system holds little.
func dialTCP(c *Client) (net.Conn, error) {
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error { return smallBuffer(raw) }}
	return d.Dial("tcp", net.JoinHostPort("127.0.0.1", itoa(c.Status().Port)))
}

// handshakeAsLeech sends the handshakes of a peer without pieces that supports extensions.
func handshakeAsLeech(conn net.Conn, hash [20]byte) error {
	var bits pp.PeerExtensionBits
	bits.SetBit(pp.ExtensionBitLtep, true)
	bits.SetBit(pp.ExtensionBitFast, true)
	id := [20]byte([]byte("-XX0001-floodingpeer"))
	_, _ = rand.Read(id[10:])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := pp.Handshake(ctx, conn, (*metainfo.Hash)(&hash), id, bits); err != nil {
		return err
	}
	hello, err := bencode.Marshal(dict{
		"m": map[string]int{"ut_metadata": 9, "ut_pex": 8, "ut_holepunch": 7}, "metadata_size": 0,
	})
	if err != nil {
		return err
	}
	return writeMessages(conn, pp.Message{Type: pp.Extended, ExtendedPayload: hello}, pp.Message{Type: pp.HaveNone},
		pp.Message{Type: pp.Interested})
}

func writeMessages(conn net.Conn, messages ...pp.Message) error {
	var b []byte
	for _, m := range messages {
		b = append(b, m.MustMarshalBinary()...)
	}
	_, err := conn.Write(b)
	return err
}
