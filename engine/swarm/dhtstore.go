package swarm

import (
	"sync"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	peerstore "github.com/anacrolix/dht/v2/peer-store"
)

// What our DHT node keeps for others (BEP 5): a node that keeps nothing is of no use to anybody. All of it comes from
// strangers, so all of it is bounded.
const (
	dhtHashes  = 4096
	dhtPeers   = 50 // of one infohash
	dhtKeepFor = 30 * time.Minute
)

// dhtStore remembers who announced which torrent. The library's own store grows without end.
type dhtStore struct {
	mu    sync.Mutex
	peers map[peerstore.InfoHash]map[string]dhtPeer
	now   func() time.Time
	// expired is when what is too old was dropped last.
	expired time.Time
}

type dhtPeer struct {
	addr krpc.NodeAddr
	at   time.Time
}

var _ peerstore.Interface = (*dhtStore)(nil)

func newDHTStore() *dhtStore {
	return &dhtStore{peers: make(map[peerstore.InfoHash]map[string]dhtPeer), now: time.Now}
}

// AddPeer implements peer_store.Interface.
func (s *dhtStore) AddPeer(hash peerstore.InfoHash, addr krpc.NodeAddr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, peers := s.now(), s.peers[hash]
	if peers == nil {
		if len(s.peers) >= dhtHashes {
			s.expire(now)
		}
		for other := range s.peers {
			if len(s.peers) < dhtHashes {
				break
			}
			delete(s.peers, other)
		}
		peers = make(map[string]dhtPeer)
		s.peers[hash] = peers
	}
	key := addr.String()
	if _, known := peers[key]; !known && len(peers) >= dhtPeers {
		for other := range peers {
			delete(peers, other)
			break
		}
	}
	peers[key] = dhtPeer{addr, now}
}

// expire makes room, seldom enough that a flood of announces does not make it the main work.
func (s *dhtStore) expire(now time.Time) {
	if now.Sub(s.expired) < time.Minute {
		return
	}
	s.expired = now
	for hash, peers := range s.peers {
		for key, p := range peers {
			if now.Sub(p.at) > dhtKeepFor {
				delete(peers, key)
			}
		}
		if len(peers) == 0 {
			delete(s.peers, hash)
		}
	}
}

// GetPeers implements peer_store.Interface.
func (s *dhtStore) GetPeers(hash peerstore.InfoHash) []krpc.NodeAddr {
	s.mu.Lock()
	defer s.mu.Unlock()
	var addrs []krpc.NodeAddr
	for _, p := range s.peers[hash] {
		if s.now().Sub(p.at) <= dhtKeepFor {
			addrs = append(addrs, p.addr)
		}
	}
	return addrs
}
