package swarm

import (
	"errors"
	"net"
	"testing"
	"time"
)

func TestNetworkChanges(t *testing.T) {
	home := []net.Addr{
		&net.IPNet{IP: net.IPv4(127, 0, 0, 1), Mask: net.CIDRMask(8, 32)},
		&net.IPNet{IP: net.IPv4(192, 0, 2, 1), Mask: net.CIDRMask(24, 32)},
	}
	away := []net.Addr{home[0], &net.IPNet{IP: net.IPv4(198, 51, 100, 7), Mask: net.CIDRMask(24, 32)}}
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	var addrs []net.Addr
	var err error
	n := networkMonitor{addresses: func() ([]net.Addr, error) { return addrs, err }, onAddrs: func([]net.Addr) {}}
	for _, step := range []struct {
		what  string
		after time.Duration
		addrs []net.Addr
		err   error
		want  bool
	}{
		{"the first look", 0, home, nil, false},
		{"nothing", networkCheckInterval, home, nil, false},
		{"another order", networkCheckInterval, []net.Addr{home[1], home[0]}, nil, false},
		{"another address", networkCheckInterval, away, nil, true},
		{"nothing again", networkCheckInterval, away, nil, false},
		{"no address at all", networkCheckInterval, nil, nil, false},
		{"a fault of the system", networkCheckInterval, nil, errors.New("no"), false},
		{"the same address back", networkCheckInterval, away, nil, false},
		{"a sleep", time.Hour, away, nil, true},
		{"back home", networkCheckInterval, home, nil, true},
	} {
		now = now.Add(step.after)
		addrs, err = step.addrs, step.err
		if got := n.checkChanged(now); got != step.want {
			t.Errorf("%s: changed is %v", step.what, got)
		}
	}
}

// A machine has a network as long as one of its addresses has a route out. Nothing is reported if that is unknown.
func TestNetworkIsAbsent(t *testing.T) {
	at := func(ip string) net.Addr { return &net.IPNet{IP: net.ParseIP(ip), Mask: net.CIDRMask(8, 32)} }
	for _, tt := range []struct {
		name  string
		addrs []net.Addr
		err   error
		want  bool
	}{
		{"nothing", nil, nil, true},
		{"only itself", []net.Addr{at("127.0.0.1"), at("::1")}, nil, true},
		{"a network", []net.Addr{at("127.0.0.1"), at("192.0.2.1")}, nil, false},
		{"a cable to a neighbour", []net.Addr{at("::1"), at("fe80::1")}, nil, false},
		{"a fault of the system", nil, errors.New("no"), false},
	} {
		n := networkMonitor{addresses: func() ([]net.Addr, error) { return tt.addrs, tt.err }, onAddrs: func([]net.Addr) {}}
		n.checkChanged(time.Time{})
		if got := n.isOffline.Load(); got != tt.want {
			t.Errorf("%s: absent is %v", tt.name, got)
		}
	}
}
