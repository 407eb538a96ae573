package lsd

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMessage(t *testing.T) {
	m := message{port: 6881, cookie: "me"}
	for i := range maxHashes {
		m.hashes = append(m.hashes, [20]byte{byte(i), 0xab})
	}
	b := m.encode(Group6)
	if len(b) > maxMessage {
		t.Errorf("%d hashes make %d bytes", maxHashes, len(b))
	}
	got, ok := parse(b)
	if !ok || got.port != m.port || got.cookie != m.cookie ||
		len(got.hashes) != maxHashes || got.hashes[3] != m.hashes[3] {
		t.Errorf("%q was read as %+v", b, got)
	}
	for _, bad := range []string{
		"", "GET / HTTP/1.1\r\nPort: 1\r\nInfohash: " + strings.Repeat("a", 40), "BT-SEARCH * HTTP/1.1\r\n\r\n",
		"BT-SEARCH * HTTP/1.1\r\nPort: 70000\r\nInfohash: " + strings.Repeat("a", 40),
		"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: xyz\r\n\r\n",
		"BT-SEARCH * HTTP/1.1\r\nInfohash: " + strings.Repeat("a", 40),
	} {
		if m, ok := parse([]byte(bad)); ok {
			t.Errorf("%q was read as %+v", bad, m)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(message{port: 1, hashes: make([][20]byte, 2), cookie: "c"}.encode(Group4))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, ok := parse(b); ok && (m.port == 0 || len(m.hashes) == 0) {
			t.Errorf("%q gave %+v", b, m)
		}
	})
}

// group is a multicast group of this test's own.
func group(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return fmt.Sprintf("239.192.152.143:%d", c.LocalAddr().(*net.UDPAddr).Port)
}

func TestNodesFindEachOther(t *testing.T) {
	type found struct {
		hash [20]byte
		peer netip.AddrPort
	}
	g := group(t)
	start := func(port uint16) (*Node, chan found) {
		c := make(chan found, 64)
		n, err := New(Config{
			Port: port, Groups: []string{g}, Hashes: func() [][20]byte { return nil },
			Found: func(h [20]byte, p netip.AddrPort) {
				select {
				case c <- found{h, p}:
				default:
				}
			},
		})
		if err != nil {
			t.Skipf("no multicast here: %v", err)
		}
		t.Cleanup(n.Close)
		return n, c
	}
	a, heardByA := start(1111)
	_, heardByB := start(2222)
	a.Announce([20]byte{7})
	again, deadline := time.NewTicker(time.Second), time.After(time.Minute)
	defer again.Stop()
	for heard := false; !heard; {
		select {
		case f := <-heardByB:
			heard = true
			if f.hash != [20]byte{7} || f.peer.Port() != 1111 {
				t.Errorf("found %+v", f)
			}
		case <-again.C: // UDP may lose a packet
			a.Announce([20]byte{7})
		case <-deadline:
			t.Fatal("nothing was heard")
		}
	}
	select {
	case f := <-heardByA:
		t.Errorf("a node found itself: %+v", f)
	default:
	}
}
