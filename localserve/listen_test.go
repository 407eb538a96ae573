package localserve

import (
	"net"
	"strconv"
	"strings"
	"testing"

	"wtptui/engine"
)

func TestListenRejectsInvalidAddresses(t *testing.T) {
	tests := []struct {
		addr   string
		public bool
	}{
		{"0.0.0.0:0", false},
		{"[::]:0", false},
		{":0", false},
		{"192.0.2.1:0", false},
		{"[2001:db8::1]:0", false},
		{"[::ffff:192.0.2.1]:0", false},
		{"10.0.0.1:0", false},
		{"169.254.1.1:0", false},
		{"", true},
		{"127.0.0.1", true},
		{"127.0.0.1:x", true},
		{"127.0.0.1:65536", true},
		{"127.0.0.1:-1", true},
		{"evil.com:80", true},
		{"127.0.0.1:http", true},
	}
	for _, tt := range tests {
		ln, err := Listen(tt.addr, tt.public)
		if err == nil {
			ln.Close()
		}
		if engine.KindOf(err) != engine.Invalid || !strings.Contains(engine.Message(err), "127.0.0.1") {
			t.Errorf("%q, public %t: %v", tt.addr, tt.public, err)
		}
	}
	// Any address is fine when the person insists, if this machine has it.
	ln, err := Listen("0.0.0.0:0", true)
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if _, err := Listen("192.0.2.1:0", true); engine.KindOf(err) != engine.Unavailable {
		t.Errorf("an address of another machine: %v", err)
	}
}

func TestListenUsesTheNextFreePort(t *testing.T) {
	first, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	addr := first.Addr().(*net.TCPAddr)
	second, err := Listen(addr.String(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	got := second.Addr().(*net.TCPAddr)
	if got.Port <= addr.Port || got.Port > addr.Port+maxPortTries || !got.IP.Equal(addr.IP) {
		t.Errorf("%s is taken, got %s", addr, got)
	}
}

func TestListenWithoutFreePort(t *testing.T) {
	// The last port has no next one.
	taken, err := net.Listen("tcp", "127.0.0.1:65535")
	if err != nil {
		t.Skip("port 65535 is somebody else's")
	}
	defer taken.Close()
	ln, err := Listen("127.0.0.1:65535", false)
	if err == nil {
		ln.Close()
	}
	if engine.KindOf(err) != engine.Conflict {
		t.Errorf("got %v", err)
	}
}

func TestListenOnIPv4AndIPv6(t *testing.T) {
	if ln, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skip("no IPv6 on this machine")
	} else {
		ln.Close()
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "[::1]:0"} {
		ln, err := Listen(addr, false)
		if err != nil {
			t.Fatal(err)
		}
		port := strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
		for _, ip := range []string{"127.0.0.1", "::1"} {
			client := dial(t, net.JoinHostPort(ip, port))
			server, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			if server.RemoteAddr().String() != client.LocalAddr().String() {
				t.Errorf("%s on %s: accepted %s", ip, addr, server.RemoteAddr())
			}
			client.Close()
			server.Close()
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
		if _, err := ln.Accept(); err == nil {
			t.Error("a closed listener accepts")
		}
		_ = ln.Close() // as http.Server does, again
	}
}

// TestListenNeedsThePortOnIPv4AndIPv6 promises that a port is used only if it is free on both: the browser may connect
// to either.
func TestListenNeedsThePortOnIPv4AndIPv6(t *testing.T) {
	six, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 on this machine")
	}
	defer six.Close()
	port := six.Addr().(*net.TCPAddr).Port
	ln, err := Listen("127.0.0.1:"+strconv.Itoa(port), false)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if got := ln.Addr().(*net.TCPAddr).Port; got == port {
		t.Errorf("got port %d, which is taken on ::1", got)
	}
}
