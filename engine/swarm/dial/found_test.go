package dial

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
	"unsafe"
)

func count(b *Book) map[Origin]int {
	n := map[Origin]int{}
	for _, a := range b.all {
		n[a.origin]++
	}
	return n
}

func TestBookBounds(t *testing.T) {
	namer := func(n int) netip.Addr { return at(1_000_000 + n).Addr() }
	v6 := func(n byte) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 7: 1, 15: n}) }
	for name, c := range map[string]struct {
		do   func(b *Book)
		want map[Origin]int
	}{
		"trackers": {
			func(b *Book) { b.Add(Tracker, addresses(0, 3000), epoch) },
			map[Origin]int{Tracker: maxAddresses},
		},
		"one peer": {
			func(b *Book) {
				b.AddFromPeer(namer(1), addresses(0, 3000), epoch)
				b.AddFromPeer(namer(1), addresses(5000, 100), epoch)
			},
			map[Origin]int{PEX: maxPerSource},
		},
		"one peer with many addresses": {
			func(b *Book) {
				for i := range 50 {
					b.AddFromPeer(v6(byte(i)), addresses(200*i, 200), epoch)
				}
			},
			map[Origin]int{PEX: maxPerSource},
		},
		"many peers": {
			func(b *Book) {
				for i := range 50 {
					b.AddFromPeer(namer(i), addresses(200*i, 200), epoch)
				}
			},
			map[Origin]int{PEX: maxHearsay},
		},
		"better ones displace others": {
			func(b *Book) {
				b.Add(DHT, addresses(0, 3000), epoch)
				b.AddFromPeer(namer(1), addresses(10_000, 200), epoch)
				b.Add(Tracker, addresses(20_000, 300), epoch)
				b.Add(LSD, addresses(30_000, 300), epoch)
				b.Add(Given, addresses(40_000, 300), epoch)
				b.Add(DHT, addresses(50_000, 1000), epoch)
			},
			map[Origin]int{Given: 300, LSD: 300, Tracker: 300, DHT: 100},
		},
		"those in use stay": {
			func(b *Book) {
				b.Add(DHT, addresses(0, 1000), epoch)
				b.Next(epoch, 700)
				b.Add(Given, addresses(10_000, 1000), epoch)
			},
			map[Origin]int{DHT: 700, Given: 300},
		},
		"those that were of use stay": {
			func(b *Book) {
				b.Add(DHT, addresses(0, 1000), epoch)
				for _, a := range b.Next(epoch, 700) {
					b.SetConnected(a)
					b.SetDisconnected(a, epoch, true)
				}
				b.Add(Tracker, addresses(10_000, 1000), epoch)
			},
			map[Origin]int{DHT: 700, Tracker: 300},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBook(nil, 1)
			c.do(b)
			got := count(b)
			for o := Given; o <= Holepunch; o++ {
				if got[o] != c.want[o] {
					t.Errorf("%d of %v, want %d", got[o], o, c.want[o])
				}
			}
		})
	}
}

// A peer that names many addresses does not displace those of peers that name few.
func TestBookSharesAmongNamers(t *testing.T) {
	b := NewBook(nil, 1)
	honest, liars := at(1_000_000).Addr(), addresses(2_000_000, 5)
	flood := func(first int) {
		for i, l := range liars {
			b.AddFromPeer(l.Addr(), addresses(first+200*i, 200), epoch)
		}
	}
	flood(0)
	b.AddFromPeer(honest, addresses(100_000, 60), epoch)
	flood(10_000)
	if kept := keptOf(b, honest); kept != 60 || b.Len() != maxHearsay {
		t.Errorf("%d of 60 addresses of the honest one are kept, %d in all", kept, b.Len())
	}
	// So it is in a book that is full of others.
	b.Add(Tracker, addresses(200_000, 900), epoch)
	flood(20_000)
	if kept := keptOf(b, honest); kept < 15 || b.Len() != maxAddresses || count(b)[Tracker] != 900 {
		t.Errorf("%d addresses of the honest one are kept, %d in all", kept, b.Len())
	}
}

func keptOf(b *Book, namer netip.Addr) (kept int) {
	for _, a := range b.all {
		if a.source == sourceKey(namer) {
			kept++
		}
	}
	return kept
}

// 10,000 addresses from peers neither delay other addresses nor cost much time.
func TestBookUnderPEX(t *testing.T) {
	b := NewBook(nil, 1)
	good := addresses(100_000, 3)
	b.Add(Tracker, good[:1], epoch)
	for i := range 50 {
		b.AddFromPeer(at(1_000_000+i).Addr(), addresses(200*i, 200), epoch)
	}
	b.Add(DHT, good[1:2], epoch)
	calls := b.Next(epoch, 50)
	if len(calls) != 2+maxDialingHearsay || calls[0] != good[0] || calls[1] != good[1] {
		t.Errorf("it calls %v", calls)
	}
	if !b.NextTime().IsZero() || b.Next(epoch.Add(time.Hour), 10) != nil {
		t.Error("more addresses of PEX are called than may be")
	}
	b.Add(Given, good[2:], epoch)
	if got := b.Next(epoch, 50); len(got) != 1 || got[0] != good[2] {
		t.Errorf("while those of PEX are called, it calls %v", got)
	}
	b.SetFailed(calls[5], errRefused, epoch)
	if got := b.Next(epoch, 50); len(got) != 1 || b.OriginOf(got[0]) != PEX {
		t.Errorf("when one of PEX has failed, it calls %v", got)
	}
	if size := cap(b.all) * int(unsafe.Sizeof(address{})); size > 100_000 {
		t.Errorf("%d bytes", size)
	}
	if size := maxAddresses * int(unsafe.Sizeof(address{})); size > 100_000 {
		t.Errorf("a full book takes %d bytes", size)
	}
}

