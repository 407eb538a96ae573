package swarm

import (
	"encoding/binary"
	"hash/maphash"
	"net"
	"net/netip"
	"time"
)

// The uTP library (BEP 29) allocates almost 2 KB for each SYN that it accepts, and holds them for two minutes even when
// the connection is refused at once. Sources of UDP packets can be forged, so SYNs are limited before the library reads
// them: within two minutes at most 4,224 pass a socket, which is 8 MB.
var (
	// firstSYNs limits SYNs in normal times, which pass without delay.
	firstSYNs           = tokenRate{burst: 256, every: time.Second / 16}
	firstSYNsPerNetwork = tokenRate{burst: 128, every: time.Second / 4}
	// repeatedSYNs limits those that pass during a flood, of each kind; see synTokens. Nothing else uses up these tokens.
	repeatedSYNs           = tokenRate{burst: 64, every: time.Second / 8}
	repeatedSYNsPerNetwork = tokenRate{burst: 32, every: time.Second / 4}
)

const (
	// floodDebt is how long no SYNs must arrive until a flood counts as over.
	floodDebt = 2 * time.Second
	// A SYN is repeated when the one before it came at least minRepeat ago, since clients wait for a second or more, and
	// no more than maxRepeat, because of how much can be remembered.
	minRepeat = 500 * time.Millisecond
	maxRepeat = 10 * time.Second

	synNetworks = 1 << 12 // 24 bytes each
	synSets     = 1 << 16 // 16 bytes each
)

// synFilter is a UDP socket that drops uTP SYNs over the limits; other packets pass.
//
// A flood is when more SYNs arrive than firstSYNs allows, in all or from one network (a /24, or a /64 of IPv6). During
// a flood a SYN passes only when its peer has sent one a few seconds ago: peers try again, while forged sources are
// different each time. A SYN that arrives while no further handshake may begin is dropped too: its peer tries again in
// a few seconds, while one that is refused would give up.
//
// Its memory is fixed, 1.1 MB. Networks whose hashes collide share their tokens, and of SYNs whose hashes collide the
// last four are remembered. The hashes are seeded, so nobody can choose what collides.
//
// ReadFrom must not be called concurrently.
type synFilter struct {
	net.PacketConn
	now func() time.Time
	// mayBegin reports whether one more handshake may begin from a network.
	mayBegin func(network netip.Prefix) bool

	begin    time.Time // all times below are since then
	seed     maphash.Seed
	all      synTokens
	networks []synTokens
	seen     []synSet
}

// synTokens are the tokens of one network or of all. There are two kinds of repeated SYNs, so that a flood that happens
// to repeat the ones leaves the tokens of the others to peers.
type synTokens struct {
	first tokenBucket
	// sameSYN is for a SYN of the same address, port and connection id: a retransmission.
	sameSYN tokenBucket
	// samePort is for a SYN of the same address and port: libtorrent retransmits none, but tries again with another
	// connection id. A source that goes on sending SYNs all the time leaves no pause of minRepeat between them.
	samePort tokenBucket
}

// synSet holds the last SYNs of those whose hashes have the same low bits, the latest first.
type synSet [4]seenSYN

type seenSYN struct {
	hash uint16 // its high bits
	at   uint16 // in tenths of a second; wraps around after almost two hours
}

func newSYNFilter(c net.PacketConn, now func() time.Time, mayBegin func(network netip.Prefix) bool) *synFilter {
	return &synFilter{
		PacketConn: c, now: now, mayBegin: mayBegin, begin: now(), seed: maphash.MakeSeed(),
		networks: make([]synTokens, synNetworks), seen: make([]synSet, synSets),
	}
}

// ReadFrom implements net.PacketConn.
func (f *synFilter) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := f.PacketConn.ReadFrom(b)
		if err != nil || !isSYN(b[:n]) {
			return n, from, err
		}
		if udp, ok := from.(*net.UDPAddr); !ok || f.admit(udp.AddrPort(), binary.BigEndian.Uint16(b[2:])) {
			return n, from, nil
		}
	}
}

// isSYN reports whether the library takes a packet for a SYN: type 4, version 1. No DHT message begins like this.
func isSYN(packet []byte) bool { return len(packet) >= 20 && packet[0] == 4<<4|1 }

// admit reports whether a SYN passes.
func (f *synFilter) admit(from netip.AddrPort, connID uint16) bool {
	now := f.now().Sub(f.begin)
	origin := networkOf(from.Addr().Unmap())
	prefix := origin.Addr().As16()
	network := &f.networks[maphash.Bytes(f.seed, prefix[:])%synNetworks]
	sameSYN, samePort := f.remember(from, connID, now)
	// SYNs over the limit of their network do not count in all: one network does not make a flood for all others.
	flood := !network.first.takeOrOwe(now, firstSYNsPerNetwork) || !f.all.first.takeOrOwe(now, firstSYNs)
	switch {
	case flood && !sameSYN && !samePort || !f.mayBegin(origin):
		return false
	case !flood:
		return true
	}
	return sameSYN && takeBoth(&network.sameSYN, &f.all.sameSYN, now) ||
		samePort && takeBoth(&network.samePort, &f.all.samePort, now)
}

func takeBoth(network, all *tokenBucket, now time.Duration) bool {
	return network.take(now, repeatedSYNsPerNetwork) && all.take(now, repeatedSYNs)
}

// remember notes a SYN, and reports whether it repeats an earlier one, and whether it repeats one except for the
// connection id.
func (f *synFilter) remember(from netip.AddrPort, connID uint16, now time.Duration) (sameSYN, samePort bool) {
	var key [20]byte
	address := from.Addr().As16() // which maps IPv4
	copy(key[:], address[:])
	binary.BigEndian.PutUint16(key[16:], from.Port())
	binary.BigEndian.PutUint16(key[18:], connID)
	return f.repeats(key[:], now), f.repeats(key[:18], now)
}

func (f *synFilter) repeats(key []byte, now time.Duration) bool {
	hash := maphash.Bytes(f.seed, key)
	return f.seen[hash%synSets].repeats(uint16(hash>>48), now)
}

// repeats notes a SYN, and reports whether it repeats an earlier one.
func (s *synSet) repeats(hash uint16, now time.Duration) bool {
	const tick = 100 * time.Millisecond
	at := uint16(now / tick)
	i := 0
	for i < len(s)-1 && s[i].hash != hash {
		i++
	}
	age := at - s[i].at // wraps around like its terms
	found := s[i].hash == hash && age >= uint16(minRepeat/tick) && age <= uint16(maxRepeat/tick)
	copy(s[1:i+1], s[:i])
	s[0] = seenSYN{hash, at}
	return found
}

// tokenRate is how many tokens a full bucket has, and how often it gets another one.
type tokenRate struct {
	burst int
	every time.Duration
}

// tokenBucket is a token bucket, stored as the time at which it will be full. All calls must pass the same rate.
type tokenBucket time.Duration

// take removes a token. It returns false if there is none.
func (b *tokenBucket) take(now time.Duration, r tokenRate) bool {
	full, empty := max(time.Duration(*b), now)+r.every, now+time.Duration(r.burst)*r.every
	if full > empty {
		return false
	}
	*b = tokenBucket(full)
	return true
}

// takeOrOwe removes a token. If there is none, it returns false and adds a debt of up to floodDebt, so that no token
// is available while more than the rate is requested.
func (b *tokenBucket) takeOrOwe(now time.Duration, r tokenRate) bool {
	full, empty := max(time.Duration(*b), now)+r.every, now+time.Duration(r.burst)*r.every
	*b = tokenBucket(min(full, empty+floodDebt))
	return full <= empty
}
