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

// second is how long a second is for the hosts of these tests.
const second = 5 * time.Millisecond

// browserEnd is a browser with the extension, on the other side of a host.
type browserEnd struct {
	t       *testing.T
	to      *io.PipeWriter
	heard   chan message
	ended   chan error
	engine  *fake.Engine
	present *presence
	next    int64
}

// message is what a host says.
type message struct {
	ID     int64           `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  string          `json:"error"`
	news
}

// presence reports whether an engine runs. Only tests that start one change it.
type presence struct {
	mu     sync.Mutex
	engine Engine
}

func (p *presence) set(e Engine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.engine = e
}

func (p *presence) dial(context.Context) (Engine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine == nil {
		return nil, &engine.Error{Kind: engine.Unavailable, Msg: "none runs"}
	}
	return p.engine, nil
}

// stays is an engine that outlives the connections to it.
type stays struct{ *fake.Engine }

func (stays) Close() error { return nil }

const cacheTTL = 30 * time.Minute

func sites() []fake.Script {
	return []fake.Script{
		{Host: "docs.example", Title: "Example Docs", Peers: 4, ExpiresIn: 20 * time.Minute},
		{Host: "tides.example", Title: "Tides & <b>more</b>", ExpiresIn: 10 * time.Minute},
		{Host: strings.Repeat("a1", 20), Title: "bank.example", Pinned: true},
		{Host: strings.Repeat("b2", 20), State: engine.Found},
	}
}

// startHost starts a host whose engine plays a script; where running is false, none runs until it is started.
func startHost(t *testing.T, running bool) *browserEnd {
	t.Helper()
	e := fake.New(fake.Options{Scripts: sites(), CacheTTL: cacheTTL})
	t.Cleanup(func() { e.Close() })
	b := &browserEnd{t: t, heard: make(chan message, 1000), ended: make(chan error, 1), engine: e, present: &presence{}}
	if running {
		b.present.set(stays{e})
	}
	b.serve(Host{Dial: b.present.dial, Second: second, Start: func(context.Context) error {
		b.present.set(stays{e})
		return nil
	}})
	return b
}

func (b *browserEnd) serve(h Host) {
	in, to := io.Pipe()
	from, out := io.Pipe()
	b.to = to
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
			b.heard <- m
		}
	}()
	b.t.Cleanup(func() {
		to.Close()
		enginetest.Receive(b.t, done, "the host to end")
	})
}

// send asks without waiting.
func (b *browserEnd) send(q question) int64 {
	b.t.Helper()
	b.next++
	q.ID = b.next
	if err := writeFrame(b.to, q); err != nil {
		b.t.Fatal(err)
	}
	return q.ID
}

// ask decodes the answer, and gives its error.
func (b *browserEnd) ask(q question, into any) string {
	b.t.Helper()
	id := b.send(q)
	m := b.until("the answer to "+q.Op, func(m message) bool { return m.ID == id })
	if m.Error == "" && into != nil {
		if m.Result == nil {
			m.Result = []byte("null")
		}
		if err := json.Unmarshal(m.Result, into); err != nil {
			b.t.Fatalf("%s: %s: %v", q.Op, m.Result, err)
		}
	}
	return m.Error
}

// until waits for a message.
func (b *browserEnd) until(what string, ok func(message) bool) message {
	b.t.Helper()
	for {
		if m := enginetest.Receive(b.t, b.heard, what); ok(m) {
			return m
		}
	}
}

func (b *browserEnd) running() {
	b.t.Helper()
	b.until("an engine", func(m message) bool { return m.Running })
}

// site waits until the engine's site is as it should be.
func (b *browserEnd) site(host, what string, ok func(engine.Site) bool) {
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

const docs = "http://docs-example.localhost:7780"
