package dial

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"wtptui/engine/swarm/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	epoch      = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	errRefused = errors.New("refused")
)

// at returns the address of a peer on host n.
func at(n int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 6881)
}

// addresses returns the addresses of n peers, from the host "first" on.
func addresses(first, n int) []netip.AddrPort {
	addrs := make([]netip.AddrPort, n)
	for i := range addrs {
		addrs[i] = at(first + i)
	}
	return addrs
}

func origins(b *Book, addrs []netip.AddrPort) []Origin {
	all := make([]Origin, len(addrs))
	for i, a := range addrs {
		all[i] = b.OriginOf(a)
	}
	return all
}

func TestOriginNames(t *testing.T) {
	var names []string
	for _, o := range []Origin{Given, Tracker, DHT, PEX, LSD, Incoming, Holepunch} {
		names = append(names, o.String())
	}
	want := []string{"given", "tracker", "dht", "pex", "lsd", "incoming", "pex"}
	if d := cmp.Diff(want, names); d != "" {
		t.Error(d)
	}
}

func TestBookOrder(t *testing.T) {
	b := NewBook(nil, 1)
	if b.Len() != 0 || !b.NextTime().IsZero() || b.Next(epoch, 10) != nil || b.OriginOf(at(1)) != Incoming {
		t.Error("an empty book is not empty")
	}
	for i, o := range []Origin{PEX, Holepunch, Incoming, DHT, Tracker, LSD, Given} {
		b.Add(o, addresses(10*i, 2), epoch)
	}
	if got := b.NextTime(); !got.Equal(epoch) {
		t.Errorf("When() = %v", got)
	}
	want := []Origin{
		Holepunch, Holepunch, Given, Given, LSD, LSD, Tracker, Tracker, DHT, DHT, Incoming, Incoming, PEX, PEX,
	}
	first := b.Next(epoch, 5)
	rest := b.Next(epoch, 100)
	if d := cmp.Diff(want, origins(b, slices.Concat(first, rest))); d != "" {
		t.Error(d)
	}
	if !b.NextTime().IsZero() || b.Next(epoch.Add(time.Hour), 10) != nil {
		t.Error("addresses that are being called are to be called once more")
	}
	// One that was of use goes before those that were never tried, and they before one that has failed.
	b.SetConnected(at(0))
	b.SetDisconnected(at(0), epoch, true)
	b.SetFailed(at(60), errRefused, epoch)
	b.Add(Tracker, []netip.AddrPort{at(100)}, epoch)
	if d := cmp.Diff([]netip.AddrPort{at(0), at(100), at(60)}, b.Next(epoch.Add(time.Hour), 10), byText); d != "" {
		t.Error(d)
	}
}

var byText = cmp.Transformer("text", netip.AddrPort.String)

func TestBookOrdersEqualsAtRandom(t *testing.T) {
	order := func(seed uint64) []netip.AddrPort {
		b := NewBook(nil, seed)
		b.Add(Tracker, addresses(0, 50), epoch)
		return b.Next(epoch, 50)
	}
	one := order(1)
	if !slices.Equal(one, order(1)) {
		t.Error("the same seed gives another order")
	}
	if slices.Equal(one, order(2)) || slices.Equal(one, addresses(0, 50)) {
		t.Error("the order is not random")
	}
}

func TestBookIgnoresAddresses(t *testing.T) {
	b := NewBook(func(a netip.AddrPort) bool { return a == at(1) }, 1)
	b.Add(Given, []netip.AddrPort{
		at(1),
		netip.MustParseAddrPort("10.0.0.2:0"),
		{},
		netip.MustParseAddrPort("0.0.0.0:1"),
		netip.MustParseAddrPort("[::]:1"),
		netip.MustParseAddrPort("224.0.0.1:1"),
		netip.MustParseAddrPort("[ff02::1]:1"),
		netip.MustParseAddrPort("10.0.0.3:1"),
		netip.MustParseAddrPort("[::ffff:10.0.0.3]:1"), // the same one
		netip.MustParseAddrPort("10.0.0.3:2"),
	}, epoch)
	got := b.Next(epoch, 10)
	slices.SortFunc(got, netip.AddrPort.Compare)
	if want := "[10.0.0.3:1 10.0.0.3:2]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	b.SetConnected(netip.MustParseAddrPort("[::ffff:10.0.0.3]:1"))
	b.SetDisconnected(netip.MustParseAddrPort("10.0.0.3:1"), epoch, true)
	if b.NextTime().IsZero() {
		t.Error("an address does not count as what it is when it is mapped to IPv6")
	}
}

