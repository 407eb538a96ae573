package publicnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

func TestIs(t *testing.T) {
	for address, want := range map[string]bool{
		"1.1.1.1": true, "185.199.108.153": true, "100.63.255.255": true, "172.32.0.1": true, "223.255.255.255": true,
		"2606:4700:4700::1111": true, "2a00:1450:4001:81b::200e": true, "::ffff:1.1.1.1": true, "64:ff9b::101:101": true,

		"127.0.0.1": false, "127.255.255.254": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false,
		"100.64.0.1": false, "100.127.255.255": false, "169.254.169.254": false, "172.16.0.1": false,
		"172.31.255.255": false, "192.168.1.1": false, "192.0.0.8": false, "192.0.2.1": false, "198.18.0.1": false,
		"198.19.255.255": false, "203.0.113.9": false, "224.0.0.1": false, "239.192.152.143": false, "240.0.0.1": false,
		"255.255.255.255": false,

		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:192.168.0.1": false, "::ffff:10.0.0.1": false,
		"::7f00:1": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd12:3456::1": false,
		"fec0::1": false, "ff02::1": false, "ff05::c": false, "2001:db8::1": false, "2001::1": false,
		"2002:7f00:1::": false, "2002:c0a8:101::1": false, "64:ff9b::7f00:1": false, "64:ff9b::a00:1": false,
		"64:ff9b:1::1": false, "100::1": false, "3fff::1": false, "5f00::1": false, "2606:4700::1%lo": false,
	} {
		if got := Is(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public is %v, want %v", address, got, want)
		}
	}
	if Is(netip.Addr{}) {
		t.Error("no address counts as public")
	}
}

// TestDialerConnectsNowhere waits on real listeners for connections that must not come, whatever the address is called.
func TestDialerConnectsNowhere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	accepted := make(chan net.Addr, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			accepted <- c.RemoteAddr()
		}
		close(accepted)
	}()
	for _, host := range []string{"127.0.0.1", "localhost", "::ffff:127.0.0.1", "0.0.0.0", "127.1", "::1"} {
		for _, network := range []string{"tcp", "udp"} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			c, err := Dialer(time.Second).DialContext(ctx, network, net.JoinHostPort(host, port))
			cancel()
			if err == nil {
				c.Close()
				t.Errorf("%s %s was dialed", network, host)
				continue
			}
			var dns *net.DNSError // not a name on every system
			if !errors.Is(err, ErrNotPublic) && !errors.As(err, &dns) {
				t.Errorf("%s %s: %v", network, host, err)
			}
		}
	}
	l.Close()
	if from := enginetest.Receive(t, accepted, "the listener to close"); from != nil {
		t.Errorf("a connection came from %v", from)
	}
}
