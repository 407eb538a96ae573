package wire

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"sync/atomic"

	"github.com/anacrolix/torrent/bencode"
)

// peerFeatures holds what a peer supports.
type peerFeatures struct {
	fast, extended, dht bool
	// ids holds the peer's message ids of the extensions; zero for one that it does not support.
	ids [extensions]atomic.Uint32
}

// supports reports whether the peer supports an extension.
func (a *peerFeatures) supports(id int) bool { return a.ids[id].Load() != 0 }

// append appends a message, or nothing if the peer does not support it.
func (a *peerFeatures) append(b []byte, m *Message) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	switch m.Type {
	case Hello, InfoRequest, InfoPiece, InfoReject, Peers, Holepunch:
		b = a.appendExtended(b, m)
	case HaveAll, HaveNone, Reject, Suggest, AllowedFast:
		if a.fast {
			b = appendPlain(b, m)
		}
	case Port:
		if a.dht {
			b = appendPlain(b, m)
		}
	default:
		b = appendPlain(b, m)
	}
	if len(b) == start+4 {
		return b[:start]
	}
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start-4))
	return b
}

func appendPlain(b []byte, m *Message) []byte {
	switch m.Type {
	case Choke, Unchoke, Interested, NotInterested:
		return append(b, byte(m.Type-Choke)+idChoke)
	case Have:
		return appendNumber(append(b, idHave), m.Block.Piece)
	case Bitfield:
		return append(append(b, idBitfield), m.Bits...)
	case HaveAll:
		return append(b, idHaveAll)
	case HaveNone:
		return append(b, idHaveNone)
	case Request:
		return appendBlock(append(b, idRequest), m.Block)
	case Cancel:
		return appendBlock(append(b, idCancel), m.Block)
	case Reject:
		return appendBlock(append(b, idReject), m.Block)
	case Piece:
		return append(appendNumber(appendNumber(append(b, idPiece), m.Block.Piece), m.Block.Begin), m.Data...)
	case Suggest:
		return appendNumber(append(b, idSuggest), m.Block.Piece)
	case AllowedFast:
		return appendNumber(append(b, idAllowedFast), m.Block.Piece)
	case Port:
		return binary.BigEndian.AppendUint16(append(b, idPort), m.Port)
	}
	return b
}

func appendNumber(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }

func appendBlock(b []byte, k Block) []byte {
	return appendNumber(appendNumber(appendNumber(b, k.Piece), k.Begin), k.Length)
}

// appendExtended appends a message of an extension.
func (a *peerFeatures) appendExtended(b []byte, m *Message) []byte {
	id := metadataID
	switch m.Type {
	case Hello:
		id = helloID
	case Peers:
		id = pexID
	case Holepunch:
		id = holepunchID
	}
	if id == helloID && !a.extended || id != helloID && !a.supports(id) {
		return b
	}
	start := len(b)
	b = append(b, idExtended, byte(a.ids[id].Load()))
	switch m.Type {
	case Hello:
		return append(b, marshal(helloDict(m.Hello))...)
	case Peers:
		return append(b, marshal(peersDict(m.Peers))...)
	case InfoRequest, InfoReject:
		return fmt.Appendf(b, "d8:msg_typei%de5:piecei%dee", m.Type-InfoRequest, m.Info.Piece)
	case InfoPiece:
		b = fmt.Appendf(b, "d8:msg_typei1e5:piecei%de10:total_sizei%dee", m.Info.Piece, m.Info.Size)
		return append(b, m.Info.Data...)
	case Holepunch:
		if m.Holepunch.Peer.IsValid() {
			return appendHolepunch(b, m.Holepunch)
		}
	}
	return b[:start]
}

func marshal(d map[string]any) []byte { return bencode.MustMarshal(d) }

func helloDict(h *HelloMsg) map[string]any {
	ids := map[string]any{}
	for id, has := range map[int]bool{holepunchID: h.Holepunch, pexID: h.PEX, metadataID: h.Metadata} {
		if has {
			ids[extensionNames[id]] = id
		}
	}
	d := map[string]any{"m": ids}
	for key, n := range map[string]int{"metadata_size": h.InfoSize, "reqq": h.Requests, "p": int(h.Port)} {
		if n > 0 {
			d[key] = n
		}
	}
	if h.Client != "" {
		d["v"] = h.Client
	}
	if h.UploadOnly {
		d["upload_only"] = 1
	}
	return d
}

func peersDict(p *PeersMsg) map[string]any {
	d := map[string]any{}
	for key, peers := range map[string][]netip.AddrPort{"added": p.Added, "dropped": p.Dropped} {
		var four, six []byte
		for _, a := range peers {
			switch a = unmap(a); {
			case a.Addr().Is4():
				four = appendAddress(four, a)
			case a.Addr().Is6():
				six = appendAddress(six, a)
			}
		}
		for key, compact := range map[string][]byte{key: four, key + "6": six} {
			if len(compact) > 0 {
				d[key] = compact
			}
		}
		if key == "added" && len(four) > 0 {
			d["added.f"] = make([]byte, len(four)/6)
		}
		if key == "added" && len(six) > 0 {
			d["added6.f"] = make([]byte, len(six)/18)
		}
	}
	return d
}

// unmap converts an IPv4-mapped IPv6 address to IPv4.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

func appendAddress(b []byte, a netip.AddrPort) []byte {
	return binary.BigEndian.AppendUint16(append(b, a.Addr().AsSlice()...), a.Port())
}

func appendHolepunch(b []byte, h HolepunchMsg) []byte {
	peer := unmap(h.Peer)
	kind := byte(0)
	if peer.Addr().Is6() {
		kind = 1
	}
	return binary.BigEndian.AppendUint32(appendAddress(append(b, byte(h.Kind), kind), peer), h.Code)
}
