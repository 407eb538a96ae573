package netsim

import "time"

// Link describes how a host is connected. The zero Link has no delay and no limits.
type Link struct {
	// Up and Down are bytes a second; 0 is unlimited. Headers are not counted: they are the rates of what programs send.
	Up, Down int64
	// Latency is the delay one way from the host to the middle of the network: that between two hosts is the sum of
	// theirs.
	Latency time.Duration
	// Jitter is the most by which a packet is delayed further, evenly distributed.
	Jitter time.Duration
	// Loss is the share of packets that are lost on the link, from 0 to 1, in each direction.
	Loss float64
	NAT  NAT
	// Queue is how much the link's queues hold, as the time to send it: the bufferbloat. 0 is 250 ms.
	Queue time.Duration
	// Window is how many bytes a connection sends before the first acknowledgment. 0 is ten packets, as everywhere; with
	// much more there is no slow start, as over a proxy that only delays.
	Window int64
}

const (
	// mss is how many bytes a packet carries.
	mss = 1460
	// segmentMax is how many bytes are moved by one event at most: 11 packets.
	segmentMax = 11 * mss
	// segmentTime is how long sending a segment takes at most, if it is more than one packet.
	segmentTime = 4 * time.Millisecond
	// minFrame is how many bytes a packet costs at least: the smallest frame of Ethernet.
	minFrame = 64

	defaultQueue = 250 * time.Millisecond
	// minQueue is how many bytes the queue of a downlink holds at least.
	minQueue = 20 * mss
)

// pipe is one direction of a link: a FIFO queue that is emptied at the link's rate. When something enters, it is known
// when it leaves.
type pipe struct {
	net   *Net
	rate  int64 // bytes a second, 0 unlimited
	queue int64 // nanoseconds
	empty int64 // when all that has entered has left
	// inFlight is how many bytes are on their way to a downlink, flows of how many flows.
	inFlight, flows int64

	first, last *flow // those that wait to enter, by flow.after
	draining    bool  // drain is scheduled
	drained     func()
}

func (p *pipe) init(n *Net) {
	p.net = n
	p.drained = p.drain
}

func (p *pipe) set(rate int64, queue time.Duration) {
	if queue == 0 {
		queue = defaultQueue
	}
	p.rate, p.queue = rate, int64(queue)
}

// backlog returns how long a packet that enters now waits.
func (p *pipe) backlog() int64 { return max(0, p.empty-p.net.now) }

func (p *pipe) isFull() bool { return p.rate > 0 && p.backlog() >= p.queue }

// enqueue returns when the last of some bytes that enter now leaves, and how long sending them takes.
func (p *pipe) enqueue(bytes int64) (leaves, takes int64) {
	if p.rate == 0 {
		return p.net.now, 0
	}
	takes = bytes * int64(time.Second) / p.rate
	p.empty = max(p.empty, p.net.now) + takes
	return p.empty, takes
}

// overflows reports whether what comes now finds no room, of a flow that has some bytes in flight. When the queue is
// full there is still room for flows that have less in flight than others: so all get their share sooner than by luck.
func (p *pipe) overflows(inFlight int64) bool {
	if p.rate == 0 {
		return false
	}
	queue := max(p.queue, minQueue*int64(time.Second)/p.rate)
	backlog := p.backlog()
	return backlog >= queue && (inFlight*p.flows >= p.inFlight && inFlight > 0 || backlog >= 2*queue)
}

// wait puts a flow at the end of those that wait to enter.
func (p *pipe) wait(f *flow) {
	if f.waiting {
		return
	}
	f.waiting = true
	if p.last == nil {
		p.first = f
	} else {
		p.last.after = f
	}
	p.last = f
	p.scheduleDrain()
}

func (p *pipe) scheduleDrain() {
	if !p.draining && p.first != nil {
		p.draining = true
		p.net.call(max(p.net.now, p.empty-p.queue+1), p.drained)
	}
}

// turnSize returns how many bytes of a flow enter before the next flow's turn.
func (p *pipe) turnSize() int64 {
	return min(max(int64(float64(p.rate)*segmentTime.Seconds()), mss), segmentMax)
}

// drain lets those that wait enter in turn.
func (p *pipe) drain() {
	p.draining = false
	for p.first != nil && !p.isFull() {
		f := p.first
		p.first = f.after
		if p.first == nil {
			p.last = nil
		}
		f.after, f.waiting = nil, false
		for f.credit += p.turnSize(); f.credit > 0 && f.ready(); {
			f.credit -= f.transmit()
		}
		if f.ready() {
			p.wait(f)
		} else {
			f.credit = 0
		}
	}
	p.scheduleDrain()
}

// route is the way from one host to another.
type route struct {
	up, down *pipe
	latency  int64   // nanoseconds
	jitter   int64   // nanoseconds
	loss     float64 // of a packet
}

func (r *route) rate() int64 {
	if r.up.rate == 0 || r.down.rate == 0 {
		return max(r.up.rate, r.down.rate)
	}
	return min(r.up.rate, r.down.rate)
}

// add adds the delay and the loss of a link.
func (r *route) add(l *Link) {
	r.latency += int64(l.Latency)
	r.jitter += int64(l.Jitter)
	r.loss = 1 - (1-r.loss)*(1-l.Loss)
}

// routeTo returns the way to another host: inside one machine, inside a home, or through the Internet.
func (h *Host) routeTo(to *Host) route {
	if h == to {
		return route{up: &h.loop, down: &h.loop}
	}
	if h.edge() == to.edge() {
		r := route{up: &h.loop, down: &to.loop}
		if h.router != nil {
			r.up = &h.up
			r.add(&h.link)
		}
		if to.router != nil {
			r.down = &to.down
			r.add(&to.link)
		}
		return r
	}
	r := route{up: &h.edge().up, down: &to.edge().down}
	for _, end := range []*Host{h, to} {
		r.add(&end.link)
		if end.router != nil {
			r.add(&end.router.link)
		}
	}
	return r
}
