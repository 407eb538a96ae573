package netsim

import (
	"slices"
	"syscall"
	"time"
)

// arrive puts a segment into the receiver's downlink.
func (f *flow) arrive(s *segment) {
	down := f.route().down
	if f.to.host.isOff || down.overflows(f.inFlight) {
		f.drop(s)
		return
	}
	if down.rate == 0 {
		f.deliver(s)
		return
	}
	leaves, takes := down.enqueue(max(s.length, minFrame))
	s.sendTime += takes
	f.net.schedule(event{at: leaves, what: eventDelivery, seg: s})
}

// drop loses a segment before it reaches the receiver.
func (f *flow) drop(s *segment) {
	f.net.schedule(event{at: max(f.net.now, s.sentAt+f.congestion.rtt), what: eventLoss, seg: s})
}

// deliver gives a segment to the receiver.
func (f *flow) deliver(s *segment) {
	to := f.to
	if to.host.isOff {
		f.drop(s)
		return
	}
	if to.forgotten || to.closed && s.position < f.written {
		to.forget()
		to.reset()
		f.net.free(s)
		return
	}
	to.host.stats.In += s.length
	f.receive(span{s.position, s.position + s.length})
	s.acked = f.delivered
	s.limit = f.advertise()
	f.net.schedule(event{at: f.net.now + f.back(), what: eventAck, seg: s})
	to.removeIfEnded()
}

// receive puts what has come in order.
func (f *flow) receive(s span) {
	if s.start != f.delivered {
		i, _ := slices.BinarySearchFunc(f.early, s.start, func(e span, start int64) int { return int(e.start - start) })
		f.early = slices.Insert(f.early, i, s)
		return
	}
	f.delivered = s.end
	used := 0
	for used < len(f.early) && f.early[used].start == f.delivered {
		f.delivered = f.early[used].end
		used++
	}
	f.early = slices.Delete(f.early, 0, used)
	f.to.readable.Broadcast()
}

// finished reports whether the receiver has all, and that it is all.
func (f *flow) finished() bool { return f.delivered > f.written }

// available returns how many bytes the program can read.
func (f *flow) available() int64 { return min(f.delivered, f.written) - f.read }

// advertise returns how far the sender may send.
func (f *flow) advertise() int64 {
	f.advertised = max(f.advertised, f.read+f.window())
	return f.advertised
}

// reopen tells the sender about what was read since the receiver last told it anything, if that is much.
func (f *flow) reopen() {
	if !f.worthTelling() {
		return
	}
	limit := f.advertise()
	f.net.call(f.net.now+f.back(), func() {
		f.limit = max(f.limit, limit)
		f.sendReady()
	})
}

func (f *flow) worthTelling() bool {
	window := f.window()
	return f.read+window-f.advertised >= window/4
}

// back returns how long a packet without data takes from the receiver to the sender. It waits in queues like any other
// but takes no room in them.
func (f *flow) back() int64 {
	r := f.to.out.route()
	return r.up.backlog() + r.latency + r.down.backlog()
}

// acknowledge tells the sender that a segment has come.
func (f *flow) acknowledge(s *segment) {
	n := f.net
	if f.from.forgotten {
		n.free(s)
		return
	}
	f.congestion.grow(f, s)
	f.addInFlight(-s.length)
	f.progress = n.now
	f.seen = max(f.seen, s.number)
	f.acked = max(f.acked, s.acked)
	f.limit = max(f.limit, s.limit)
	n.free(s)
	if from := f.from; from.wanted > 0 && f.freeSpace(from.wanted) > 0 {
		from.writable.Broadcast()
	}
	f.from.removeIfEnded()
	f.sendReady()
}

// miss is called when the sender may see that a segment was lost: after a round trip, if something that was sent later
// has been acknowledged (RACK, RFC 8985), or else by a timeout.
func (f *flow) miss(s *segment) {
	n := f.net
	if f.from.forgotten {
		n.free(s)
		return
	}
	if n.now-f.progress > int64(userTimeout) {
		n.free(s)
		f.from.fail(syscall.ETIMEDOUT)
		return
	}
	timeout := s.sentAt + min(f.congestion.timeout()<<min(s.resent, 20), int64(longestRTO))
	s.timeout = f.seen < s.number
	if s.timeout && n.now < timeout {
		again := timeout
		if f.count > s.number {
			again = min(n.now+max(f.congestion.rtt/8, int64(time.Millisecond)), timeout)
		}
		n.schedule(event{at: again, what: eventLoss, seg: s})
		return
	}
	f.congestion.shrink(f, s)
	f.addInFlight(-s.length)
	i, _ := slices.BinarySearchFunc(f.lost, s.position, func(l *segment, p int64) int { return int(l.position - p) })
	f.lost = slices.Insert(f.lost, i, s)
	f.sendReady()
}

const (
	shortestRTO = 200 * time.Millisecond
	longestRTO  = 2 * time.Minute
	userTimeout = 15 * time.Minute // after which a connection whose data is not acknowledged fails
)
