package webtorrent

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
)

// A name that another program on this network answers for is found, as a browser's is.
func TestMDNS(t *testing.T) {
	l, err := listenMDNS("udp4", mdns.DefaultAddressIPv4)
	if err != nil {
		t.Skip("no multicast here: ", err)
	}
	want := netip.MustParseAddr("192.0.2.77")
	server, err := mdns.NewServer(ipv4.NewPacketConn(l), nil, mdns.WithLoggerFactory(discardLogger()),
		mdns.WithLocalNames("wtptui-test.local"), mdns.WithLocalAddress(want.AsSlice()))
	if err != nil {
		_ = l.Close()
		t.Skip("no multicast here: ", err)
	}
	defer server.Close()
	var m mdnsClient
	defer m.close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ip, err := m.resolve(ctx, "wtptui-test.local")
	if err != nil || ip != want {
		t.Errorf("%v, %v", ip, err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if ip, err := m.resolve(ctx, "wtptui-nobody.local"); err == nil {
		t.Errorf("nobody is at %v", ip)
	}
	m.close()
	if _, err := m.resolve(t.Context(), "wtptui-test.local"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}
