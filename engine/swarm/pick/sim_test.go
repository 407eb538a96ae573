package pick

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// link is a simulated peer. It answers requests one after the other, at a rate; each message takes half a round trip.
type link struct {
	name  string
	rate  float64 // bytes per second
	trip  time.Duration
	slow  bool    // without the fast extension: a cancel is not answered
	deaf  bool    // sends what is cancelled, too
	liar  bool    // sends wrong bytes
	pays  float64 // seconds of sending that are held back and then paid out at once; 0 for a steady line
	burst int     // bytes that are sent at once after the start
	takes int     // requests at a time, as it says
	drops func(n int) bool

	sim    *sim
	peer   *Peer
	queue  []Block // as the peer sees it
	busy   bool
	stall  bool
	choked bool
	gone   bool
	served int
	credit float64
	paid   time.Duration
	asked  map[Block]bool // as the picker sees it: outstanding, or taken back and not answered
	bytes  int64          // that have come
}

type event struct {
	at time.Duration
	n  int
	do func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return e[i].at < e[j].at || e[i].at == e[j].at && e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}

// sim is a swarm in virtual time.
type sim struct {
	t      testing.TB
	p      *Picker
	shape  Shape
	now    time.Duration
	events events
	n      int
	links  []*link
	steps  []Step
	// from is who has sent each block of an unfinished piece.
	from   map[int]map[*link]int
	done   map[int]time.Duration
	wasted int64
	total  int64
	plans  int
	urgent []int
	soon   []int
	banned []*link
	timer  time.Duration
	loose  bool // no checks of what is asked
}

var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func shapeOf(pieces int, pieceLength int64) Shape {
	return Shape{Pieces: pieces, PieceLength: pieceLength, Size: int64(pieces) * pieceLength}
}

func newSim(t testing.TB, shape Shape, links ...*link) *sim {
	s := &sim{t: t, shape: shape, from: map[int]map[*link]int{}, done: map[int]time.Duration{}}
	s.p = New(shape, func(int) bool { return true })
	s.p.SetRandomSource(rand.NewPCG(1, 2))
	for _, l := range links {
		s.join(l)
	}
	return s
}

func (s *sim) time() time.Time { return epoch.Add(s.now) }

// join adds a seed that serves at once.
func (s *sim) join(l *link) {
	l.sim, l.asked = s, map[Block]bool{}
	s.links = append(s.links, l)
	l.peer = s.p.Add(s.time())
	l.peer.SetFast(!l.slow)
	if l.deaf {
		l.peer.IgnoresCancel()
	}
	l.peer.line.minRoundTrip = l.trip
	l.peer.SetMaxRequests(l.takes)
	l.peer.SetAll()
	l.peer.Unchoked()
	l.credit = float64(l.burst)
}

func (s *sim) leave(l *link) {
	l.gone = true
	s.p.Remove(l.peer)
	s.links = slices.DeleteFunc(s.links, func(k *link) bool { return k == l })
}

func (s *sim) after(d time.Duration, do func()) {
	s.n++
	heap.Push(&s.events, event{s.now + d, s.n, do})
}

// plan carries out the steps of the picker.
func (s *sim) plan() {
	s.plans++
	s.steps = s.p.Plan(s.time(), s.steps[:0])
	for _, step := range s.steps {
		l := s.link(step.Peer)
		if !s.loose {
			s.check(l, step)
		}
		b := step.Block
		if step.Cancel {
			s.after(l.trip/2, func() { l.cancel(b) })
			continue
		}
		l.asked[b] = true
		s.after(l.trip/2, func() { l.request(b) })
	}
	if next := s.p.Next(s.time()); !next.IsZero() {
		at := next.Sub(epoch)
		if at <= s.now {
			s.t.Fatalf("at %v, the next plan is to be made at %v", s.now, at)
		}
		if s.timer <= s.now || at < s.timer {
			s.timer = at
			s.after(at-s.now, func() {})
		}
	}
}

func (s *sim) link(pe *Peer) *link {
	for _, l := range s.links {
		if l.peer == pe {
			return l
		}
	}
	s.t.Fatal("a step is for a peer that is gone")
	return nil
}

func (s *sim) check(l *link, step Step) {
	if step.Cancel != l.asked[step.Block] {
		s.t.Fatalf("at %v %s is asked for %v, cancel %v, though that it was asked for before is %v", s.now, l.name,
			step.Block, step.Cancel, l.asked[step.Block])
	}
	if _, here := s.done[step.Block.Piece]; here && !step.Cancel {
		s.t.Fatalf("at %v %s is asked for %v, which is here", s.now, l.name, step.Block)
	}
	if err := l.peer.checkRequest(step); err != "" {
		s.t.Fatalf("at %v %s: %s", s.now, l.name, err)
	}
}

// checkRequest describes the fault of a step that requested too much from the peer. It is empty if there is none.
func (pe *Peer) checkRequest(step Step) string {
	l, pc := &pe.line, pe.store.pieces[step.Block.Piece]
	switch {
	case step.Cancel:
	case pe.count > l.maxRequests():
		return fmt.Sprintf("%d requests at a time, more than %d", pe.count, l.maxRequests())
	case pc.urgent && pe.urgent > l.maxOutstanding(true):
		return fmt.Sprintf("%d urgent blocks at a time, more than %d", pe.urgent, l.maxOutstanding(true))
	case !pc.urgent && pe.count-pe.urgent > l.maxOutstanding(false):
		return fmt.Sprintf("%d blocks at a time, more than %d", pe.count-pe.urgent, l.maxOutstanding(false))
	}
	return ""
}

