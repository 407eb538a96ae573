package companion

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/enginetest"
	"wtptui/engine/fake"
)

// interval is the Interval of the hosts of these tests.
const interval = 5 * time.Millisecond

// browser is a browser with the extension, connected to a host.
type browser struct {
	t          *testing.T
	requests   *io.PipeWriter
	messages   chan message
	ended      chan error
	engine     *fake.Engine
	connection *engineConnection
	lastID     int64
}

// message is a response or news of a host.
type message struct {
	ID     int64           `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
	news
}

// engineConnection is the engine that a host connects to, if one runs. Only tests that start an engine change it.
type engineConnection struct {
	mu     sync.Mutex
	engine Engine
}

func (p *engineConnection) set(e Engine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engine = e
}

func (p *engineConnection) dial(context.Context) (Engine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine == nil {
		return nil, &engine.Error{Kind: engine.Unavailable, Msg: "none runs"}
	}
	return p.engine, nil
}

// unclosable is an engine that outlives the connections to it.
type unclosable struct{ *fake.Engine }

func (unclosable) Close() error { return nil }

const cacheTTL = 30 * time.Minute

func testSites() []fake.Script {
	return []fake.Script{
		{Host: "docs.example", Title: "Example Docs", Peers: 4, ExpiresIn: 20 * time.Minute},
		{Host: "tides.example", Title: "Tides & <b>more</b>", ExpiresIn: 10 * time.Minute},
		{Host: strings.Repeat("a1", 20), Title: "bank.example", Pinned: true},
		{Host: strings.Repeat("b2", 20), State: engine.Found},
	}
}

// startHost starts a host whose engine plays a script. Unless running is set, no engine runs until the host starts it.
func startHost(t *testing.T, running bool) *browser {
	t.Helper()
	e := fake.New(fake.Options{Scripts: testSites(), CacheTTL: cacheTTL})
	t.Cleanup(func() { e.Close() })
	b := newBrowser(t)
	b.engine = e
	if running {
		b.connection.set(unclosable{e})
	}
	b.serve(Host{Dial: b.connection.dial, Interval: interval, Start: func(context.Context) error {
		b.connection.set(unclosable{e})
		return nil
	}})
	return b
}

func newBrowser(t *testing.T) *browser {
	return &browser{
		t: t, messages: make(chan message, 1000), ended: make(chan error, 1), connection: &engineConnection{},
	}
}

func (b *browser) serve(h Host) {
	in, to := io.Pipe()
	from, out := io.Pipe()
	b.requests = to
	go func() {
		b.ended <- h.Serve(context.Background(), in, out)
		out.Close()
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			frame, err := readFrame(from)
			if err != nil {
				return
			}
			var m message
			if err := json.Unmarshal(frame, &m); err != nil {
				b.t.Errorf("the host said %q: %v", frame, err)
			}
			b.messages <- m
		}
	}()
	b.t.Cleanup(func() {
		to.Close()
		enginetest.Receive(b.t, done, "the host to end")
	})
}

// sendRequest sends a request without waiting for its response, and returns its number.
func (b *browser) sendRequest(req request) int64 {
	b.t.Helper()
	b.lastID++
	req.ID = b.lastID
	if err := writeFrame(b.requests, req); err != nil {
		b.t.Fatal(err)
	}
	return req.ID
}

// call sends a request, decodes the result of the response into into, and returns its error.
func (b *browser) call(req request, into any) string {
	b.t.Helper()
	id := b.sendRequest(req)
	m := b.awaitMessage("the answer to "+req.Op, func(m message) bool { return m.ID == id })
	if m.Error == "" && into != nil {
		if m.Result == nil {
			m.Result = []byte("null")
		}
		if err := json.Unmarshal(m.Result, into); err != nil {
			b.t.Fatalf("%s: %s: %v", req.Op, m.Result, err)
		}
	}
	return m.Error
}

// awaitMessage waits for a message for which ok returns true.
func (b *browser) awaitMessage(what string, ok func(message) bool) message {
	b.t.Helper()
	for {
		if m := enginetest.Receive(b.t, b.messages, what); ok(m) {
			return m
		}
	}
}

func (b *browser) awaitEngine() {
	b.t.Helper()
	b.awaitMessage("an engine", func(m message) bool { return m.Running })
}

// awaitSite waits until ok returns true for the engine's site.
func (b *browser) awaitSite(host, what string, ok func(engine.Site) bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer cancel()
	ch, err := b.engine.Watch(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	for snap := range ch {
		if slices.ContainsFunc(snap.Sites, func(s engine.Site) bool { return s.Host == host && ok(s) }) {
			return
		}
	}
	b.t.Fatalf("%s is not %s", host, what)
}

const docsOrigin = "http://docs-example.localhost:7780"
