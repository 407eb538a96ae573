package netsim

// An event is something that happens at an instant: what happens to a segment, or a call.
type event struct {
	at    int64  // nanoseconds since the network began
	order uint64 // the order in which events of one instant were scheduled
	what  what
	seg   *segment
	call  func()
}

type what uint8

const (
	calls    what = iota // call runs
	arrives              // seg reaches the receiver's downlink
	delivers             // seg reaches the receiver
	acks                 // the acknowledgment of seg reaches the sender
	misses               // the sender sees that seg was lost
)

// agenda is a heap of events with four children a node, which touches less memory than one with two.
type agenda struct {
	events []event
	count  uint64
}

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

func (a *agenda) push(e event) {
	a.count++
	e.order = a.count
	a.events = append(a.events, e)
	h := a.events
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = e
}

// pop removes and returns the first event. There must be one.
func (a *agenda) pop() event {
	h := a.events
	first, last := h[0], h[len(h)-1]
	h[len(h)-1] = event{}
	h = h[:len(h)-1]
	a.events = h
	if len(h) == 0 {
		return first
	}
	i := 0
	for {
		child := 4*i + 1
		if child >= len(h) {
			break
		}
		least := child
		for c := child + 1; c < min(child+4, len(h)); c++ {
			if h[c].before(&h[least]) {
				least = c
			}
		}
		if !h[least].before(&last) {
			break
		}
		h[i] = h[least]
		i = least
	}
	h[i] = last
	return first
}

// first returns the instant of the first event, never if there is none.
func (a *agenda) first() int64 {
	if len(a.events) == 0 {
		return never
	}
	return a.events[0].at
}
