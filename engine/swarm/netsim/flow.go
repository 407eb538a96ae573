package netsim

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	windowMin = 256 << 10 // of a receiver, beside the bandwidth-delay product
	windowMax = 4 << 20   // of a receiver on a route without limits
	sendMin   = 64 << 10
	sendMax   = 4 << 20
)

// flow is one direction of a connection. Positions are counted in bytes since the connection was made, a FIN being one
// byte at the end: read <= delivered <= sent <= written, all but read up to one more after a FIN.
type flow struct {
	net      *Net
	from, to *conn
	bytes    byteQueue // from read to written
	written  int64     // by the program
	sent     int64     // for the first time
	// What the sender knows: how far all has been delivered, and how far the receiver lets it send.
	acked, limit int64
	count, seen  uint64     // the number of the last segment that was sent, and the highest that was acknowledged
	lost         []*segment // seen to be lost, to be sent again
	inFlight     int64      // bytes on their way, or lost and not yet seen to be
	lastSent     int64
	progress     int64
	closing      bool // nothing more will be written
	congestion   congestion

	// What the receiver has.
	delivered  int64
	read       int64
	advertised int64  // the limit that was last told to the sender
	early      []span // what came out of order, ordered

	// How it moves.
	way        route
	links      uint64 // Net.links when way was computed
	lastArrive int64
	random     *rand.Rand
	waiting    bool  // for the uplink
	credit     int64 // bytes that may enter it, of earlier turns
	after      *flow
}

type span struct{ start, end int64 }

// segment is a part of a flow on its way.
type segment struct {
	flow     *flow
	position int64
	length   int64
	number   uint64 // in the order of sending
	sentAt   int64
	sendTime int64 // nanoseconds for sending it into links, queues aside
	resent   int   // how often
	timeout  bool  // its loss was seen by nothing else
	acked    int64 // what the acknowledgment says: as flow.acked and flow.limit
	limit    int64
}

func (n *Net) newSegment() *segment {
	if last := len(n.segments) - 1; last >= 0 {
		s := n.segments[last]
		n.segments = n.segments[:last]
		return s
	}
	return new(segment)
}

func (n *Net) free(s *segment) {
	*s = segment{}
	n.segments = append(n.segments, s)
}

func (f *flow) init(n *Net, from, to *conn) {
	f.net, f.from, f.to = n, from, to
	f.congestion.init(from.host.link.Window)
	f.limit = f.window()
	f.advertised = f.limit
	f.progress = n.now
}

// route returns the current route of segments.
func (f *flow) route() *route {
	if f.links != f.net.links || f.way.up == nil {
		f.way = f.from.host.routeTo(f.to.host)
		f.links = f.net.links
	}
	return &f.way
}

// window returns how many bytes the receiver buffers: it grows with the bandwidth-delay product.
func (f *flow) window() int64 {
	r := f.route()
	rate := r.rate()
	if rate == 0 {
		return windowMax
	}
	return windowMin + int64(float64(rate)*float64(2*r.latency+r.up.queue+r.down.queue)/float64(time.Second))
}

// freeSpace returns how much the program may write: the free part of a buffer that grows with the window, as in Linux.
// It is 0 until a third of the buffer, or wanted bytes, are free.
func (f *flow) freeSpace(wanted int) int64 {
	buffer := min(max(sendMin, 2*f.congestion.window), sendMax)
	left := buffer - (f.written - f.acked)
	if left < min(buffer/3, int64(wanted)) {
		return 0
	}
	return left
}

// segmentSize is how many bytes are moved at once: packets, of which more are together the faster the route is.
func (f *flow) segmentSize() int64 {
	size := f.congestion.window / 16
	if rate := f.route().rate(); rate > 0 {
		size = min(size, int64(float64(rate)*segmentTime.Seconds()))
	}
	return min(max(size/mss, 1)*mss, segmentMax)
}

// next returns how many bytes may be sent in a new segment now.
func (f *flow) next() int64 {
	left := f.written - f.sent
	if left == 0 && f.closing {
		return 1
	}
	room := min(f.congestion.window-f.inFlight, f.limit-f.sent)
	length := min(f.segmentSize(), left)
	// A part of a segment is not worth sending as long as something will be acknowledged.
	if room < length && f.inFlight > 0 {
		return 0
	}
	return min(length, room)
}

// ready reports whether there is something that may be sent.
func (f *flow) ready() bool {
	if f.from.forgotten {
		return false
	}
	if len(f.lost) > 0 {
		return f.inFlight == 0 || f.inFlight+f.lost[0].length <= f.congestion.window
	}
	return f.next() > 0
}

// sendReady sends what may be sent.
func (f *flow) sendReady() {
	if !f.ready() {
		return
	}
	f.congestion.beforeSend(f)
	for up := f.route().up; f.ready(); {
		if up.rate > 0 && (up.first != nil || up.isFull()) {
			up.wait(f)
			return
		}
		f.transmit()
	}
}

// transmit puts a segment into the uplink and returns its length. The flow must be ready.
func (f *flow) transmit() int64 {
	n := f.net
	var s *segment
	if len(f.lost) > 0 {
		s = f.lost[0]
		f.lost = slices.Delete(f.lost, 0, 1)
		s.resent++
		f.from.host.stats.Resent += s.length
	} else {
		s = n.newSegment()
		s.flow, s.position, s.length = f, f.sent, f.next()
		f.sent += s.length
	}
	r := f.route()
	f.count++
	s.number = f.count
	s.sentAt, f.lastSent = n.now, n.now
	f.from.host.nat.sent = n.now
	if f.inFlight == 0 && s.resent == 0 {
		f.progress = n.now
	}
	f.addInFlight(s.length)
	f.from.host.stats.Out += s.length
	leaves, takes := r.up.enqueue(max(s.length, minFrame))
	s.sendTime = takes
	if f.from.host.isOff || f.isLost(s, r.loss) {
		n.schedule(event{at: max(leaves, s.sentAt+f.congestion.rtt), what: eventLoss, seg: s})
		return s.length
	}
	f.lastArrive = max(f.lastArrive, leaves+r.latency+f.jitter(r.jitter))
	n.schedule(event{at: f.lastArrive, what: eventArrival, seg: s})
	return s.length
}

// addInFlight counts bytes that are sent, or with a negative number no longer in flight.
func (f *flow) addInFlight(bytes int64) {
	down := f.route().down
	down.inFlight += bytes
	if f.inFlight == 0 {
		down.flows++
	}
	f.inFlight += bytes
	if f.inFlight == 0 {
		down.flows--
	}
}

func (f *flow) rand() *rand.Rand {
	if f.random == nil {
		f.random = f.net.random(f.from.id, f.from.side)
	}
	return f.random
}

// isLost draws whether a segment is lost, given the loss of one packet.
func (f *flow) isLost(s *segment, loss float64) bool {
	if loss <= 0 {
		return false
	}
	packets := max(1, (s.length+mss-1)/mss)
	return f.rand().Float64() >= math.Pow(1-loss, float64(packets))
}

func (f *flow) jitter(most int64) int64 {
	if most <= 0 {
		return 0
	}
	return f.rand().Int64N(most + 1)
}
