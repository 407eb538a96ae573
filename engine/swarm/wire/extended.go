package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"

	"wtptui/engine/swarm/bencode"
)

// The supported extensions (BEP 10). The constants are their ids in messages to us.
const (
	helloID = iota
	holepunchID
	pexID
	metadataID
	extensions // number of extensions
)

var extensionNames = [extensions]string{holepunchID: "ut_holepunch", pexID: "ut_pex", metadataID: "ut_metadata"}

const (
	// maxHellos is how many extended handshakes of a peer are read.
	maxHellos = 20
	// maxPEXAddrs is how many addresses of one kind are read from a PEX message.
	maxPEXAddrs = 200
	// maxInfoSize is the maximum size of an info dictionary in bytes.
	maxInfoSize = 64 << 20
	// maxClientLength is how many bytes of a peer's client name are kept.
	maxClientLength = 128
)

// parseExtended parses an extended message, and keeps no reference to body; ok is false for a message that is not
// understood.
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

// parseHello parses an extended handshake. Malformed entries are ignored.
func (r *reader) parseHello(payload []byte) (m Message, ok bool) {
	d, _, ok := bencode.ParseDict(payload)
	if r.hellos >= maxHellos || !ok {
		return m, false
	}
	r.hellos++
	ids := d.Dict("m")
	for id, name := range extensionNames {
		if name != "" && ids.Get(name) != nil {
			r.peer.ids[id].Store(uint32(ids.UpTo(name, math.MaxUint8))) // 0 disables it.
		}
	}
	h := &r.hello
	h.Holepunch, h.PEX, h.Metadata = r.peer.supports(holepunchID), r.peer.supports(pexID), r.peer.supports(metadataID)
	if v := d.Text("v"); len(v) > 0 {
		h.Client = string(v[:min(len(v), maxClientLength)])
	}
	if n := d.UpTo("metadata_size", maxInfoSize); n > 0 {
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

// parseInfo parses a message with a part of the info dictionary (BEP 9).
func parseInfo(payload []byte) (m Message, ok bool) {
	d, rest, ok := bencode.ParseDict(payload)
	if !ok {
		return m, false
	}
	kind, isKind := d.Number("msg_type")
	piece, isPiece := d.Number("piece")
	if !isKind || !isPiece || kind < 0 || kind > 2 || piece < 0 || piece >= maxInfoSize/BlockSize {
		return m, false
	}
	m = Message{Type: InfoRequest + Type(kind), Info: InfoMsg{Piece: int(piece)}}
	if m.Type == InfoPiece {
		if len(rest) > BlockSize {
			return m, false
		}
		m.Info.Size, m.Info.Data = d.UpTo("total_size", maxInfoSize), bytes.Clone(rest)
	}
	return m, true
}

// parsePeers parses a PEX message (BEP 11).
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

// compact parses addresses of size bytes, each with a port. Those without a port are omitted.
func compact(b []byte, size int) []netip.AddrPort {
	var all []netip.AddrPort
	for ; len(b) >= size+2 && len(all) < maxPEXAddrs; b = b[size+2:] {
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

// parseHolepunch parses a message of BEP 55. Only an error needs a code.
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
