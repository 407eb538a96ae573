package swarm

import (
	"sync"
	"time"

	"github.com/anacrolix/dht/v2/krpc"
	peerstore "github.com/anacrolix/dht/v2/peer-store"
)

// Limits of what our DHT node stores for others (BEP 5). A node that stores nothing is useless. Everything comes from
// untrusted nodes, so everything is limited.
const (
	maxDHTHashes       = 4096
	maxDHTPeersPerHash = 50 // of one infohash
	dhtPeerTTL         = 30 * time.Minute
)

// dhtStore holds the peers that have announced torrents to our nodes. The library's own store grows without limit.
type dhtStore struct {
	mu    sync.Mutex
	peers map[peerstore.InfoHash]map[string]dhtPeer
	now   func() time.Time
	// expired is when expired peers were removed last.
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
		if len(s.peers) >= maxDHTHashes {
			s.expire(now)
		}
		for other := range s.peers {
			if len(s.peers) < maxDHTHashes {
				break
			}
			delete(s.peers, other)
		}
		peers = make(map[string]dhtPeer)
		s.peers[hash] = peers
	}
	key := addr.String()
	if _, known := peers[key]; !known && len(peers) >= maxDHTPeersPerHash {
		for other := range peers {
			delete(peers, other)
			break
		}
	}
	peers[key] = dhtPeer{addr, now}
}

// expire removes expired peers, at most once a minute, so that a flood of announces does not cause more work.
func (s *dhtStore) expire(now time.Time) {
	if now.Sub(s.expired) < time.Minute {
		return
	}
	s.expired = now
	for hash, peers := range s.peers {
		for key, p := range peers {
			if now.Sub(p.at) > dhtPeerTTL {
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
		if s.now().Sub(p.at) <= dhtPeerTTL {
			addrs = append(addrs, p.addr)
		}
	}
	return addrs
}
