package tracker

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"net"
	"net/netip"
	"time"

	"wtptui/localserve/places"
)

// Actions and lengths of BEP 15.
const (
	udpMagic = 0x41727101980

	udpConnect  = 0
	udpAnnounce = 1
	udpScrape   = 2
	udpError    = 3

	udpHeader       = 16
	udpAnnounceSize = 98
	udpPacket       = 64 << 10 // the longest of all
)

// udpEvents are BEP 15's numbers.
var udpEvents = [...]event{update, completed, started, stopped}

// connectionIDs prove that somebody at an address can be answered there. They are kept nowhere: a secret makes them.
type connectionIDs [32]byte

func newConnectionIDs() (secret connectionIDs) {
	_, _ = rand.Read(secret[:]) // It never fails.
	return secret
}

// of returns that of an address. It holds for the minute and the next two.
func (secret *connectionIDs) of(from netip.Addr, minute int64) uint64 {
	mac := hmac.New(sha256.New, secret[:])
	a := from.As16()
	mac.Write(a[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(minute)))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

func (secret *connectionIDs) has(id uint64, from netip.Addr, now time.Time) bool {
	minute := now.Unix() / 60
	for back := range int64(3) {
		if id == secret.of(from, minute-back) {
			return true
		}
	}
	return false
}

// ServeUDP answers announces and scrapes (BEP 15) that come in on conn until Close, and then returns nil.
func (t *Tracker) ServeUDP(conn net.PacketConn) error {
	t.mu.Lock()
	t.packets = append(t.packets, conn)
	closed := t.closed
	t.mu.Unlock()
	if closed {
		return conn.Close()
	}
	return udpServer{t, &t.ids}.serve(newDatagrams(conn))
}

// udpServer is the tracker as UDP's clients have it.
type udpServer struct {
	tracker *Tracker
	ids     *connectionIDs
}

func (u udpServer) serve(d *datagrams) error {
	in, out := make([]byte, udpPacket), make([]byte, 0, udpPacket)
	for {
		n, from, at, err := d.read(in)
		if err == nil {
			if out = u.answer(out[:0], in[:n], from, at, time.Now()); len(out) > 0 {
				_ = d.write(out, from, at) // It is as if it were lost on the way.
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return u.tracker.unlessClosed(err)
		}
		// A socket that can be read from again may say so of a packet that was too long, or of an answer that did not arrive.
		u.tracker.cfg.Log.Debug("tracker: read a packet", "err", err)
		select {
		case <-time.After(errorPause):
		case <-u.tracker.ctx.Done():
		}
	}
}

// errorPause is how long a UDP socket rests after an error.
const errorPause = 10 * time.Millisecond

// answer appends the answer to a packet, which is nothing for what is none of BEP 15. An answer to somebody who has
// not shown that it reaches them is no longer than what it answers.
func (u udpServer) answer(out, in []byte, from netip.AddrPort, at netip.Addr, now time.Time) []byte {
	addr := from.Addr().WithZone("")
	if len(in) < udpHeader || !isHost(addr) || from.Port() == 0 {
		return out
	}
	id, action := binary.BigEndian.Uint64(in), binary.BigEndian.Uint32(in[8:])
	transaction := in[12:16]
	if action == udpConnect {
		if id != udpMagic {
			return out
		}
		out = append(binary.BigEndian.AppendUint32(out, udpConnect), transaction...)
		return binary.BigEndian.AppendUint64(out, u.ids.of(addr, now.Unix()/60))
	}
	if !u.ids.has(id, addr, now) {
		return udpRefusal(out, transaction, "expired")
	}
	// Until here anybody could have sent it, in anybody's name.
	if !u.tracker.throttle.allow(places.Network(addr), 1, now) {
		return out
	}
	switch {
	case action == udpAnnounce && len(in) >= udpAnnounceSize:
		return u.announce(out, in, addr, at, now)
	case action == udpScrape:
		return u.scrape(out, in)
	}
	u.tracker.refused.Add(1)
	return udpRefusal(out, transaction, "no announce or scrape of BEP 15")
}

func udpRefusal(out, transaction []byte, why string) []byte {
	out = append(binary.BigEndian.AppendUint32(out, udpError), transaction...)
	return append(out, why...)
}

func (u udpServer) announce(out, in []byte, addr, at netip.Addr, now time.Time) []byte {
	a := announce{infohash: [20]byte(in[16:36]), at: at, want: int(int32(binary.BigEndian.Uint32(in[92:])))}
	port := binary.BigEndian.Uint16(in[96:])
	if n := binary.BigEndian.Uint32(in[80:]); n < uint32(len(udpEvents)) {
		a.event = udpEvents[n]
	}
	transaction := in[12:16]
	if port == 0 && a.event != stopped {
		u.tracker.refused.Add(1)
		return udpRefusal(out, transaction, "port is 0")
	}
	if !u.tracker.serves(a.infohash, false) {
		return udpRefusal(out, transaction, notServed)
	}
	if a.want < 0 {
		a.want = wantDefault
	}
	a.want = min(a.want, wantMostUDP)
	peerID := [20]byte(in[36:56])
	seed := hasAll(peerID, binary.BigEndian.Uint64(in[64:]), binary.BigEndian.Uint64(in[56:]))
	a.peer = peer{at: netip.AddrPortFrom(addr, port), id: peerID, seed: seed, seen: now}
	ans := u.tracker.announce(a, addr.Is4(), addr.Is6())
	out = append(binary.BigEndian.AppendUint32(out, udpAnnounce), transaction...)
	out = binary.BigEndian.AppendUint32(out, uint32(interval/time.Second))
	out = binary.BigEndian.AppendUint32(out, count(ans.leechers))
	out = binary.BigEndian.AppendUint32(out, count(ans.seeds))
	return append(out, compact(append(ans.peers4, ans.peers6...))...)
}

func (u udpServer) scrape(out, in []byte) []byte {
	out = append(binary.BigEndian.AppendUint32(out, udpScrape), in[12:16]...)
	hashes := in[udpHeader:]
	for range min(len(hashes)/20, maxScraped) {
		n, _ := u.tracker.scrape([20]byte(hashes), false)
		out = binary.BigEndian.AppendUint32(out, count(n.Complete))
		out = binary.BigEndian.AppendUint32(out, count(n.Downloaded))
		out = binary.BigEndian.AppendUint32(out, count(n.Incomplete))
		hashes = hashes[20:]
	}
	u.tracker.announces.Add(1)
	return out
}

func count(n int) uint32 { return uint32(min(max(n, 0), math.MaxInt32)) }
