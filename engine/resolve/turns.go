package resolve

import (
	"context"
	"sync"
)

// turns lets those that write about the same host do so one after the other.
type turns struct {
	mu    sync.Mutex
	lines map[string]*line
}

// line is all who write about one host: whoever has put something into taken has the turn.
type line struct {
	taken chan struct{}
	users int
}

// take waits for the turn of a host. The caller must call done, unless there is an error, which is that of ctx.
func (t *turns) take(ctx context.Context, host string) (done func(), err error) {
	l := t.join(host)
	select {
	case l.taken <- struct{}{}:
		return func() { <-l.taken; t.leave(host, l) }, nil
	case <-ctx.Done():
		t.leave(host, l)
		return nil, ctx.Err()
	}
}

func (t *turns) join(host string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[host]
	if l == nil {
		l = &line{taken: make(chan struct{}, 1)}
		t.lines[host] = l
	}
	l.users++
	return l
}

func (t *turns) leave(host string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(t.lines, host)
	}
}
