package swarm

import (
	"errors"
	"net"

	"github.com/anacrolix/dht/v2/krpc"
	"github.com/anacrolix/torrent/bencode"
)

// dhtSocket is what a DHT node reads from. It gets no packet that is no message (BEP 5), and no query that it does not know
// or that it stores other people's data for (BEP 44): the library panics at some of them (an "ip" of a single byte is
// enough, or a query without arguments), logs each of the others or keeps its name for ever, and bounds no store.
type dhtSocket struct{ net.PacketConn }

// ReadFrom implements net.PacketConn.
func (s dhtSocket) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := s.PacketConn.ReadFrom(b)
		if err != nil || isForDHT(b[:n]) {
			return n, from, err
		}
	}
}

func isForDHT(b []byte) bool {
	m, ok := parseKRPC(b)
	if !ok || m.Y != "q" {
		return ok
	}
	switch m.Q {
	case "ping":
		return true
	case "find_node", "get_peers", "announce_peer", "get", "sample_infohashes":
		return m.A != nil
	}
	return false
}

func parseKRPC(b []byte) (m krpc.Msg, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	err := bencode.Unmarshal(b, &m)
	var trailing bencode.ErrUnusedTrailingBytes // The library takes those.
	return m, err == nil || errors.As(err, &trailing)
}
