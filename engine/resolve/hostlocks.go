package resolve

import (
	"context"
	"sync"
)

// hostLocks holds a lock for each host.
type hostLocks struct {
	mu    sync.Mutex
	locks map[string]*hostLock
}

// hostLock is the lock of one host, and the number of its users. Whoever has sent to held has the lock.
type hostLock struct {
	held  chan struct{}
	users int
}

// lock locks a host. The caller must call unlock unless there is an error, which is that of ctx.
func (t *hostLocks) lock(ctx context.Context, host string) (unlock func(), err error) {
	l := t.retain(host)
	select {
	case l.held <- struct{}{}:
		return func() { <-l.held; t.release(host, l) }, nil
	case <-ctx.Done():
		t.release(host, l)
		return nil, ctx.Err()
	}
}

func (t *hostLocks) retain(host string) *hostLock {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.locks[host]
	if l == nil {
		l = &hostLock{held: make(chan struct{}, 1)}
		t.locks[host] = l
	}
	l.users++
	return l
}

func (t *hostLocks) release(host string, l *hostLock) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(t.locks, host)
	}
}
