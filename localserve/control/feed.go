package control

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// frame is one line of a watch.
type frame struct {
	Patch patch `json:"patch"`
	// Events are the notable events since the last frame, oldest first.
	Events []engine.Event `json:"events"`
}

// watch sends the changes of the state until the engine stops or the connection is closed. A slow client skips
// snapshots: its engine channel holds only the newest one while the write waits.
func (s *server) watch(w http.ResponseWriter, r *http.Request) error {
	var base engine.Snapshot
	return s.feed(w, r, func(out *stream, next engine.Snapshot) (int, error) {
		n, err := s.sendFrame(out, base, next)
		base = next
		return n, err
	})
}

// snapshots is watch with whole snapshots instead of changes.
func (s *server) snapshots(w http.ResponseWriter, r *http.Request) error {
	return s.feed(w, r, func(out *stream, next engine.Snapshot) (int, error) {
		before := out.counter.n
		if err := json.NewEncoder(out.writer).Encode(next); err != nil {
			return 0, err
		}
		err := out.flush()
		return out.counter.n - before, err
	})
}

// snapshot returns the current state.
func (s *server) snapshot(ctx context.Context) (engine.Snapshot, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	snapshots, err := s.engine.Watch(ctx)
	if err != nil {
		return engine.Snapshot{}, err
	}
	now, ok := <-snapshots
	if !ok {
		return now, &engine.Error{Op: "control: snapshot", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
	}
	return now, nil
}

// feed calls send with each snapshot, as fast as the client reads and its rate allows. send returns how many bytes it
// has written.
func (s *server) feed(w http.ResponseWriter, r *http.Request, send func(*stream, engine.Snapshot) (int, error)) error {
	rate, err := parseRate(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	snapshots, err := s.engine.Watch(ctx)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	out := newStream(w, r, http.StatusOK)
	defer out.close()
	if out.flush() != nil {
		return nil
	}
	first := true
	for snapshot := range snapshots {
		n, err := send(out, snapshot)
		if err != nil {
			return nil // The client has gone.
		}
		// The first frame is large, and a person waits for it.
		if rate > 0 && !first && !sleep(ctx, time.Duration(n)*time.Second/time.Duration(rate)) {
			return nil
		}
		first = false
	}
	return nil
}

// sendFrame writes the frame that leads from base to next, and returns its size in bytes.
func (s *server) sendFrame(out *stream, base, next engine.Snapshot) (int, error) {
	changes, err := s.patches.encode(base, next)
	if err != nil {
		s.log.Error("control: watch", "error", err)
		return 0, err
	}
	events, err := json.Marshal(next.Events)
	if err != nil {
		return 0, err
	}
	before := out.counter.n
	// The changes may be shared with other watches, so the frame is put together from encoded parts.
	for _, part := range [][]byte{[]byte(`{"patch":`), changes, []byte(`,"events":`), events, []byte("}\n")} {
		if _, err := out.writer.Write(part); err != nil {
			return 0, err
		}
	}
	err = out.flush()
	return out.counter.n - before, err
}

// parseRate returns the rate of a watch in bytes per second; 0 means unlimited.
func parseRate(r *http.Request) (int, error) {
	given := r.URL.Query().Get("rate")
	if given == "" {
		return 0, nil
	}
	rate, err := strconv.Atoi(given)
	if err != nil || rate < 1 {
		return 0, &engine.Error{
			Op: "control: watch", Kind: engine.Invalid, Msg: "rate must be a number of bytes per second above 0",
		}
	}
	return rate, nil
}

// sleep reports whether d passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// patchCache caches the encoded patches to the newest snapshot, so that watches with the same base share one. Its zero
// value is ready to use.
type patchCache struct {
	mu    sync.Mutex
	seq   uint64            // Seq of the newest snapshot
	bySeq map[uint64][]byte // the patches by the Seq of their base
}

// encode returns diff(base, next) as JSON. A patch to a snapshot older than the newest is not cached.
func (p *patchCache) encode(base, next engine.Snapshot) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if next.Seq > p.seq {
		p.seq, p.bySeq = next.Seq, map[uint64][]byte{}
	}
	if data, ok := p.bySeq[base.Seq]; ok && next.Seq == p.seq {
		return data, nil
	}
	changes, err := diff(base, next)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(changes)
	if err == nil && next.Seq == p.seq {
		p.bySeq[base.Seq] = data
	}
	return data, err
}

// stream is a response that is flushed piece by piece, compressed if the client accepts that.
type stream struct {
	writer     io.Writer
	counter    *counter
	gzip       *gzip.Writer // nil if the response is not compressed
	controller *http.ResponseController
}

// newStream writes the header of a response; only Content-Encoding is added to it.
func newStream(w http.ResponseWriter, r *http.Request, status int) *stream {
	s := &stream{counter: &counter{writer: w}, controller: http.NewResponseController(w)}
	s.writer = s.counter
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		s.gzip = gzip.NewWriter(s.counter)
		s.writer = s.gzip
	}
	w.WriteHeader(status)
	return s
}

// flush sends everything that was written.
func (s *stream) flush() error {
	if s.gzip != nil {
		if err := s.gzip.Flush(); err != nil {
			return err
		}
	}
	return s.controller.Flush()
}

// close ends the compressed data. An error means that the client has gone, so it is ignored.
func (s *stream) close() {
	if s.gzip != nil {
		_ = s.gzip.Close()
	}
}

// counter counts the bytes that are written through it.
type counter struct {
	writer io.Writer
	n      int
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.writer.Write(p)
	c.n += n
	return n, err
}
