package swarm

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"wtptui/engine/enginetest"
)

// TestPeersWithContradictingHaves: peers say that they have this and that in well-formed messages, but in an order and
// with numbers that no honest peer sends, before the list of files is known and after. Whatever they make the library
// count, nothing may be left of it when the torrent is dropped, at which it would panic.
func TestPeersWithContradictingHaves(t *testing.T) {
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	c := start(t, config(t))
	for seed := range rounds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 3))
		s := newSite(t, 16<<10, 70_000, seed)
		tor := add(t, c, Spec{Infohash: s.hash})
		p := connectFicklePeer(t, c, s, rnd)
		p.sendRandom(tor, rnd.IntN(7))
		tor.SetInfo(s.info)
		ready(t, tor)
		p.log.WriteString("now the list of files is known\n")
		p.sendRandom(tor, rnd.IntN(7))
		if rnd.IntN(2) == 0 {
			p.conn.Close()
		}
		dropped(t, tor, p.log.String())
		p.conn.Close()
	}
}

// dropped drops a torrent in a goroutine of its own: what it panics at ends the process at once, as it would outside of
// a test.
func dropped(t *testing.T, tor Torrent, messages string) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				panic(fmt.Sprintf("%v, after the peer has sent:\n%s", r, messages))
			}
		}()
		tor.Drop()
	}()
	enginetest.Receive(t, done, "Drop to return")
}

// ficklePeer is a peer that sends random claims about its pieces.
type ficklePeer struct {
	t          *testing.T
	rnd        *rand.Rand
	conn       net.Conn
	interested bool
	log        strings.Builder
}

func connectFicklePeer(t *testing.T, c *Client, s *site, rnd *rand.Rand) *ficklePeer {
	t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", itoa(c.Status().Port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var bits pp.PeerExtensionBits
	bits.SetBit(pp.ExtensionBitLtep, true)
	bits.SetBit(pp.ExtensionBitFast, true)
	id := [20]byte([]byte("-FICK00-abcdefghijkl"))
	binary.BigEndian.PutUint64(id[12:], rnd.Uint64())
	hash := rawHash(t, s.hash)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := pp.Handshake(ctx, conn, (*metainfo.Hash)(&hash), id, bits); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, conn) //nolint:errcheck // Until it is closed.
	// Who does not seem to know the list of files is hung up on when it becomes known.
	hello := pp.Message{
		Type: pp.Extended, ExtendedPayload: marshal(t, dict{"m": dict{"ut_metadata": 9}, "metadata_size": len(s.info)}),
	}
	_, _ = conn.Write(hello.MustMarshalBinary())
	return &ficklePeer{t: t, rnd: rnd, conn: conn}
}

// sendRandom sends n random messages, and returns when they have been read or the connection has ended.
func (p *ficklePeer) sendRandom(tor Torrent, n int) {
	p.t.Helper()
	for range n {
		m := p.randomMessage()
		fmt.Fprintln(&p.log, m.Type, m.Index, m.Bitfield)
		_, _ = p.conn.Write(m.MustMarshalBinary())
	}
	p.interested = !p.interested
	last := pp.Message{Type: pp.NotInterested}
	if p.interested {
		last.Type = pp.Interested
	}
	_, _ = p.conn.Write(last.MustMarshalBinary())
	eventually(p.t, "it is read, or the peer is gone", func() bool {
		for _, peer := range tor.Peers() {
			return peer.PeerInterested == p.interested
		}
		_, err := p.conn.Write(pp.Message{Keepalive: true}.MustMarshalBinary())
		return err != nil
	})
}

// randomMessage returns any message about the pieces of a peer. The numbers are about those of a site of five pieces.
func (p *ficklePeer) randomMessage() pp.Message {
	switch p.rnd.IntN(16) {
	case 0, 1, 2:
		return pp.Message{Type: pp.HaveAll}
	case 3, 4, 5:
		return pp.Message{Type: pp.HaveNone}
	case 6, 7, 8:
		m := pp.Message{Type: pp.Bitfield, Bitfield: make([]bool, 8*p.rnd.IntN(3))}
		for i := range m.Bitfield {
			m.Bitfield[i] = p.rnd.IntN(2) == 0
		}
		return m
	case 9:
		return pp.Message{Type: pp.Have, Index: pp.Integer(p.rnd.IntN(10))}
	case 10:
		return pp.Message{Type: pp.Have, Index: pp.Integer(p.rnd.Uint32())}
	}
	return pp.Message{Type: pp.Have, Index: pp.Integer(p.rnd.IntN(5))}
}
