package control

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// AttachConfig says what an Attachment is attached to, and how.
type AttachConfig struct {
	// Dial connects to the engine; it returns soon after ctx ends.
	Dial func(ctx context.Context) (*Client, error)
	// Look sees the status of every snapshot that arrives before the watchers do, and may add to its Warnings, whose
	// slice it must not write to. It may be nil. It is called from one goroutine.
	Look func(status *engine.Status)
	// First and Longest are how long to wait after a failed attempt, at first and at most; 250 ms and 5 s when 0.
	First, Longest time.Duration
	Log            *slog.Logger
}

// Attachment is an engine in another process for somebody who stays: when the connection is lost, its watches go on with
// what was there last and a warning that says so, and it connects again by itself, to the same engine or to one that
// took its place. Meanwhile its verbs fail with Kind Unavailable.
type Attachment struct {
	cfg    AttachConfig
	hub    watch.Hub
	ctx    context.Context // ends it
	cancel context.CancelFunc
	done   chan struct{}

	// Only stay and what it calls touch these.
	last engine.Snapshot
	seen uint64 // the number of the last event, as the engine counts that made last

	mu     sync.Mutex
	client *Client // nil while there is no connection, and then away says why
	away   error
}

var _ engine.Engine = (*Attachment)(nil)

// Attach connects and stays so until Close. It fails if the first attempt does.
func Attach(ctx context.Context, cfg AttachConfig) (*Attachment, error) {
	if cfg.First == 0 {
		cfg.First = 250 * time.Millisecond
	}
	if cfg.Longest == 0 {
		cfg.Longest = 5 * time.Second
	}
	c, err := cfg.Dial(ctx)
	if err != nil {
		return nil, err
	}
	a := &Attachment{cfg: cfg, client: c, done: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	go a.stay()
	return a, nil
}

// Close lets go of the engine, which goes on.
func (a *Attachment) Close() error {
	a.cancel()
	<-a.done
	return nil
}

// stay passes on what the engine says, for as long as there is one.
func (a *Attachment) stay() {
	defer close(a.done)
	defer a.hub.Close()
	for {
		err := a.relay()
		a.current().Close()
		if a.ctx.Err() != nil {
			return
		}
		a.cfg.Log.Warn("the connection is lost", "error", err)
		a.lost(err)
		if !a.redial() {
			return
		}
		a.cfg.Log.Info("connected again")
	}
}

func (a *Attachment) current() *Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.client
}

// relay gives every snapshot to the watchers until there are no more, and says why.
func (a *Attachment) relay() error {
	snapshots, err := a.current().Watch(a.ctx)
	if err != nil {
		return err
	}
	for s := range snapshots {
		if !s.Status.StartedAt.Equal(a.last.Status.StartedAt) {
			a.seen = 0 // Another engine, which counts its events from the start.
		}
		for _, e := range s.Events {
			if e.Seq > a.seen {
				a.seen = e.Seq
				a.hub.Record(e)
			}
		}
		if a.cfg.Look != nil {
			a.cfg.Look(&s.Status)
		}
		a.last = s
		a.hub.Publish(s)
	}
	return &engine.Error{Op: "control: attach", Kind: engine.Unavailable, Msg: "the running wtptui has gone away"}
}

// lost shows what was there last, and that it is no longer so.
func (a *Attachment) lost(err error) {
	a.mu.Lock()
	a.client, a.away = nil, err
	a.mu.Unlock()
	s := a.last
	s.Status.Online, s.Status.DownRate, s.Status.UpRate = false, 0, 0
	s.Status.Warnings = append([]string{"reconnecting: " + engine.Message(err)}, s.Status.Warnings...)
	a.hub.Publish(s)
}

// redial connects again, and reports false if that has no point any more.
func (a *Attachment) redial() bool {
	for wait := a.cfg.First; pause(a.ctx, wait); wait = min(2*wait, a.cfg.Longest) {
		c, err := a.cfg.Dial(a.ctx)
		if err == nil {
			a.mu.Lock()
			a.client, a.away = c, nil
			a.mu.Unlock()
			return true
		}
		a.cfg.Log.Debug("cannot connect", "error", err)
		if engine.Message(err) != engine.Message(a.reason()) {
			a.lost(err)
		}
	}
	return false
}

func (a *Attachment) reason() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.away
}

// connected gives the client for a verb.
func (a *Attachment) connected(op, host string) (*Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.client != nil {
		return a.client, nil
	}
	return nil, &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable, Err: a.away,
		Msg: fmt.Sprintf("not connected, and trying again: %s", engine.Message(a.away)),
	}
}

// Watch implements engine.Engine.
func (a *Attachment) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	return a.hub.Watch(ctx)
}

// Detail implements engine.Engine.
func (a *Attachment) Detail(ctx context.Context, host string) (engine.Detail, error) {
	c, err := a.connected("control: detail", host)
	if err != nil {
		return engine.Detail{}, err
	}
	return c.Detail(ctx, host)
}

// Add implements engine.Engine.
func (a *Attachment) Add(ctx context.Context, req engine.AddRequest) (engine.Site, error) {
	c, err := a.connected("control: add", "")
	if err != nil {
		return engine.Site{}, err
	}
	return c.Add(ctx, req)
}

// Do implements engine.Engine.
func (a *Attachment) Do(ctx context.Context, verb engine.Verb, host string) error {
	c, err := a.connected("control: "+string(verb), host)
	if err != nil {
		return err
	}
	return c.Do(ctx, verb, host)
}

// SetLimits implements engine.Engine.
func (a *Attachment) SetLimits(ctx context.Context, limits engine.Limits) error {
	c, err := a.connected("control: set limits", "")
	if err != nil {
		return err
	}
	return c.SetLimits(ctx, limits)
}

// Switch implements engine.Engine.
func (a *Attachment) Switch(ctx context.Context, host, infohash string) error {
	c, err := a.connected("control: switch", host)
	if err != nil {
		return err
	}
	return c.Switch(ctx, host, infohash)
}

// Resolve implements engine.Engine.
func (a *Attachment) Resolve(ctx context.Context, domain string) (engine.Name, error) {
	c, err := a.connected("control: resolve", domain)
	if err != nil {
		return engine.Name{}, err
	}
	return c.Resolve(ctx, domain)
}

// Publish implements engine.Engine.
func (a *Attachment) Publish(ctx context.Context, req engine.PublishRequest, progress func(engine.PublishProgress)) (engine.Publication, error) {
	c, err := a.connected("control: publish", "")
	if err != nil {
		return engine.Publication{}, err
	}
	return c.Publish(ctx, req, progress)
}

// Probe implements engine.Engine.
func (a *Attachment) Probe(ctx context.Context, host string) (engine.Reach, error) {
	c, err := a.connected("control: probe", host)
	if err != nil {
		return engine.Reach{}, err
	}
	return c.Probe(ctx, host)
}

// Export implements engine.Engine.
func (a *Attachment) Export(ctx context.Context, host, dir string) error {
	c, err := a.connected("control: export", host)
	if err != nil {
		return err
	}
	return c.Export(ctx, host, dir)
}

// Metainfo implements engine.Engine.
func (a *Attachment) Metainfo(ctx context.Context, host string) ([]byte, error) {
	c, err := a.connected("control: metainfo", host)
	if err != nil {
		return nil, err
	}
	return c.Metainfo(ctx, host)
}
