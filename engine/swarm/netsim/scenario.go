package netsim

import (
	"context"
	"math/rand/v2"
	"time"
)

// The links below are what measurements have found to be typical, in bytes a second; Latency is half of the round trip
// to a server nearby. Add the distance with Far.

// Fibre is a home with fibre: 300/300 Mbit/s at 5 ms, with queues that are kept short.
func Fibre() Link {
	return Link{
		Up: mbit(300), Down: mbit(300), Latency: 2500 * time.Microsecond, Jitter: 500 * time.Microsecond,
		Queue: 30 * time.Millisecond,
	}
}

// Cable is a home with cable: 120/18 Mbit/s at 15 ms, the medians of fixed lines in the USA (Ookla, third quarter of
// 2021).
func Cable() Link {
	return Link{
		Up: mbit(18), Down: mbit(120), Latency: 7500 * time.Microsecond, Jitter: 3 * time.Millisecond,
		Queue: 150 * time.Millisecond,
	}
}

// DSL is a home with VDSL2 over a long line: 50/10 Mbit/s at 25 ms, the interleaving of the line included.
func DSL() Link {
	return Link{
		Up: mbit(10), Down: mbit(50), Latency: 12500 * time.Microsecond, Jitter: 2 * time.Millisecond,
		Queue: 250 * time.Millisecond,
	}
}

// SlowDSL is a home with ADSL2+: 12/1 Mbit/s at 40 ms, with an uplink whose queue is long.
func SlowDSL() Link {
	return Link{
		Up: mbit(1), Down: mbit(12), Latency: 20 * time.Millisecond, Jitter: 3 * time.Millisecond,
		Queue: 500 * time.Millisecond,
	}
}

// Mobile is a telephone with LTE: 40/10 Mbit/s at 50 ms with much jitter, hardly any loss (the radio link repeats what
// is lost), a long queue, and a NAT of the carrier, which is symmetric.
func Mobile() Link {
	return Link{
		Up: mbit(10), Down: mbit(40), Latency: 25 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.0001,
		NAT: Symmetric, Queue: 400 * time.Millisecond,
	}
}

// Satellite is a line over a geostationary satellite: 19/3 Mbit/s at 630 ms (Ookla, third quarter of 2021: 18.75/2.96
// Mbit/s at 629 ms and 19.30/2.54 Mbit/s at 744 ms). Operators mend losses on the way, or TCP would be far slower.
func Satellite() Link {
	return Link{
		Up: mbit(3), Down: mbit(19), Latency: 315 * time.Millisecond, Jitter: 20 * time.Millisecond,
		NAT: Symmetric, Queue: 500 * time.Millisecond,
	}
}

// LowSatellite is a line over satellites in low orbits: 87/13.5 Mbit/s at 44 ms (Starlink in the USA by Ookla, third
// quarter of 2021), with loss when it changes from one to the next.
func LowSatellite() Link {
	return Link{
		Up: mbit(13.5), Down: mbit(87), Latency: 22 * time.Millisecond, Jitter: 10 * time.Millisecond, Loss: 0.0003,
		NAT: Symmetric, Queue: 200 * time.Millisecond,
	}
}

// HomeServer is a machine that serves from a home with DSL through a forwarded port: that of somebody's own site.
func HomeServer() Link {
	l := DSL()
	l.NAT = Open
	return l
}

// Server is a machine in a data center: 1 Gbit/s both ways at 1 ms.
func Server() Link {
	return Link{Up: mbit(1000), Down: mbit(1000), Latency: 500 * time.Microsecond, Queue: 20 * time.Millisecond}
}

func mbit(m float64) int64 { return int64(m * 1e6 / 8) }

// Far returns the link with a longer way to the middle of the network. Two hosts on one continent are some 15 ms each
// from it, on two 40 to 60 ms.
func (l Link) Far(distance time.Duration) Link {
	l.Latency += distance
	return l
}

// Behind returns the link with another NAT.
func (l Link) Behind(n NAT) Link {
	l.NAT = n
	return l
}

// RandomNAT returns a NAT as often as peers have it: a third can be dialed, two thirds are behind a NAT that lets them
// punch holes (64 % by Halkes and Pouwelse, UDP NAT and Firewall Puncturing in the Wild, 2011, which found that four of
// five attempts between such peers succeed; 70 % by Trautwein and others in 2025).
func RandomNAT(r *rand.Rand) NAT {
	switch p := r.Float64(); {
	case p < 0.33:
		return Open
	case p < 0.45:
		return FullCone
	case p < 0.88:
		return PortRestricted
	default:
		return Symmetric
	}
}

// RandomHome returns the link of somebody at home or on the way: of the kinds above as they are spread where most have
// fixed lines, behind a random NAT, some way from the middle of the network.
func RandomHome(r *rand.Rand) Link {
	var l Link
	switch p := r.Float64(); {
	case p < 0.35:
		l = Fibre()
	case p < 0.60:
		l = Cable()
	case p < 0.80:
		l = DSL()
	case p < 0.85:
		l = SlowDSL()
	case p < 0.97:
		l = Mobile()
	default:
		l = LowSatellite()
	}
	if l.NAT == Open {
		l.NAT = RandomNAT(r)
	}
	return l.Far(time.Duration(5+r.IntN(40)) * time.Millisecond)
}

// Churn has hosts come and go until ctx ends: each stays up and down for times of an exponential distribution with
// these means. At the beginning as many are up as on average later. changed is called for each host at the beginning
// and after each change, one at a time; it may be nil. Churn returns when ctx has ended, with the hosts as they are
// then.
func (n *Net) Churn(ctx context.Context, up, down time.Duration, hosts []*Host, changed func(h *Host, up bool)) {
	type state struct {
		random *rand.Rand
		up     bool
		until  time.Time
	}
	states := make([]state, len(hosts))
	now := time.Now()
	turn := func(i int, isUp bool) {
		s := &states[i]
		mean := down
		if s.up = isUp; isUp {
			mean = up
			hosts[i].Up()
		} else {
			hosts[i].Down()
		}
		s.until = now.Add(time.Duration(s.random.ExpFloat64() * float64(mean)))
		if changed != nil {
			changed(hosts[i], isUp)
		}
	}
	for i, h := range hosts {
		states[i].random = n.random(h.id, 4)
		turn(i, states[i].random.Float64()*float64(up+down) < float64(up))
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for len(hosts) > 0 {
		next := 0
		for i := range states {
			if states[i].until.Before(states[next].until) {
				next = i
			}
		}
		timer.Reset(time.Until(states[next].until))
		select {
		case <-timer.C:
			now = states[next].until
			turn(next, !states[next].up)
		case <-ctx.Done():
			return
		}
	}
}
