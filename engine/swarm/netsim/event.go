package netsim

// event is something that happens at an instant: to a segment, or a function call.
type event struct {
	at    int64  // nanoseconds since the network began
	order uint64 // the order in which events of one instant were scheduled
	what  eventKind
	seg   *segment
	call  func()
}

type eventKind uint8

const (
	eventCall     eventKind = iota // call runs
	eventArrival                   // seg reaches the receiver's downlink
	eventDelivery                  // seg reaches the receiver
	eventAck                       // the acknowledgment of seg reaches the sender
	eventLoss                      // the sender sees that seg was lost
)

// eventHeap is a heap of events with four children per node, which touches less memory than one with two.
type eventHeap struct {
	events []event
	count  uint64
}

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.order < o.order
}

func (a *eventHeap) push(e event) {
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
func (a *eventHeap) pop() event {
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
func (a *eventHeap) first() int64 {
	if len(a.events) == 0 {
		return never
	}
	return a.events[0].at
}
