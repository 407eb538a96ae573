package webtorrent

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// mdnsClient resolves the mDNS names (RFC 6762) behind which browsers on the local network hide their addresses. It
// opens its sockets on first use, and all connections share it.
type mdnsClient struct {
	mu     sync.Mutex
	conn   *mdns.Conn
	closed bool
}

// resolve waits for an answer until ctx ends.
func (m *mdnsClient) resolve(ctx context.Context, name string) (netip.Addr, error) {
	conn, err := m.open()
	if err != nil {
		return netip.Addr{}, err
	}
	_, ip, err := conn.QueryAddr(ctx, name)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("webtorrent: resolve %s: %w", name, err)
	}
	return ip.WithZone("").Unmap(), nil
}

func (m *mdnsClient) open() (*mdns.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		return nil, net.ErrClosed
	case m.conn != nil:
		return m.conn, nil
	}
	var v4 *ipv4.PacketConn
	var v6 *ipv6.PacketConn
	// One of the two is enough; a machine may lack the other.
	l4, err := listenMDNS("udp4", mdns.DefaultAddressIPv4)
	if err == nil {
		v4 = ipv4.NewPacketConn(l4)
	}
	l6, err6 := listenMDNS("udp6", mdns.DefaultAddressIPv6)
	if err6 == nil {
		v6 = ipv6.NewPacketConn(l6)
	}
	if v4 == nil && v6 == nil {
		return nil, fmt.Errorf("webtorrent: mDNS: %w", err)
	}
	conn, err := mdns.NewServer(v4, v6, mdns.WithLoggerFactory(discardLogger()))
	if err != nil {
		for _, l := range []*net.UDPConn{l4, l6} {
			if l != nil {
				_ = l.Close()
			}
		}
		return nil, fmt.Errorf("webtorrent: mDNS: %w", err)
	}
	m.conn = conn
	return conn, nil
}

func listenMDNS(network, address string) (*net.UDPConn, error) {
	addr, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	return net.ListenUDP(network, addr)
}

func (m *mdnsClient) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.conn != nil {
		_ = m.conn.Close()
	}
}
