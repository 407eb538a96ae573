// Package serial runs functions one at a time, without a lock that is held meanwhile.
package serial

import "sync"

// Queue runs functions one at a time, in the order in which they come, in a goroutine that it starts when there are
// any. The zero value is ready to use. Its methods may be called from many goroutines.
type Queue struct {
	mu      sync.Mutex
	queue   []func()
	running bool // runAll runs
}

// Run returns when f has been run. f must not call Run.
func (q *Queue) Run(f func()) {
	done := make(chan struct{})
	q.mu.Lock()
	q.queue = append(q.queue, func() {
		defer close(done)
		f()
	})
	start := !q.running
	q.running = true
	q.mu.Unlock()
	if start {
		go q.runAll()
	}
	<-done
}

func (q *Queue) runAll() {
	for f := q.next(); f != nil; f = q.next() {
		f()
	}
}

// next removes the next function from the queue. If there is none it returns nil, and runAll must end.
func (q *Queue) next() func() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		q.running = false
		return nil
	}
	f := q.queue[0]
	q.queue = q.queue[1:]
	return f
}
