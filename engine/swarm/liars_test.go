package swarm

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"wtptui/engine/enginetest"
)

// TestLiarBesideHonestPeer: of two peers with the same address, the one that sends wrong data is disconnected, and the
// other one stays.
func TestLiarBesideHonestPeer(t *testing.T) {
	for name, pieceLength := range map[string]int{"pieces of one": 16 << 10, "pieces of both": 128 << 10} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, int64(pieceLength), 2_000_000)
			c := start(t, config(t))
			tor := add(t, c, Spec{Infohash: s.hash, Info: s.info})
			ready(t, tor)
			right := siteBlock(s, pieceLength)
			lies := make(chan struct{}, 1000)
			liar := &badPeer{t: t, hash: s.raw(), info: s.info, block: func(piece, begin, length int) []byte {
				b := bytes.Clone(right(piece, begin, length))
				b[length/2] ^= 1
				lies <- struct{}{}
				return b
			}}
			honest := &badPeer{t: t, hash: s.raw(), info: s.info, block: func(piece, begin, length int) []byte {
				enginetest.Receive(t, lies, "a request to the liar") // so that both take part
				lies <- struct{}{}
				return right(piece, begin, length)
			}}
			liar.connectTo(c)
			honest.connectTo(c)
			enginetest.Receive(t, liar.gone, "the liar to be hung up on")
			same(t, tor, s)
			c.sockets.offenders.mu.Lock()
			defer c.sockets.offenders.mu.Unlock()
			if n := len(c.sockets.offenders.peers); n != 1 {
				t.Errorf("%d peers count as liars", n)
			}
		})
	}
}

func TestOffendersAreBanned(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	home, other := netip.MustParseAddr("25.1.2.3"), netip.MustParseAddr("25.1.2.4")
	liar := [20]byte{1}
	var o offenders
	o.recordWrong(liar, home, now)
	if !o.isBanned(liar, home, now) || o.isBanned([20]byte{2}, home, now) || o.isBanned(liar, other, now) {
		t.Error("not exactly the liar is banned")
	}
	if o.isBanned(liar, home, now.Add(banTime)) {
		t.Error("a ban never ends")
	}
	for range 10 * maxLiarsPerAddr {
		o.recordWrong(liar, home, now)
	}
	if o.isAddrBanned(home, now) {
		t.Error("all are banned for the many lies of one")
	}
	for range maxLiarsPerAddr {
		o.recordRight(home)
	}
	for i := range maxLiarsPerAddr {
		if o.isAddrBanned(home, now) {
			t.Fatal("an address that gave as many right pieces as it has liars is banned")
		}
		o.recordWrong([20]byte{9, byte(i)}, home, now)
	}
	if !o.isAddrBanned(home, now) || o.isAddrBanned(other, now) {
		t.Error("not exactly the address of the liars is banned")
	}
	if o.isAddrBanned(home, now.Add(banTime)) {
		t.Error("the ban of an address never ends")
	}
	for i := range 3 * maxOffenders {
		lo, hi := byte(i), byte(i>>8)
		o.recordWrong([20]byte{lo, hi}, netip.AddrFrom4([4]byte{26, 0, lo, hi}), now)
	}
	if len(o.peers) > maxOffenders || len(o.addrs) > maxOffenders {
		t.Errorf("%d peers and %d addresses are remembered", len(o.peers), len(o.addrs))
	}
}