// run processes events until over returns true, or until the time limit. It reports whether over did.
func (s *sim) run(most time.Duration, over func() bool) bool {
	end := s.now + most
	s.plan()
	for !over() {
		if len(s.events) == 0 || s.events[0].at > end {
			s.now = end
			return false
		}
		s.now = max(s.now, s.events[0].at)
		for len(s.events) > 0 && s.events[0].at <= s.now {
			heap.Pop(&s.events).(event).do()
		}
		s.plan()
	}
	return true
}

func (s *sim) setWanted(urgent, soon []int) {
	s.urgent, s.soon = urgent, soon
	s.p.SetWanted(urgent, soon, s.time())
}

func (s *sim) allDone(pieces ...int) func() bool {
	return func() bool {
		for _, i := range pieces {
			if _, ok := s.done[i]; !ok {
				return false
			}
		}
		return true
	}
}

func (s *sim) complete() bool { return s.p.Missing() == 0 }

func (l *link) request(b Block) {
	if l.gone {
		return
	}
	if l.choked {
		l.reject(b)
		return
	}
	l.served++
	if l.drops != nil && l.drops(l.served) {
		return
	}
	l.queue = append(l.queue, b)
	l.serve()
}

func (l *link) cancel(b Block) {
	i := slices.Index(l.queue, b)
	if l.busy && i == 0 || i < 0 || l.deaf {
		return
	}
	l.queue = slices.Delete(l.queue, i, i+1)
	if l.slow {
		delete(l.asked, b)
		return
	}
	l.reject(b)
}

func (l *link) reject(b Block) {
	l.sim.after(l.trip/2, func() {
		if !l.gone {
			delete(l.asked, b)
			l.sim.p.Rejected(l.peer, b, l.sim.time())
		}
	})
}

// serve sends the first block of the queue.
func (l *link) serve() {
	if l.busy || l.stall || len(l.queue) == 0 || l.gone {
		return
	}
	l.busy = true
	s := l.sim
	took := time.Duration(float64(l.queue[0].Length) / l.rate * float64(time.Second))
	if l.pays == 0 && l.credit > 0 {
		l.credit -= float64(l.queue[0].Length)
		took = time.Microsecond
	}
	if l.pays > 0 {
		took = l.limiterDelay(s.now, l.queue[0].Length)
	}
	s.after(took, func() {
		l.busy = false
		if l.gone || len(l.queue) == 0 {
			return
		}
		b := l.queue[0]
		l.queue = l.queue[1:]
		s.after(l.trip/2, func() { s.receive(l, b) })
		l.serve()
	})
}

// limiterDelay returns how long a limiter that pays out at intervals delays a block.
func (l *link) limiterDelay(now time.Duration, n int) time.Duration {
	every := time.Duration(l.pays * float64(time.Second))
	at := now
	for {
		for l.paid <= at {
			l.paid += every
			l.credit = min(l.credit+l.rate*l.pays, l.rate*l.pays)
		}
		if l.credit > 0 {
			l.credit -= float64(n)
			return at - now + time.Microsecond
		}
		at = l.paid
	}
}

func (s *sim) receive(l *link, b Block) {
	if l.gone {
		return
	}
	delete(l.asked, b)
	l.bytes += int64(b.Length)
	s.total += int64(b.Length)
	r := s.p.Received(l.peer, b, s.time())
	if !r.Wanted {
		s.wasted += int64(b.Length)
		return
	}
	from := s.from[b.Piece]
	if from == nil {
		from = map[*link]int{}
		s.from[b.Piece] = from
	}
	from[l]++
	if r.Complete {
		s.hash(b.Piece)
	}
}

// hash checks a complete piece. If it is wrong and one peer has sent all of it, that peer is banned.
func (s *sim) hash(piece int) {
	from := s.from[piece]
	delete(s.from, piece)
	for l := range from {
		if !l.liar {
			continue
		}
		if len(from) == 1 {
			s.banned = append(s.banned, l)
			s.leave(l)
		}
		s.p.PieceFailed(piece)
		return
	}
	s.done[piece] = s.now
	s.p.PieceVerified(piece)
	if i := slices.Index(s.urgent, piece); i >= 0 {
		s.setWanted(slices.Delete(slices.Clone(s.urgent), i, i+1), s.soon)
	}
}

func count(from, n int) []int {
	l := make([]int, n)
	for i := range l {
		l[i] = from + i
	}
	return l
}

// ideal returns the shortest time in which all links together can send that many bytes.
func ideal(bytes int64, links ...*link) time.Duration {
	// Each link that has begun to deliver by then does its part: find when the parts are enough.
	low, high := time.Duration(0), 24*time.Hour
	for high-low > time.Microsecond {
		mid, sum := (low+high)/2, 0.0
		for _, l := range links {
			sum += max(0, (mid-l.trip).Seconds()) * l.rate
		}
		if sum >= float64(bytes) {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

func ratio(took, best time.Duration) string {
	return fmt.Sprintf("%v, %.2f of the ideal", took.Round(time.Millisecond), float64(took)/float64(best))
}