// dialUntilForgotten reports failed dials of the address whenever it may be dialed, and returns how long it waited
// before each until it was forgotten.
func dialUntilForgotten(t *testing.T, b *Book, err error, most int) []time.Duration {
	t.Helper()
	var waits []time.Duration
	now := epoch
	for range most {
		when := b.NextTime()
		if when.IsZero() {
			break
		}
		waits = append(waits, when.Sub(now))
		if early := b.Next(when.Add(-1), 1); early != nil {
			t.Fatalf("%v is called before its time", early)
		}
		now = when
		called := b.Next(now, 1)
		if len(called) != 1 {
			t.Fatalf("When() says %v, and Next has nothing then", now)
		}
		now = now.Add(time.Second)
		b.SetFailed(called[0], err, now)
	}
	return waits
}

func milliseconds(ms ...int) []time.Duration {
	all := make([]time.Duration, len(ms))
	for i, m := range ms {
		all[i] = time.Duration(m) * time.Millisecond
	}
	return all
}

func TestBookBackoff(t *testing.T) {
	long := milliseconds(0, 300, 600, 1200, 2400, 4800, 9600, 19200, 38400)
	minutes := func(n int) []time.Duration { return slices.Repeat([]time.Duration{time.Minute}, n) }
	again := slices.Concat(milliseconds(0), slices.Repeat(milliseconds(-1000), 39))
	offline := fmt.Errorf("TCP: %w", syscall.ENETUNREACH)
	for name, c := range map[string]struct {
		origin Origin
		err    error
		want   []time.Duration
		kept   bool
	}{
		"given":             {Given, errRefused, slices.Concat(long, minutes(31)), true},
		"tracker":           {Tracker, errRefused, slices.Concat(long, minutes(11)), false},
		"dht":               {DHT, errRefused, slices.Concat(long, minutes(11)), false},
		"lsd":               {LSD, errRefused, slices.Concat(long, minutes(11)), false},
		"pex":               {PEX, errRefused, milliseconds(0, 300, 600, 1200, 2400), false},
		"offline":           {Tracker, offline, slices.Concat(long, minutes(31)), true},
		"ourselves":         {Given, newDialError(at(1), wire.ErrSelf), milliseconds(0), false},
		"given up":          {Tracker, context.Canceled, again, true},
		"given up in words": {Tracker, newDialError(at(1), failures{context.Canceled}), again, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBook(nil, 1)
			b.Add(c.origin, []netip.AddrPort{at(1)}, epoch)
			if d := cmp.Diff(c.want, dialUntilForgotten(t, b, c.err, 40)); d != "" {
				t.Error(d)
			}
			if got := b.Len() == 1; got != c.kept {
				t.Errorf("kept: %v, want %v", got, c.kept)
			}
		})
	}
}

// failRepeatedly reports n failed dials of an address in a row, each at the earliest time, and returns the time of the
// last one.
func failRepeatedly(t *testing.T, b *Book, addr netip.AddrPort, n int) (now time.Time) {
	t.Helper()
	for range n {
		now = b.NextTime()
		if got := b.Next(now, 1); len(got) != 1 || got[0] != addr {
			t.Fatalf("%v is called in the place of %v", got, addr)
		}
		b.SetFailed(addr, errRefused, now)
	}
	return now
}

func TestBookAddressNamedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		failures int
		again    Origin
		later    time.Duration
		atOnce   bool
		origin   Origin
	}{
		"by the person":                   {2, Given, 0, true, Given},
		"it has called itself":            {2, Incoming, 0, true, DHT},
		"by a tracker, in one answer":     {2, Tracker, 0, false, Tracker},
		"by a tracker, in the next one":   {8, Tracker, 0, true, Tracker},
		"by the DHT":                      {8, DHT, 0, true, DHT},
		"by a peer, who may say so often": {8, PEX, 0, false, DHT},
		"for a call at once":              {8, Holepunch, minPunchDelay, true, DHT},
		"for calls on and on":             {5, Holepunch, 0, false, DHT},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBook(nil, 1)
			b.Add(DHT, []netip.AddrPort{at(1)}, epoch)
			now := failRepeatedly(t, b, at(1), c.failures).Add(c.later)
			b.Add(c.again, []netip.AddrPort{at(1)}, now)
			if got := len(b.Next(now, 1)) == 1; got != c.atOnce {
				t.Errorf("called at once: %v, want %v", got, c.atOnce)
			}
			if got := b.OriginOf(at(1)); got != c.origin {
				t.Errorf("its origin is %v, want %v", got, c.origin)
			}
			if !c.atOnce {
				b.Next(b.NextTime(), 1)
			}
			b.Add(Given, []netip.AddrPort{at(1)}, now)
			if b.Next(now.Add(time.Hour), 1) != nil {
				t.Error("it is called twice at the same time")
			}
		})
	}
}

