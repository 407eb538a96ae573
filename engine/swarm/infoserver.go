package swarm

import (
	"context"
	"sync"

	"github.com/anacrolix/torrent"
	"github.com/anacrolix/torrent/bencode"
	pp "github.com/anacrolix/torrent/peer_protocol"
)

const (
	// infoWindow is how many bytes may wait to be sent to a peer before it gets no more blocks of an info dictionary.
	infoWindow = 128 << 10
	// maxRepeats is how often a peer may ask for a block again that it has not been sent yet.
	maxRepeats = 1000
)

// infoServer answers peers that ask for blocks of info dictionaries (BEP 9). The library would answer each request at
// once, however often and however much is unread. Here a peer's requests are a set of blocks, and the next ones are
// sent as it reads.
type infoServer struct {
	wake chan struct{}

	mu    sync.Mutex
	peers map[*torrent.PeerConn]*infoRequests
}

// infoRequests are what one peer has asked for and was not sent yet.
type infoRequests struct {
	meta    *meta
	wire    *peerConn
	blocks  []int // in order
	asked   map[int]struct{}
	repeats int
}

func newInfoServer() *infoServer {
	return &infoServer{wake: make(chan struct{}, 1), peers: make(map[*torrent.PeerConn]*infoRequests)}
}

// requestedBlock returns the block that a message asks for; false if it asks for none.
func requestedBlock(payload []byte) (block int, ok bool) {
	var m pp.ExtendedMetadataRequestMsg
	if err := bencode.Unmarshal(payload, &m); err != nil || m.Type != pp.RequestMetadataExtensionMsgType {
		return 0, false
	}
	return m.Piece, true
}

// request takes a request for a block that there is. It reports false when the peer asks without end.
func (s *infoServer) request(pc *torrent.PeerConn, wire *peerConn, m *meta, block int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.peers[pc]
	if r == nil {
		r = &infoRequests{meta: m, wire: wire, asked: make(map[int]struct{})}
		s.peers[pc] = r
	}
	if _, again := r.asked[block]; again {
		r.repeats++
		return r.repeats <= maxRepeats
	}
	r.asked[block] = struct{}{}
	r.blocks = append(r.blocks, block)
	s.notify()
	return true
}

// left forgets a peer.
func (s *infoServer) left(pc *torrent.PeerConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, pc)
}

// peerRead is called when a peer has read something and may be sent more.
func (s *infoServer) peerRead() {
	s.mu.Lock()
	waiting := len(s.peers) > 0
	s.mu.Unlock()
	if waiting {
		s.notify()
	}
}

// notify has run look who can be sent something.
func (s *infoServer) notify() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// run sends blocks until ctx ends.
func (s *infoServer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for pc, blocks := range s.sendable() {
			for _, b := range blocks {
				_ = pc.WriteExtendedMessage(pp.ExtensionNameMetadata, b) // A peer that does not take them has said so.
			}
		}
	}
}

// sendable takes out the messages that peers have room for, and counts them as waiting to be sent.
func (s *infoServer) sendable() map[*torrent.PeerConn][][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	messages := make(map[*torrent.PeerConn][][]byte)
	for pc, r := range s.peers {
		for len(r.blocks) > 0 {
			if n, _ := r.wire.backlog.unread(); n >= infoWindow {
				break
			}
			b := r.meta.blockMessage(r.blocks[0])
			if !r.wire.backlog.add(len(b)) {
				break
			}
			messages[pc] = append(messages[pc], b)
			delete(r.asked, r.blocks[0])
			r.blocks = r.blocks[1:]
		}
		if len(r.blocks) == 0 {
			delete(s.peers, pc)
		}
	}
	return messages
}

// infoBlocks is the number of blocks that the info dictionary has.
func (m *meta) infoBlocks() int { return (len(m.Bytes) + metadataBlock - 1) / metadataBlock }

// blockMessage is what a peer is sent that asks for a block.
func (m *meta) blockMessage(block int) []byte {
	begin := block * metadataBlock
	head := bencode.MustMarshal(pp.ExtendedMetadataRequestMsg{
		Piece: block, TotalSize: len(m.Bytes), Type: pp.DataMetadataExtensionMsgType,
	})
	return append(head, m.Bytes[begin:min(begin+metadataBlock, len(m.Bytes))]...)
}