func TestEmptyBookCostsNothing(t *testing.T) {
	b := NewBook(nil, 1)
	if n := testing.AllocsPerRun(10, func() { b.Next(epoch, 10); b.NextTime(); b.Len() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzBook applies random events in any order.
func FuzzBook(f *testing.F) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 1))
		events := make([]byte, 1000)
		for i := range events {
			events[i] = byte(rng.Uint32())
		}
		f.Add(events)
	}
	f.Fuzz(func(t *testing.T, events []byte) {
		events = events[:min(len(events), 3000)]
		own := func(a netip.AddrPort) bool { return a == at(7) }
		m := model{t: t, book: NewBook(own, 1), now: epoch, busy: map[netip.AddrPort]state{}}
		for i := 0; len(events) >= 3; i++ {
			m.do(events[0], int(events[1])<<8|int(events[2]))
			events = events[3:]
			if i%16 == 0 || len(events) < 3 {
				m.check()
			}
		}
	})
}

// model tracks which addresses are in use.
type model struct {
	t    *testing.T
	book *Book
	now  time.Time
	busy map[netip.AddrPort]state
}

func (m *model) do(event byte, n int) {
	addr, b := at(n%2000), m.book
	switch event % 9 {
	case 0, 1:
		b.Add(Origin(event/9%7), addresses(n%2000, n>>8), m.now)
	case 2:
		b.AddFromPeer(at(n%5).Addr(), addresses(n%2000, n>>8), m.now)
	case 3:
		called := b.Next(m.now, n%64)
		if len(called) > n%64 {
			m.t.Fatalf("%d addresses, %d are wanted", len(called), n%64)
		}
		for _, a := range called {
			if m.busy[a] != waiting || a == at(7) {
				m.t.Fatalf("%v is called, its state is %v", a, m.busy[a])
			}
			m.busy[a] = dialing
		}
	case 4, 5:
		addr = m.any(dialing, addr)
		if event%9 == 4 {
			b.SetFailed(addr, errRefused, m.now)
			if m.busy[addr] == dialing {
				delete(m.busy, addr)
			}
			return
		}
		known := b.find(addr) != nil
		b.SetConnected(addr)
		if known {
			m.busy[addr] = connected
		}
	case 6:
		addr = m.any(connected, addr)
		b.SetDisconnected(addr, m.now, n&1 == 1)
		if m.busy[addr] == connected {
			delete(m.busy, addr)
		}
	case 7:
		b.Ban(addr, m.now.Add(time.Duration(n)*time.Second))
	case 8:
		m.now = m.now.Add(time.Duration(n) * time.Millisecond)
	}
}

// any returns an address in a state, or the given one if there is none.
func (m *model) any(s state, addr netip.AddrPort) netip.AddrPort {
	least := addr
	for a, is := range m.busy {
		if is == s && (m.busy[least] != s || a.Compare(least) < 0) {
			least = a
		}
	}
	return least
}

func (m *model) check() {
	b := m.book
	seen := map[netip.AddrPort]bool{}
	namers := map[uint64]int{}
	for _, a := range b.all {
		if seen[a.addr] {
			m.t.Fatalf("%v is there twice", a.addr)
		}
		seen[a.addr] = true
		if a.state != m.busy[a.addr] {
			m.t.Fatalf("the state of %v is %v, want %v", a.addr, a.state, m.busy[a.addr])
		}
		if a.origin.isHearsay() {
			namers[a.source]++
		}
		if a.state == waiting && b.bans.has(a.addr, m.now) {
			m.t.Fatalf("%v is banned and waits", a.addr)
		}
	}
	for a := range m.busy {
		if !seen[a] {
			m.t.Fatalf("%v is in use, and forgotten", a)
		}
	}
	sum := 0
	for _, n := range namers {
		sum += n
		if n > maxPerSource {
			m.t.Fatalf("%d addresses of one namer", n)
		}
	}
	if b.Len() > maxAddresses || sum > maxHearsay || len(b.bans) > maxBans {
		m.t.Fatalf("%d addresses, %d of PEX, %d bans", b.Len(), sum, len(b.bans))
	}
	if when := b.NextTime(); !when.IsZero() {
		trial := *b
		trial.isNextDueValid = false
		trial.all = append([]address(nil), b.all...)
		if len(trial.Next(when, 1)) != 1 {
			m.t.Fatalf("Next has nothing at %v, when it should", when)
		}
	}
}
