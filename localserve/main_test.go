package localserve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wtptui/engine"
	"wtptui/engine/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is an Opener over sites in memory.
type script struct {
	mu      sync.Mutex
	known   map[string]engine.Content        // sites by host
	awaited engine.Awaited                   // what all of them wait for
	open    func(ctx context.Context) error  // what Open waits for, and fails with
	opened  []string                         // hosts that Open was called with
	unknown func(host string) engine.Content // what an unknown site turns out to be; nil: sites are not found
}

func (s *script) Host(label string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for host := range s.known {
		if engine.Label(host) == label {
			return host, true
		}
	}
	host, _ := engine.HostOfLabel(label)
	return host, false
}

func (s *script) Open(ctx context.Context, host string) (engine.Content, error) {
	s.mu.Lock()
	s.opened = append(s.opened, host)
	c, wait, unknown := s.known[host], s.open, s.unknown
	s.mu.Unlock()
	if wait != nil {
		if err := wait(ctx); err != nil {
			return nil, err
		}
	}
	if c == nil && unknown != nil {
		c = unknown(host)
	}
	if c == nil {
		return nil, &engine.Error{Op: "script: open", Kind: engine.NotFound, Msg: host + " has no TXT record: check the spelling"}
	}
	return c, nil
}

func (s *script) Awaited(string) engine.Awaited { return s.awaited }

func (s *script) opens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.opened)
}

// memory is a site's content in memory.
type memory struct {
	lastArrival func() time.Time
	notes       []string // what was noted

	files map[string]string
	// hold, if set, is waited for before the byte at its key can be read, by path; it is closed to let go.
	hold       map[string]map[int64]chan struct{}
	noClearnet bool

	mu       sync.Mutex
	requests []engine.Request
	readers  int // that are open
	reads    int
	raised   []string // paths, each with its urgency in front, in the order of asking
	title    string
	done     chan engine.Request // if set, gets each request as it is closed
}

func (m *memory) Infohash() string { return strings.Repeat("ab", 20) }

func (m *memory) Lookup(path string) (engine.Entry, bool) {
	data, ok := m.files[path]
	if !ok {
		return engine.Entry{}, false
	}
	return m.entry(path, data), true
}

func (m *memory) entry(path, data string) engine.Entry {
	sum := sha256.Sum256([]byte(data))
	return engine.Entry{Name: path[strings.LastIndexByte(path, '/')+1:], Index: slices.Index(m.paths(), path), Size: int64(len(data)), Tag: hex.EncodeToString(sum[:8])}
}

func (m *memory) paths() []string {
	var out []string
	for p := range m.files {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

func (m *memory) List(dir string) ([]engine.Entry, bool) {
	prefix := dir + "/"
	if dir == "" {
		prefix = ""
	}
	var out []engine.Entry
	for _, p := range m.paths() {
		rest, ok := strings.CutPrefix(p, prefix)
		if !ok {
			continue
		}
		name, _, deep := strings.Cut(rest, "/")
		switch {
		case !deep:
			out = append(out, m.entry(p, m.files[p]))
		case !slices.ContainsFunc(out, func(e engine.Entry) bool { return e.Dir && e.Name == name }):
			out = append(out, engine.Entry{Name: name, Dir: true})
		}
	}
	return out, len(out) > 0 || dir == ""
}

func (m *memory) Open(ctx context.Context, e engine.Entry, _ engine.Urgency) (io.ReadSeekCloser, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.readers++
	path := m.paths()[e.Index]
	return &memoryReader{ctx: ctx, m: m, data: m.files[path], hold: m.hold[path]}, nil
}

func (m *memory) Raise(entries []engine.Entry, u engine.Urgency) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range entries {
		m.raised = append(m.raised, fmt.Sprint(int(u), " ", m.paths()[e.Index]))
	}
}

func (m *memory) Retitle(title string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.title = title
}

func (m *memory) Have(e engine.Entry) int64 { return e.Size }

func (m *memory) Arrived(engine.Entry, int64) (came, all int64) { return 3 << 10, 1 << 20 }

func (m *memory) Note(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes = append(m.notes, text)
}

func (m *memory) LastArrival() time.Time {
	if m.lastArrival == nil {
		return time.Time{}
	}
	return m.lastArrival()
}

func (m *memory) NoClearnet() bool { return m.noClearnet }

// Complete implements engine.Completer.
func (m *memory) Complete() bool {
	for path := range m.files {
		if !released(m.hold[path]) {
			return false
		}
	}
	return true
}

func released(hold map[int64]chan struct{}) bool {
	for _, held := range hold {
		select {
		case <-held:
		default:
			return false
		}
	}
	return true
}

func (m *memory) Close(r engine.Request) {
	m.mu.Lock()
	m.requests = append(m.requests, r)
	done := m.done
	m.mu.Unlock()
	if done != nil {
		done <- r
	}
}

func (m *memory) openReaders() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.readers
}

func (m *memory) readCalls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reads
}

// memoryReader reads up to the next byte that is held, and there waits.
type memoryReader struct {
	ctx  context.Context
	m    *memory
	data string
	hold map[int64]chan struct{}
	pos  int64
}

func (r *memoryReader) Read(p []byte) (int, error) {
	r.m.mu.Lock()
	r.m.reads++
	r.m.mu.Unlock()
	if held, ok := r.hold[r.pos]; ok {
		select {
		case <-held:
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
	if r.pos >= int64(len(r.data)) {
		return 0, io.EOF
	}
	end := int64(len(r.data))
	for at := range r.hold {
		if at > r.pos {
			end = min(end, at)
		}
	}
	n := copy(p, r.data[r.pos:end])
	r.pos += int64(n)
	return n, nil
}

func (r *memoryReader) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.New("not asked for")
	}
	r.pos = offset
	return offset, nil
}

// Complete implements engine.Completer.
func (r *memoryReader) Complete() bool { return released(r.hold) }

func (r *memoryReader) Close() error {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	r.m.readers--
	return nil
}

// running is a server on a real port, and what tests ask it with.
type running struct {
	t    testing.TB
	addr string // 127.0.0.1:port
	port string
	srv  *Server
}

const (
	hash   = "0123456789abcdef0123456789abcdef01234567"
	domain = "docs.example.org"
	label  = "docs-example-org"
)

// start serves opener; the server and its connections end with the test.
func start(t testing.TB, cfg Config) *running {
	t.Helper()
	ln, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	srv := New(cfg)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := enginetest.Receive(t, served, "Serve to return"); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return &running{t: t, addr: ln.Addr().String(), port: port, srv: srv}
}
