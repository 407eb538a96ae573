package dial

import (
	"net/netip"
	"slices"
	"time"
)

// bans holds addresses that must not be dialed for some time, oldest first.
type bans []ban

type ban struct {
	addr  netip.AddrPort
	until time.Time
}

// add adds an address. If there are more than most, the oldest is removed.
func (b *bans) add(addr netip.AddrPort, until time.Time, most int) {
	*b = slices.DeleteFunc(*b, func(o ban) bool { return o.addr == addr })
	if len(*b) >= most {
		*b = slices.Delete(*b, 0, 1)
	}
	*b = append(*b, ban{addr, until})
}

func (b bans) has(addr netip.AddrPort, now time.Time) bool {
	return slices.ContainsFunc(b, func(o ban) bool { return o.addr == addr && now.Before(o.until) })
}
