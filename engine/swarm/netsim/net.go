package netsim

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"
)

const never = math.MaxInt64

// Net is a simulated Internet. Its exported methods, and those of what it hands out, may be called by any goroutine of
// the bubble that New was called in; they take its lock, and unexported methods run with it.
type Net struct {
	seed    uint64
	start   time.Time
	timer   *time.Timer
	closing chan struct{}
	stopped chan struct{}

	mu       sync.Mutex
	now      int64 // the instant of what is being done by step
	armed    int64 // when the timer fires
	stepping bool
	busy     bool  // see pace
	paced    int64 // when pace began to count
	count    int   // of events since
	closed   bool
	agenda   eventHeap
	changed  []changeable
	changes  []changeable // the space of changed in the last step
	links    uint64       // counts changes of links, after which routes are computed anew
	hosts    []*Host
	public   map[netip.Addr]*Host
	segments []*segment // free ones
	chunks   []*chunk   // free ones
	events   uint64
}

// changeable is something that a program has acted on. The effects happen a nanosecond later, when all programs wait:
// see doc.go on reproducibility.
type changeable interface {
	// rank is the order of what changed at one instant.
	rank() [3]uint64
	// apply applies the effects of the change.
	apply()
}

// New returns a network without hosts. Networks with the same seed behave alike. The caller must close it.
func New(seed uint64) *Net {
	n := &Net{
		seed: seed, start: time.Now(), timer: time.NewTimer(time.Hour), armed: int64(time.Hour),
		closing: make(chan struct{}), stopped: make(chan struct{}), public: map[netip.Addr]*Host{},
	}
	go n.run()
	return n
}

// Close ends the network: everything that waits in it fails with net.ErrClosed.
func (n *Net) Close() {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return
	}
	for _, h := range n.hosts {
		h.closeLocked()
	}
	n.closed = true
	n.mu.Unlock()
	close(n.closing)
	<-n.stopped
}

// Events returns how many events there have been, as a measure of the simulation's cost.
func (n *Net) Events() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.events
}

func (n *Net) run() {
	defer close(n.stopped)
	defer n.timer.Stop()
	for {
		select {
		case <-n.timer.C:
			n.step()
		case <-n.closing:
			return
		}
	}
}

const (
	paceEvents  = 1024
	busySpacing = 5 * time.Microsecond
	busyGrain   = 50 * time.Microsecond
	// No program's own timer is likely to fire at this remainder.
	busyRemainder = 23_461
)

// pace makes steps fewer while there are many events. Each still happens at its instant for the network; it is programs
// that hear of it up to busyGrain later.
func (n *Net) pace() {
	n.count++
	slow := n.now-n.paced > paceEvents*int64(busySpacing)
	if slow || n.count == paceEvents {
		n.busy = !slow
		n.paced, n.count = n.now, 0
	}
}

// stepAt returns when to do what is due at an instant.
func (n *Net) stepAt(at int64) int64 {
	// Half the age of the universe is as good as never.
	at = min(at, never/2)
	if n.busy {
		late := (at - busyRemainder) % int64(busyGrain)
		at += (int64(busyGrain) - late) % int64(busyGrain)
	}
	return at
}

// step runs everything that is due.
func (n *Net) step() {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.clock()
	n.stepping = true
	n.runEvents(now)
	n.now = now
	n.applyChanges()
	n.runEvents(now)
	n.stepping = false
	n.armed = n.stepAt(n.agenda.first())
	n.timer.Reset(time.Duration(n.armed - now))
}

func (n *Net) runEvents(now int64) {
	for n.agenda.first() <= now {
		e := n.agenda.pop()
		n.events++
		n.now = e.at
		n.pace()
		switch e.what {
		case eventCall:
			e.call()
		case eventArrival:
			e.seg.flow.arrive(e.seg)
		case eventDelivery:
			e.seg.flow.deliver(e.seg)
		case eventAck:
			e.seg.flow.acknowledge(e.seg)
		case eventLoss:
			e.seg.flow.miss(e.seg)
		}
	}
}

func (n *Net) applyChanges() {
	changed := n.changed
	n.changed = n.changes[:0]
	if len(changed) > 1 {
		slices.SortStableFunc(changed, func(a, b changeable) int {
			x, y := a.rank(), b.rank()
			return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]), cmp.Compare(x[2], y[2]))
		})
	}
	for _, c := range changed {
		c.apply()
	}
	n.events += uint64(len(changed))
	clear(changed)
	n.changes = changed
}

// change has c applied when all programs wait.
func (n *Net) change(c changeable) {
	n.changed = append(n.changed, c)
	n.arm(n.clock() + 1)
}

// clock returns the time for what programs do; what step does happens at now.
func (n *Net) clock() int64 { return int64(time.Since(n.start)) }

func (n *Net) schedule(e event) {
	n.agenda.push(e)
	if !n.stepping {
		n.arm(e.at)
	}
}

// call has f called at an instant.
func (n *Net) call(at int64, f func()) { n.schedule(event{at: at, what: eventCall, call: f}) }

func (n *Net) arm(at int64) {
	if at = n.stepAt(at); at < n.armed {
		n.armed = at
		n.timer.Reset(time.Duration(at - n.clock()))
	}
}

// random returns the random numbers of one thing in the network.
func (n *Net) random(a, b uint64) *rand.Rand {
	return rand.New(rand.NewPCG(n.seed^a*0x9e3779b97f4a7c15, b))
}

// Host adds a host with an address of its own.
func (n *Net) Host(name string, l Link) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.newHost(name, l)
	// The last three bytes are 1 to 254, so that none looks like a network's own address.
	i := h.id
	h.addr = netip.AddrFrom4([4]byte{1, byte(i/254/254%254 + 1), byte(i/254%254 + 1), byte(i%254 + 1)})
	n.public[h.addr] = h
	return h
}

// Behind adds a host in the home network of a router, whose public address, NAT, uplink and downlink it shares. Its own
// Link is the home network's: latency, jitter and loss are added on the way out, the rates hold between hosts at home.
// Addr returns its private address, which is known only there.
func (n *Net) Behind(router *Host, name string, l Link) *Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	if router.router != nil {
		panic(fmt.Sprintf("netsim: %s is behind a router itself: add %s behind that", router.name, name))
	}
	h := n.newHost(name, l)
	h.router = router
	router.homeHosts = append(router.homeHosts, h)
	i := len(router.homeHosts)
	h.addr = netip.AddrFrom4([4]byte{192, 168, byte(i / 254), byte(i%254 + 1)})
	return h
}

func (n *Net) newHost(name string, l Link) *Host {
	h := &Host{
		net: n, name: name, id: uint64(len(n.hosts)), port: 49152, closed: n.closed,
		listeners: map[uint16]*listener{}, sockets: map[uint16]*packetConn{},
	}
	h.nat.host = h
	h.loop.init(n)
	h.up.init(n)
	h.down.init(n)
	h.setLink(l)
	n.hosts = append(n.hosts, h)
	return h
}
