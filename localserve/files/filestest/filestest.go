// Package filestest has sites in memory, for tests of what serves them.
package filestest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"wtptui/engine"
)

// Opener is an Opener over sites in memory.
type Opener struct {
	mu           sync.Mutex
	Sites        map[string]engine.Content        // sites by host
	AwaitedState engine.WaitStatus                // what all of them wait for
	BeforeOpen   func(ctx context.Context) error  // what Open waits for, and fails with
	opened       []string                         // hosts that Open was called with
	OpenUnknown  func(host string) engine.Content // what an unknown site turns out to be; nil: sites are not found
}

// Host implements localserve.Opener.
func (s *Opener) Host(label string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for host := range s.Sites {
		if engine.OriginLabel(host) == label {
			return host, true
		}
	}
	host, _ := engine.HostFromOriginLabel(label)
	return host, false
}

// Open implements files.Opener.
func (s *Opener) Open(ctx context.Context, host string) (engine.Content, error) {
	s.mu.Lock()
	s.opened = append(s.opened, host)
	c, wait, unknown := s.Sites[host], s.BeforeOpen, s.OpenUnknown
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
		return nil, &engine.Error{
			Op: "script: open", Kind: engine.NotFound, Msg: host + " has no TXT record: check the spelling",
		}
	}
	return c, nil
}

// WaitStatus implements files.Opener.
func (s *Opener) WaitStatus(string) engine.WaitStatus { return s.AwaitedState }

// Forget makes a known site unknown; what is asked of it from now on is what content says.
func (s *Opener) Forget(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	content := s.Sites[host]
	delete(s.Sites, host)
	s.OpenUnknown = func(string) engine.Content { return content }
}

// Opened returns the hosts that Open was called with.
func (s *Opener) Opened() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.opened)
}

// Site is a site's content in memory.
type Site struct {
	LastArrivalFunc func() time.Time
	Notes           []string // what was noted

	Files map[string]string
	// hold, if set, is waited for before the byte at its key can be read, by path; it is closed to let go.
	Hold       map[string]map[int64]chan struct{}
	NoClearnet bool

	Mu       sync.Mutex
	Requests []engine.Request
	readers  int // that are open
	reads    int
	Raised   []string // paths, each with its urgency in front, in the order of asking
	Title    string
	Done     chan engine.Request // if set, gets each request as it is closed
}

// Infohash implements engine.Content.
func (m *Site) Infohash() string { return strings.Repeat("ab", 20) }

// Lookup implements engine.Content.
func (m *Site) Lookup(path string) (engine.Entry, bool) {
	data, ok := m.Files[path]
	if !ok {
		return engine.Entry{}, false
	}
	return m.Entry(path, data), true
}

// Entry implements engine.Content.
func (m *Site) Entry(path, data string) engine.Entry {
	sum := sha256.Sum256([]byte(data))
	return engine.Entry{
		Name: path[strings.LastIndexByte(path, '/')+1:], Index: slices.Index(m.paths(), path),
		Size: int64(len(data)), Tag: hex.EncodeToString(sum[:8]),
	}
}

func (m *Site) paths() []string {
	var out []string
	for p := range m.Files {
		out = append(out, p)
	}
	sort.Strings(out)
	return out
}

// List implements engine.Content.
func (m *Site) List(dir string) ([]engine.Entry, bool) {
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
			out = append(out, m.Entry(p, m.Files[p]))
		case !slices.ContainsFunc(out, func(e engine.Entry) bool { return e.Dir && e.Name == name }):
			out = append(out, engine.Entry{Name: name, Dir: true})
		}
	}
	return out, len(out) > 0 || dir == ""
}

// Open implements engine.Content.
func (m *Site) Open(ctx context.Context, e engine.Entry, _ engine.Urgency) (io.ReadSeekCloser, error) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	m.readers++
	path := m.paths()[e.Index]
	return &reader{ctx: ctx, m: m, data: m.Files[path], hold: m.Hold[path]}, nil
}

// Prefetch implements engine.Content.
func (m *Site) Prefetch(entries []engine.Entry, u engine.Urgency) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	for _, e := range entries {
		m.Raised = append(m.Raised, fmt.Sprint(int(u), " ", m.paths()[e.Index]))
	}
}

// SetTitle implements engine.Content.
func (m *Site) SetTitle(title string) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	m.Title = title
}

// VerifiedBytes implements engine.Content.
func (m *Site) VerifiedBytes(e engine.Entry) int64 { return e.Size }

// ArrivedBytes implements engine.Content.
func (m *Site) ArrivedBytes(engine.Entry, int64) (came, all int64) { return 3 << 10, 1 << 20 }

// RecordWarning implements engine.Content.
func (m *Site) RecordWarning(text string) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	m.Notes = append(m.Notes, text)
}

// LastArrival implements engine.Content.
func (m *Site) LastArrival() time.Time {
	if m.LastArrivalFunc == nil {
		return time.Time{}
	}
	return m.LastArrivalFunc()
}

// Flags implements engine.Content.
func (m *Site) Flags() engine.Flags { return engine.Flags{NoClearnet: m.NoClearnet} }

// Complete implements engine.Completer.
func (m *Site) Complete() bool {
	for path := range m.Files {
		if !IsReleased(m.Hold[path]) {
			return false
		}
	}
	return true
}

// IsReleased reports whether nothing of a file is held any more.
func IsReleased(hold map[int64]chan struct{}) bool {
	for _, held := range hold {
		select {
		case <-held:
		default:
			return false
		}
	}
	return true
}

// Close implements engine.Content.
func (m *Site) Close(r engine.Request) {
	m.Mu.Lock()
	m.Requests = append(m.Requests, r)
	done := m.Done
	m.Mu.Unlock()
	if done != nil {
		done <- r
	}
}

// Readers returns how many readers are open.
func (m *Site) Readers() int {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	return m.readers
}

// Reads returns how often they were read.
func (m *Site) Reads() int {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	return m.reads
}

// reader reads up to the next byte that is held, and there waits.
type reader struct {
	ctx  context.Context
	m    *Site
	data string
	hold map[int64]chan struct{}
	pos  int64
}

func (r *reader) Read(p []byte) (int, error) {
	r.m.Mu.Lock()
	r.m.reads++
	r.m.Mu.Unlock()
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

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.New("not asked for")
	}
	r.pos = offset
	return offset, nil
}

// Complete implements engine.Completer.
func (r *reader) Complete() bool { return IsReleased(r.hold) }

func (r *reader) Close() error {
	r.m.Mu.Lock()
	defer r.m.Mu.Unlock()
	r.m.readers--
	return nil
}
