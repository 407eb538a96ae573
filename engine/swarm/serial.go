package swarm

import "sync"

// serial runs functions one at a time, in the order in which they come, in a goroutine that it starts when there are
// any. The zero value is ready to use.
type serial struct {
	mu      sync.Mutex
	queue   []func()
	running bool // runQueue runs
}

// run returns when f has been run. f must not call run.
func (s *serial) run(f func()) {
	done := make(chan struct{})
	s.mu.Lock()
	s.queue = append(s.queue, func() {
		defer close(done)
		f()
	})
	start := !s.running
	s.running = true
	s.mu.Unlock()
	if start {
		go s.runQueue()
	}
	<-done
}

func (s *serial) runQueue() {
	for f := s.next(); f != nil; f = s.next() {
		f()
	}
}

// next removes the next function from the queue. If there is none it returns nil, and runQueue must end.
func (s *serial) next() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.running = false
		return nil
	}
	f := s.queue[0]
	s.queue = s.queue[1:]
	return f
}