// Addresses that fail while there are connections can wait, but not when those have ended.
func TestBookRetriesSoonerWithoutConnections(t *testing.T) {
	b := NewBook(nil, 1)
	b.Add(Tracker, addresses(1, 2), epoch)
	b.Next(epoch, 2)
	b.SetConnected(at(1))
	b.SetFailed(at(2), errRefused, epoch)
	if got := b.NextTime().Sub(epoch); got != time.Minute {
		t.Errorf("with a connection it waits %v", got)
	}
	b.SetDisconnected(at(1), epoch, true)
	if got := b.Next(epoch.Add(retryFirst), 2); len(got) != 2 || got[0] != at(1) {
		t.Errorf("alone it calls %v after %v", got, retryFirst)
	}
}

// A peer that accepts connections and closes each is not dialed more often than one that does not answer.
func TestBookBackoffOfPeersThatHangUp(t *testing.T) {
	waits := func(useful bool) (waits []time.Duration) {
		b := NewBook(nil, 1)
		b.Add(PEX, []netip.AddrPort{at(1)}, epoch)
		now := epoch
		for range 6 {
			when := b.NextTime()
			if when.IsZero() {
				break
			}
			waits = append(waits, when.Sub(now))
			now = when
			b.Next(now, 1)
			b.SetConnected(at(1))
			if !b.NextTime().IsZero() {
				t.Fatal("it is called while there is a connection to it")
			}
			b.SetDisconnected(at(1), now, useful)
		}
		return waits
	}
	if d := cmp.Diff(milliseconds(0, 300, 600, 1200, 2400), waits(false)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(milliseconds(0, 300, 300, 300, 300, 300), waits(true)); d != "" {
		t.Error(d)
	}
}

// A torrent whose peers have all failed dials no more of them at a time when there are many.
func TestBookLimitsDialsAfterManyFailures(t *testing.T) {
	b := NewBook(nil, 1)
	b.Add(Tracker, addresses(1, 400), epoch)
	calls := 0
	for now := epoch; now.Before(epoch.Add(10 * time.Minute)); now = now.Add(100 * time.Millisecond) {
		for _, a := range b.Next(now, 1000) {
			calls++
			b.SetFailed(a, errRefused, now)
		}
	}
	if calls < 1200 || calls > 3200 {
		t.Errorf("400 addresses were called %d times in ten minutes", calls)
	}
}

// An address that always fails is forgotten, even if peers name it again and again.
func TestBookForgetsFailingAddresses(t *testing.T) {
	b := NewBook(nil, 1)
	calls := 0
	for now := epoch; now.Before(epoch.Add(30 * time.Minute)); now = now.Add(time.Second) {
		b.Add(Holepunch, addresses(1, 1), now)
		b.AddFromPeer(at(2).Addr(), addresses(1, 1), now)
		for _, a := range b.Next(now, 1) {
			calls++
			b.SetFailed(a, errRefused, now)
		}
	}
	if calls > 4*maxFailuresOther {
		t.Errorf("%d calls in half an hour", calls)
	}
	b.Add(Tracker, addresses(1, 1), epoch.Add(30*time.Minute))
	if b.OriginOf(at(1)) != Tracker {
		t.Error("a tracker may not name what peers have named")
	}
}

func TestBookBan(t *testing.T) {
	until := epoch.Add(time.Hour)
	for name, ban := range map[string]func(b *Book){
		"unknown": func(b *Book) { b.Ban(at(1), until) },
		"waiting": func(b *Book) {
			b.Add(Tracker, addresses(1, 1), epoch)
			b.Ban(at(1), until)
		},
		"calling": func(b *Book) {
			b.Add(Tracker, addresses(1, 1), epoch)
			b.Next(epoch, 1)
			b.Ban(at(1), until)
			b.SetFailed(at(1), errRefused, epoch)
		},
		"connected": func(b *Book) {
			b.Add(Tracker, addresses(1, 1), epoch)
			b.SetConnected(at(1))
			b.Ban(at(1), until)
			b.SetDisconnected(at(1), epoch, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBook(nil, 1)
			ban(b)
			b.Add(Given, addresses(1, 2), until.Add(-1))
			if got := b.Next(until, 9); len(got) != 1 || got[0] != at(2) {
				t.Errorf("it calls %v", got)
			}
			b.Add(Given, addresses(1, 2), until)
			if got := b.Next(until, 9); len(got) != 1 || got[0] != at(1) {
				t.Errorf("it calls %v after the ban", got)
			}
		})
	}
	b := NewBook(nil, 1)
	for _, a := range addresses(0, 10_000) {
		b.Ban(a, until)
		b.Ban(a, until)
	}
	if len(b.bans) != maxBans {
		t.Errorf("%d bans", len(b.bans))
	}
}
