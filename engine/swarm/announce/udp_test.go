package announce

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// serveUDP is a BEP 15 tracker that loses the first packet and forgets its first connection id.
func serveUDP(t *testing.T, events chan<- uint32) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		buf := make([]byte, 2048)
		for id := uint64(7); ; {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			b := buf[:n]
			action, transaction := binary.BigEndian.Uint32(b[8:]), b[12:16]
			out := append(binary.BigEndian.AppendUint32(nil, action), transaction...)
			switch {
			case action == udpConnect && binary.BigEndian.Uint64(b) == udpMagic:
				id++
				out = binary.BigEndian.AppendUint64(out, id)
			case action == udpAnnounce && binary.BigEndian.Uint64(b) == id:
				event := binary.BigEndian.Uint32(b[80:])
				events <- event
				out = append(out, "\x00\x00\x07\x08\x00\x00\x00\x02\x00\x00\x00\x03\xc0\x00\x02\x07\x1a\xe1"...)
				if event == 2 {
					id++ // restarted
				}
			default:
				out = append(binary.BigEndian.AppendUint32(nil, udpError), transaction...)
				out = append(out, "unknown connection"...)
			}
			_, _ = c.WriteTo(out, from)
		}
	}()
	return c
}

func TestAnnouncesOverUDP(t *testing.T) {
	events := make(chan uint32, 8)
	c := serveUDP(t, events)
	defer c.Close()
	a := newAnnouncer(t)
	found := make(chan []netip.AddrPort, 8)
	tor := torrent(found, Tracker{URL: "udp://" + c.LocalAddr().String() + "/announce?pass=2", Trusted: true})
	a.Add(tor)
	if e := enginetest.Receive(t, events, "the first announce"); e != 2 {
		t.Errorf("event %d, want started", e)
	}
	if p := enginetest.Receive(t, found, "the peers of the first response"); len(p) != 1 || p[0] != peer {
		t.Errorf("found %v, want %v", p, peer)
	}
	wait(t, "working", func() bool { return a.States(tor.Infohash)[0].Status == Working })
	if s := a.States(tor.Infohash)[0]; s.Seeds != 3 || s.Leechers != 2 {
		t.Errorf("state %+v", s)
	}
	a.Now(tor.Infohash) // with a connection id that the tracker has forgotten
	if e := enginetest.Receive(t, events, "the second announce"); e != 0 {
		t.Errorf("event %d, want none", e)
	}
	closeIn(a, time.Minute)
	if e := enginetest.Receive(t, events, "the last announce"); e != 3 {
		t.Errorf("event %d, want stopped", e)
	}
}

func FuzzParseUDP(f *testing.F) {
	f.Add([]byte("\x00\x00\x07\x08\x00\x00\x00\x02\x00\x00\x00\x03\xc0\x00\x02\x07\x1a\xe1"), true)
	f.Fuzz(func(t *testing.T, b []byte, v4 bool) {
		r, err := parseUDP(b, v4)
		if err != nil {
			return
		}
		if next := r.next(Config{}.waitsAt(Tracker{}), false); len(r.peers) > maxPeers || next > maxInterval {
			t.Errorf("%q gave %+v", b, r)
		}
	})
}
