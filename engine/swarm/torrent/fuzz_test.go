package torrent

import (
	"bytes"
	"crypto/sha1"
	"net/netip"
	"slices"
	"testing"
	"time"

	"wtptui/engine/swarm/wire"
)

// strangers are peers that follow a script of random bytes.
type strangers struct {
	w      *world
	node   *node
	script *bytes.Reader
	peers  []*puppet
}

const (
	mostStrangers = 4
	mostScript    = 400 // bytes
)

// FuzzStrangers: after any well-formed messages of peers that come and go in any order, the node still runs, completes
// its download from an honest peer, and serves another one.
func FuzzStrangers(f *testing.F) {
	for _, script := range []string{
		"", "\x01", "\x00\x16\x00\x00\x02\x00\x05\x00\x08\x00\x01\x02\x03", // comes, and asks
		// tells and denies the info dictionary
		"\x01\x16\x01\x0f\x00\x05\x03\x06\x00\x01\x11\x00\x12\x00\x13\x00",
		// gives and rejects what nobody wants
		"\x00\x16\x00\x0f\x00\x06\x00\x01\x00\x17\x00\x09\x00\x00\x00\x0b\x00\x00\x00\x17\xff",
		"\x00\x16\x00\x16\x01\x0f\x00\x14\x00\x14\x01\x15\x00\x0a\x00\x00\x18\x00\x18\x01", // names peers and goes
		// chokes, and lies in what it serves all the same
		"2a2700X01700700700y00C00070A00y0A0",
	} {
		f.Add([]byte(script))
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		runInWorld(t, func(w *world) {
			s := &strangers{w: w, script: bytes.NewReader(script[:min(len(script), mostScript)])}
			s.node = w.node(options{magnet: s.byte()&1 == 1})
			for s.script.Len() > 0 {
				s.act()
			}
			w.connectSeed(s.node, puppetConfig{})
			w.waitUntilComplete(s.node)
			other := w.node(options{})
			other.addGivenPeers(s.node.addr)
			w.waitUntilComplete(other)
		})
	})
}

func (s *strangers) byte() byte {
	b, _ := s.script.ReadByte() // 0 at the end
	return b
}

// block returns a block that may exist or not.
func (s *strangers) block() wire.Block {
	n := s.byte()
	length := []int{wire.BlockSize, wire.BlockSize, 1, wire.BlockSize - 1}[n>>4&3]
	return wire.Block{Piece: int(n & 3), Begin: int(n>>2&1) * wire.BlockSize, Length: length}
}

// act makes one of the strangers do something.
func (s *strangers) act() {
	what := int(s.byte()) % (int(wire.Holepunch) + 5)
	switch what - int(wire.Holepunch) {
	case 2: // One comes.
		if m := s.byte(); len(s.peers) < mostStrangers {
			p := s.w.connectPuppet(s.node, puppetConfig{noFast: m&1 == 1, wrongEvery: int(m >> 1 & 3)})
			p.handleMessages(func(wire.Message) {})
			s.peers = append(s.peers, p)
		}
		return
	case 3: // Time passes, up to four minutes.
		time.Sleep(time.Duration(s.byte()) * time.Second)
		return
	}
	if len(s.peers) == 0 {
		return
	}
	i := int(s.byte()) % len(s.peers)
	switch p := s.peers[i]; what - int(wire.Holepunch) {
	case 1:
		p.Serve(s.block())
	case 4: // One goes.
		p.Close()
		s.peers = slices.Delete(s.peers, i, i+1)
	default:
		p.Send(s.message(wire.Type(what)))
	}
}

// message returns a random message of a type.
func (s *strangers) message(t wire.Type) wire.Message {
	m := wire.Message{Type: t}
	switch t {
	case wire.Have, wire.Request, wire.Cancel, wire.Reject, wire.Suggest, wire.AllowedFast:
		m.Block = s.block()
	case wire.Piece:
		m.Block = s.block()
		m.Data = bytes.Repeat([]byte{s.byte()}, m.Block.Length)
	case wire.Bitfield:
		m.Bits = []byte{s.byte() & 0xf0}
	case wire.Port:
		m.Port = uint16(s.byte())
	case wire.Hello:
		n := s.byte()
		m.Hello = &wire.HelloMsg{
			Client: "stranger", Requests: int(n >> 4), Port: simPort * uint16(n&1), Metadata: n&2 > 0, PEX: n&4 > 0,
			Holepunch: n&8 > 0, InfoSize: len(s.w.site.info) * int(n>>4&1), UploadOnly: n>>5&1 == 1,
		}
	case wire.InfoRequest, wire.InfoReject:
		m.Info.Piece = int(s.byte() & 3)
	case wire.InfoPiece:
		m.Info = wire.InfoMsg{Piece: int(s.byte() & 1), Size: len(s.w.site.info), Data: s.info()}
	case wire.Peers:
		m.Peers = &wire.PeersMsg{Added: s.addresses(), Dropped: s.addresses()}
	case wire.Holepunch:
		n := s.byte()
		m.Holepunch = wire.HolepunchMsg{Kind: wire.HolepunchKind(n % 3), Peer: s.address(), Code: uint32(n >> 4)}
	}
	return m
}

// info returns the info dictionary, or other bytes of its length.
func (s *strangers) info() []byte {
	if s.byte()&1 == 0 {
		return s.w.site.info
	}
	other := sha1.Sum(s.w.site.info)
	return bytes.Repeat(other[:1], len(s.w.site.info))
}

func (s *strangers) addresses() (all []netip.AddrPort) {
	for range s.byte() & 3 {
		all = append(all, s.address())
	}
	return all
}

// address returns the address of the node itself, of a stranger, or of no peer.
func (s *strangers) address() netip.AddrPort {
	n := int(s.byte())
	switch {
	case n%3 == 0:
		return s.node.addr
	case n%3 == 1 && len(s.peers) > 0:
		return wireAddr(s.peers[n/3%len(s.peers)].host)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}), simPort)
}
