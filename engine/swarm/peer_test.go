package swarm

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"testing"

	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/metainfo"
	pp "github.com/anacrolix/torrent/peer_protocol"

	"wtptui/engine/enginetest"
)

// badPeer is a peer that misbehaves as configured. To a client it looks like a seed.
type badPeer struct {
	t    *testing.T
	hash [20]byte
	// info is what it gives as the info dictionary, wait what it waits for before that.
	info []byte
	// block answers a request; nil sends nothing.
	block func(piece, begin, length int) []byte
	// after is sent right after the last block of the info dictionary, in the same packet.
	after []pp.Message
	// quiet peers claim to have nothing.
	quiet bool
	// gone is closed when the client has hung up.
	gone chan struct{}
}

// connectTo dials a client and serves it until it hangs up.
func (p *badPeer) connectTo(c *Client) {
	p.t.Helper()
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", itoa(c.Status().Port)))
	if err != nil {
		p.t.Fatal(err)
	}
	p.gone = make(chan struct{})
	p.t.Cleanup(func() {
		conn.Close()
		enginetest.Receive(p.t, p.gone, "the bad peer to end")
	})
	go func() {
		defer close(p.gone)
		defer conn.Close()
		p.serve(conn)
	}()
}

// isGone reports whether the connection has ended.
func (p *badPeer) isGone() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

func (p *badPeer) serve(conn net.Conn) {
	var bits pp.PeerExtensionBits
	bits.SetBit(pp.ExtensionBitLtep, true)
	bits.SetBit(pp.ExtensionBitFast, true)
	id := [20]byte([]byte("-XX0001-badpeerbadpe"))
	_, _ = rand.Read(id[10:])
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := pp.Handshake(ctx, conn, (*metainfo.Hash)(&p.hash), id, bits); err != nil {
		return
	}
	send := func(messages ...pp.Message) {
		var b []byte
		for _, m := range messages {
			b = append(b, m.MustMarshalBinary()...)
		}
		_, _ = conn.Write(b)
	}
	hello, _ := bencode.Marshal(map[string]any{
		"m": map[string]int{"ut_metadata": 9}, "metadata_size": len(p.info), "v": "bad \x1b[31mpeer\u202e",
	})
	have := pp.HaveAll
	if p.quiet {
		have = pp.HaveNone
	}
	send(pp.Message{Type: pp.Extended, ExtendedPayload: hello}, pp.Message{Type: have}, pp.Message{Type: pp.Unchoke})
	d := pp.Decoder{R: bufio.NewReader(conn), MaxLength: 1 << 20}
	their := pp.ExtensionNumber(0)
	for {
		var m pp.Message
		if err := d.Decode(&m); err != nil {
			return
		}
		switch {
		case m.Type == pp.Extended && m.ExtendedID == 0:
			var h pp.ExtendedHandshakeMessage
			_ = bencode.Unmarshal(m.ExtendedPayload, &h)
			their = h.M["ut_metadata"]
		case m.Type == pp.Extended && m.ExtendedID == 9:
			send(p.metadata(m.ExtendedPayload, their)...)
		case m.Type == pp.Request && !m.Keepalive:
			if b := p.block(int(m.Index), int(m.Begin), int(m.Length)); b != nil {
				send(pp.Message{Type: pp.Piece, Index: m.Index, Begin: m.Begin, Piece: b})
			}
		}
	}
}

// metadataBlock is the length of the parts of an info dictionary (BEP 9).
const metadataBlock = 16 << 10

func (p *badPeer) metadata(request []byte, their pp.ExtensionNumber) []pp.Message {
	var r pp.ExtendedMetadataRequestMsg
	_ = bencode.Unmarshal(request, &r)
	begin := min(r.Piece*metadataBlock, len(p.info))
	end := min(begin+metadataBlock, len(p.info))
	head, _ := bencode.Marshal(map[string]int{"msg_type": 1, "piece": r.Piece, "total_size": len(p.info)})
	messages := []pp.Message{{Type: pp.Extended, ExtendedID: their, ExtendedPayload: append(head, p.info[begin:end]...)}}
	if end == len(p.info) {
		messages = append(messages, p.after...)
	}
	return messages
}

func rawHash(t *testing.T, s string) (h [20]byte) {
	t.Helper()
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		t.Fatal(err)
	}
	return h
}

// siteBlock serves a site's true bytes.
func siteBlock(s *site, pieceLength int) func(piece, begin, length int) []byte {
	var all []byte
	for _, f := range s.files {
		all = append(all, f...)
	}
	return func(piece, begin, length int) []byte {
		off := piece*pieceLength + begin
		return all[off : off+length]
	}
}

// rudeMessages are what a peer might send to break a client that believes an info dictionary.
func rudeMessages() []pp.Message {
	return []pp.Message{
		{Type: pp.Have, Index: 0},
		{Type: pp.Have, Index: 1 << 30},
		{Type: pp.Bitfield, Bitfield: []bool{true, true, true}},
		{Type: pp.Request, Index: 0, Length: 1 << 14},
		{Type: pp.Request, Index: 1, Begin: 5, Length: 1},
		{Type: pp.Piece, Index: 0, Piece: make([]byte, 1<<14)},
		{Type: pp.Piece, Index: 1, Begin: 1 << 14, Piece: []byte("x")},
		{Type: pp.AllowedFast, Index: 0},
		{Type: pp.Cancel, Index: 0, Length: 1},
		{Type: pp.HaveNone},
		{Type: pp.HaveAll},
	}
}
