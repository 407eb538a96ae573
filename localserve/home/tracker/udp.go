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

	"wtptui/localserve/limits"
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

// connectionIDs generates the connection ids of BEP 15, which prove that a client receives packets at its address.
// They are not stored but derived from a secret.
type connectionIDs [32]byte

func newConnectionIDs() (secret connectionIDs) {
	_, _ = rand.Read(secret[:]) // It never fails.
	return secret
}

// generate returns the connection id of an address for a minute. It is valid in that minute and the next two.
func (secret *connectionIDs) generate(from netip.Addr, minute int64) uint64 {
	mac := hmac.New(sha256.New, secret[:])
	a := from.As16()
	mac.Write(a[:])
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(minute)))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

func (secret *connectionIDs) isValid(id uint64, from netip.Addr, now time.Time) bool {
	minute := now.Unix() / 60
	for back := range int64(3) {
		if id == secret.generate(from, minute-back) {
			return true
		}
	}
	return false
}

// ServeUDP serves announces and scrapes (BEP 15) that come in on conn until Close is called, and then returns nil.
func (t *Tracker) ServeUDP(conn net.PacketConn) error {
	t.mu.Lock()
	t.packetConns = append(t.packetConns, conn)
	closed := t.closed
	t.mu.Unlock()
	if closed {
		return conn.Close()
	}
	return udpServer{t, &t.ids}.serve(newUDPConn(conn))
}

// udpServer serves the UDP clients of a tracker.
type udpServer struct {
	tracker *Tracker
	ids     *connectionIDs
}

func (u udpServer) serve(d *udpConn) error {
	in, out := make([]byte, udpPacket), make([]byte, 0, udpPacket)
	for {
		n, from, at, err := d.read(in)
		if err == nil {
			if out = u.respond(out[:0], in[:n], from, at, time.Now()); len(out) > 0 {
				_ = d.write(out, from, at) // An error is like a lost packet.
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return u.tracker.ignoreClosed(err)
		}
		// The error may be about a packet that was too long, or about a response that could not be delivered; the
		// socket still works.
		u.tracker.cfg.Log.Debug("tracker: read a packet", "err", err)
		select {
		case <-time.After(errorPause):
		case <-u.tracker.ctx.Done():
		}
	}
}

// errorPause is how long to wait after an error of a UDP socket.
const errorPause = 10 * time.Millisecond

// respond appends the response to a packet; nothing for a packet that is not of BEP 15. Until a client has proved its
// address, the response is not longer than the request.
func (u udpServer) respond(out, in []byte, from netip.AddrPort, at netip.Addr, now time.Time) []byte {
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
		return binary.BigEndian.AppendUint64(out, u.ids.generate(addr, now.Unix()/60))
	}
	if !u.ids.isValid(id, addr, now) {
		return udpRefusal(out, transaction, "expired")
	}
	// Up to here, the sender's address may have been forged.
	if !u.tracker.throttle.allow(limits.Network(addr), 1, now) {
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
	a := announce{infohash: [20]byte(in[16:36]), localAddr: at, numWant: int(int32(binary.BigEndian.Uint32(in[92:])))}
	port := binary.BigEndian.Uint16(in[96:])
	if n := binary.BigEndian.Uint32(in[80:]); n < uint32(len(udpEvents)) {
		a.event = udpEvents[n]
	}
	transaction := in[12:16]
	if port == 0 && a.event != stopped {
		u.tracker.refused.Add(1)
		return udpRefusal(out, transaction, "port is 0")
	}
	if !u.tracker.isServed(a.infohash, false) {
		return udpRefusal(out, transaction, notServed)
	}
	if a.numWant < 0 {
		a.numWant = wantDefault
	}
	a.numWant = min(a.numWant, wantMostUDP)
	peerID := [20]byte(in[36:56])
	seed := isSeed(peerID, binary.BigEndian.Uint64(in[64:]), binary.BigEndian.Uint64(in[56:]))
	a.peer = peer{addr: netip.AddrPortFrom(addr, port), id: peerID, seed: seed, seen: now}
	ans := u.tracker.announce(a, addr.Is4(), addr.Is6())
	out = append(binary.BigEndian.AppendUint32(out, udpAnnounce), transaction...)
	out = binary.BigEndian.AppendUint32(out, uint32(interval/time.Second))
	out = binary.BigEndian.AppendUint32(out, clampCount(ans.leechers))
	out = binary.BigEndian.AppendUint32(out, clampCount(ans.seeds))
	return append(out, compact(append(ans.peers4, ans.peers6...))...)
}

func (u udpServer) scrape(out, in []byte) []byte {
	out = append(binary.BigEndian.AppendUint32(out, udpScrape), in[12:16]...)
	hashes := in[udpHeader:]
	for range min(len(hashes)/20, maxScraped) {
		n, _ := u.tracker.scrape([20]byte(hashes), false)
		out = binary.BigEndian.AppendUint32(out, clampCount(n.Complete))
		out = binary.BigEndian.AppendUint32(out, clampCount(n.Downloaded))
		out = binary.BigEndian.AppendUint32(out, clampCount(n.Incomplete))
		hashes = hashes[20:]
	}
	u.tracker.announces.Add(1)
	return out
}

func clampCount(n int) uint32 { return uint32(min(max(n, 0), math.MaxInt32)) }
