package peers

import (
	"bytes"
	"context"
	"errors"
	"sync"
)

// tailBuffer holds the last 64 KiB that were written to it.
type tailBuffer struct {
	mu  sync.Mutex
	buf []byte
}

const tailSize = 64 << 10

func (w *tailBuffer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = append(w.buf, p...)
	if len(w.buf) > tailSize {
		w.buf = append(w.buf[:0], w.buf[len(w.buf)-tailSize:]...)
	}
	return len(p), nil
}

func (w *tailBuffer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.buf)
}

// lineWriter is an io.Writer that passes each complete line, without its newline, to a function.
type lineWriter struct {
	each    func([]byte)
	partial []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.partial = append(w.partial, p...)
	for {
		line, rest, found := bytes.Cut(w.partial, []byte("\n"))
		if !found {
			return len(p), nil
		}
		w.each(line)
		w.partial = rest
	}
}

// journal remembers everything that a process reported, so that a test can wait for something that may already have
// happened. E is one report.
type journal[E any] struct {
	mu      sync.Mutex
	reports []E
	grown   chan struct{} // Closed and replaced with every report.
}

func newJournal[E any]() *journal[E] {
	return &journal[E]{grown: make(chan struct{})}
}

func (j *journal[E]) add(report E) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reports = append(j.reports, report)
	close(j.grown)
	j.grown = make(chan struct{})
}

// all returns the reports so far and a channel that is closed when there are more.
func (j *journal[E]) all() ([]E, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.reports[:len(j.reports):len(j.reports)], j.grown
}

var errExited = errors.New("the process has ended")

// wait returns the first report that matches, past or future. It gives up when ctx ends or the process has exited.
func (j *journal[E]) wait(ctx context.Context, exited <-chan struct{}, match func(E) bool) (E, error) {
	for seen := 0; ; {
		// Whatever was reported before the end counts, so look whether it has ended before looking at the reports.
		ended := isClosed(exited)
		reports, grown := j.all()
		for ; seen < len(reports); seen++ {
			if match(reports[seen]) {
				return reports[seen], nil
			}
		}
		var none E
		if ended {
			return none, errExited
		}
		select {
		case <-grown:
		case <-exited:
		case <-ctx.Done():
			return none, context.Cause(ctx)
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
