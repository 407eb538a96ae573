package swarm

import (
	"errors"
	"sync"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
	utHolepunch "github.com/anacrolix/torrent/peer_protocol/ut-holepunch"
)

// Info dictionaries that come from peers (BEP 9) are collected here and not by the library, for two reasons. The library
// puts one together from all peers' parts, so that a single liar spoils it for all. And it starts to work with one as
// soon as its hash is right, while numbers in it that no torrent should have (a piece length of zero is one) end the
// process at the next message of a peer. Here it is judged first.

// The extensions are numbered in an order of our own, in which BEP 9 comes last: that is how the library lets others
// handle it. handedOver has the same numbers with nothing left to us, for when the info dictionary is known.
var (
	extensionOrder = []pp.ExtensionName{utHolepunch.ExtensionName, pp.ExtensionNamePex, pp.ExtensionNameMetadata}
	collected      = torrent.LocalLtepProtocolMap{Index: extensionOrder, NumBuiltin: 2}
	handedOver     = torrent.LocalLtepProtocolMap{Index: extensionOrder, NumBuiltin: 3}
)

const (
	holepunchID   = pp.ExtensionNumber(1)
	pexID         = pp.ExtensionNumber(2)
	metadataID    = pp.ExtensionNumber(3)
	metadataBlock = 16 << 10
	// maxCollected bounds what is kept of all peers of one torrent: three dictionaries of the largest kind.
	maxCollected = 3 * maxInfo
)

// candidate is what one peer says is the info dictionary.
type candidate struct {
	from *torrent.PeerConn
	raw  []byte
}

// collector puts together what each peer of a torrent says, one peer at a time, until one tells the truth.
type collector struct {
	complete chan candidate

	mu    sync.Mutex
	peers map[*torrent.PeerConn]*parts
	bytes int
}

// parts are the blocks of one peer.
type parts struct {
	blocks map[int][]byte
	size   int // of all, as the peer says
	bytes  int // that are here
}

func newCollector() *collector {
	return &collector{complete: make(chan candidate, 8), peers: make(map[*torrent.PeerConn]*parts)}
}

// extended is called by the library, under its lock, for each extended message, before it looks at the message itself.
func (s *connections) extended(e torrent.PeerConnReadExtensionMessageEvent) {
	if e.ExtensionNumber != metadataID {
		return
	}
	if e.PeerConn.Torrent().Info() != nil {
		e.PeerConn.LocalLtepProtocolMap = &handedOver
		return
	}
	if conn, ok := s.get(e.PeerConn); ok {
		conn.torrent.collector.take(e.PeerConn, e.Payload)
	}
}

var errNotABlock = errors.New("not a block of an info dictionary")

// parseBlock reads a BEP 9 message that carries a block.
func parseBlock(payload []byte) (piece, size int, block []byte, err error) {
	var m pp.ExtendedMetadataRequestMsg
	err = bencode.Unmarshal(payload, &m)
	var rest bencode.ErrUnusedTrailingBytes
	if !errors.As(err, &rest) || m.Type != pp.DataMetadataExtensionMsgType {
		return 0, 0, nil, errNotABlock
	}
	block = payload[len(payload)-rest.NumUnusedBytes:]
	if m.TotalSize <= 0 || m.TotalSize > maxInfo || m.Piece < 0 || m.Piece > (m.TotalSize-1)/metadataBlock {
		return 0, 0, nil, errNotABlock
	}
	if len(block) != min(metadataBlock, m.TotalSize-m.Piece*metadataBlock) {
		return 0, 0, nil, errNotABlock
	}
	return m.Piece, m.TotalSize, block, nil
}

// take keeps a block; with the last one of a peer it has a candidate.
func (c *collector) take(pc *torrent.PeerConn, payload []byte) {
	piece, size, block, err := parseBlock(payload)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.peers[pc]
	if p == nil || p.size != size {
		c.forget(pc)
		p = &parts{blocks: make(map[int][]byte), size: size}
		c.peers[pc] = p
	}
	if p.blocks[piece] != nil {
		return
	}
	p.blocks[piece] = append([]byte(nil), block...)
	p.bytes += len(block)
	c.bytes += len(block)
	if p.bytes == p.size {
		raw := make([]byte, 0, p.size)
		for i := range len(p.blocks) {
			raw = append(raw, p.blocks[i]...)
		}
		c.forget(pc)
		select {
		case c.complete <- candidate{pc, raw}:
		default:
		}
	}
	for c.bytes > maxCollected {
		c.forgetLargest()
	}
}

// forgetLargest makes room: who sends most and never ends is least likely to be honest.
func (c *collector) forgetLargest() {
	var largest *torrent.PeerConn
	for pc, p := range c.peers {
		if largest == nil || p.bytes > c.peers[largest].bytes {
			largest = pc
		}
	}
	c.forget(largest)
}

func (c *collector) forget(pc *torrent.PeerConn) {
	if p := c.peers[pc]; p != nil {
		c.bytes -= p.bytes
		delete(c.peers, pc)
	}
}

// left is called when a peer's connection has closed.
func (c *collector) left(pc *torrent.PeerConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(pc)
}

// reset forgets everything when the info dictionary is known.
func (c *collector) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.peers)
	c.bytes = 0
}
