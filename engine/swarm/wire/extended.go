package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"

	"wtptui/engine/swarm/bencode"
)

// The extensions (BEP 10) that are spoken here; the constants are what they are called in messages to us.
const (
	helloID = iota
	holepunchID
	pexID
	metadataID
	extensions // how many
)

var extensionNames = [extensions]string{holepunchID: "ut_holepunch", pexID: "ut_pex", metadataID: "ut_metadata"}

const (
	// maxHellos is how many extended handshakes of a peer count.
	maxHellos = 20
	// maxNamed is how many addresses of one kind count in a message about peers.
	maxNamed = 200
	// maxInfo is how long an info dictionary may be that a peer tells of, in bytes.
	maxInfo = 64 << 20
	// maxClient is how many bytes of a peer's name for itself are kept.
	maxClient = 128
)

// parseExtended reads an extended message, and keeps nothing of body; ok is false for one that means nothing here.
func (r *reader) parseExtended(body []byte) (m Message, ok bool) {
	if len(body) == 0 {
		return m, false
	}
	id, payload := body[0], body[1:]
	switch id {
	case helloID:
		return r.parseHello(payload)
	case holepunchID:
		return parseHolepunch(payload)
	case pexID:
		return parsePeers(payload)
	case metadataID:
		return parseInfo(payload)
	}
	return m, false
}

// parseHello reads an extended handshake. What is odd in it counts as not said.
func (r *reader) parseHello(payload []byte) (m Message, ok bool) {
	d, _, ok := bencode.ParseDict(payload)
	if r.hellos >= maxHellos || !ok {
		return m, false
	}
	r.hellos++
	ids := d.Dict("m")
	for id, name := range extensionNames {
		if name != "" && ids.Get(name) != nil {
			r.peer.ids[id].Store(uint32(ids.UpTo(name, math.MaxUint8))) // 0 takes it back.
		}
	}
	h := &r.hello
	h.Holepunch, h.PEX, h.Metadata = r.peer.takes(holepunchID), r.peer.takes(pexID), r.peer.takes(metadataID)
	if v := d.Text("v"); len(v) > 0 {
		h.Client = string(v[:min(len(v), maxClient)])
	}
	if n := d.UpTo("metadata_size", maxInfo); n > 0 {
		h.InfoSize = n
	}
	if n, ok := d.Number("reqq"); ok && n > 0 {
		h.Requests = int(min(n, math.MaxUint16))
	}
	if n := d.UpTo("p", math.MaxUint16); n > 0 {
		h.Port = uint16(n)
	}
	if n, ok := d.Number("upload_only"); ok {
		h.UploadOnly = n > 0
	}
	said := *h
	return Message{Type: Hello, Hello: &said}, true
}

// parseInfo reads a message about a part of the info dictionary (BEP 9).
func parseInfo(payload []byte) (m Message, ok bool) {
	d, rest, ok := bencode.ParseDict(payload)
	if !ok {
		return m, false
	}
	kind, isKind := d.Number("msg_type")
	piece, isPiece := d.Number("piece")
	if !isKind || !isPiece || kind < 0 || kind > 2 || piece < 0 || piece >= maxInfo/BlockSize {
		return m, false
	}
	m = Message{Type: InfoRequest + Type(kind), Info: InfoMsg{Piece: int(piece)}}
	if m.Type == InfoPiece {
		if len(rest) > BlockSize {
			return m, false
		}
		m.Info.Size, m.Info.Data = d.UpTo("total_size", maxInfo), bytes.Clone(rest)
	}
	return m, true
}

// parsePeers reads a message of BEP 11.
func parsePeers(payload []byte) (m Message, ok bool) {
	d, _, ok := bencode.ParseDict(payload)
	if !ok {
		return m, false
	}
	return Message{Type: Peers, Peers: &PeersMsg{
		Added:   append(compact(d.Text("added"), 4), compact(d.Text("added6"), 16)...),
		Dropped: append(compact(d.Text("dropped"), 4), compact(d.Text("dropped6"), 16)...),
	}}, true
}

// compact reads addresses that have size bytes, and a port each. Those without a port are left out.
func compact(b []byte, size int) []netip.AddrPort {
	var all []netip.AddrPort
	for ; len(b) >= size+2 && len(all) < maxNamed; b = b[size+2:] {
		if a := address(b, size); a.Port() != 0 {
			all = append(all, a)
		}
	}
	return all
}

func address(b []byte, size int) netip.AddrPort {
	ip, _ := netip.AddrFromSlice(b[:size])
	return netip.AddrPortFrom(ip.Unmap(), binary.BigEndian.Uint16(b[size:]))
}

// parseHolepunch reads a message of BEP 55. Only one about an error needs to have a code.
func parseHolepunch(b []byte) (m Message, ok bool) {
	if len(b) < 2 || b[0] > byte(HolepunchError) || b[1] > 1 {
		return m, false
	}
	h := HolepunchMsg{Kind: HolepunchKind(b[0])}
	size := 4
	if b[1] == 1 {
		size = 16
	}
	if b = b[2:]; len(b) < size+2 {
		return m, false
	}
	h.Peer = address(b, size)
	if b = b[size+2:]; h.Kind == HolepunchError && len(b) >= 4 {
		h.Code = binary.BigEndian.Uint32(b)
	}
	return Message{Type: Holepunch, Holepunch: h}, h.Peer.Port() != 0
}
