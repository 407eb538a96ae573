package control

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"wtptui/engine"
	"wtptui/engine/watch"
)

// AttachConfig is the configuration of an Attachment.
type AttachConfig struct {
	// Dial connects to the engine. It must return soon after ctx ends.
	Dial func(ctx context.Context) (*Client, error)
	// OnStatus, if set, is called with the status of each snapshot before it is sent to the watches. It may replace
	// Warnings, but must not write to its elements. Calls do not overlap.
	OnStatus func(status *engine.Status)
	// MinBackoff and MaxBackoff are the delay after the first failed attempt, and the maximum; 0 means 250 ms and 5 s.
	MinBackoff, MaxBackoff time.Duration
	// AllowOffline makes Attach succeed without a connection; it then keeps trying, as after a loss.
	AllowOffline bool
	Log          *slog.Logger
}

// Attachment is an engine in another process that survives the loss of the connection: it reconnects by itself, to the
// same engine or to another one at the same address. Meanwhile its watches send the last snapshot with a warning, and
// its other methods fail with Kind Unavailable. A loss is only noticed while there is a watch.
type Attachment struct {
	cfg       AttachConfig
	ctx       context.Context // ends with Close
	cancel    context.CancelFunc
	wg        sync.WaitGroup
	reconnect chan struct{} // requests another connection; capacity 1

	mu            sync.Mutex
	client        *Client // nil while there is no connection, and then offlineErr says why
	offlineErr    error
	clientChanged chan struct{}   // closed and replaced when client or offlineErr changes
	lastSnapshot  engine.Snapshot // the last one that any watch has received
	onStatusMu    sync.Mutex      // held while cfg.OnStatus runs
}

var _ engine.Engine = (*Attachment)(nil)

// Attach connects, and stays connected until Close. It fails if the first attempt fails, unless AllowOffline is set.
func Attach(ctx context.Context, cfg AttachConfig) (*Attachment, error) {
	if cfg.MinBackoff == 0 {
		cfg.MinBackoff = 250 * time.Millisecond
	}
	if cfg.MaxBackoff == 0 {
		cfg.MaxBackoff = 5 * time.Second
	}
	c, err := cfg.Dial(ctx)
	if err != nil && !cfg.AllowOffline {
		return nil, err
	}
	a := &Attachment{
		cfg: cfg, client: c, offlineErr: err,
		reconnect: make(chan struct{}, 1), clientChanged: make(chan struct{}),
	}
	if c == nil {
		a.reconnect <- struct{}{}
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.wg.Go(a.keepConnected)
	return a, nil
}

// Close ends all watches and closes the connection. The engine goes on.
func (a *Attachment) Close() error {
	a.cancel()
	a.wg.Wait()
	return nil
}

// keepConnected reconnects whenever the connection is lost, until the Attachment is closed.
func (a *Attachment) keepConnected() {
	for {
		select {
		case <-a.reconnect:
		case <-a.ctx.Done():
			if c, _, _ := a.clientState(); c != nil {
				c.Close()
			}
			return
		}
		for wait := a.cfg.MinBackoff; sleep(a.ctx, wait); wait = min(2*wait, a.cfg.MaxBackoff) {
			c, err := a.cfg.Dial(a.ctx)
			a.replaceClient(nil, c, err)
			if err == nil {
				a.cfg.Log.Info("connected again")
				break
			}
			a.cfg.Log.Debug("cannot connect", "error", err)
		}
	}
}

// clientState returns the client, a channel that is closed when the client changes, and, if there is no client, the
// reason.
func (a *Attachment) clientState() (c *Client, changed <-chan struct{}, offlineErr error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.client, a.clientChanged, a.offlineErr
}

// replaceClient replaces the client old by c, or by none with the reason offlineErr. It returns false, and does
// nothing, if old is not the client any more.
func (a *Attachment) replaceClient(old, c *Client, offlineErr error) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.client != old {
		return false
	}
	a.client, a.offlineErr = c, offlineErr
	close(a.clientChanged)
	a.clientChanged = make(chan struct{})
	return true
}

// disconnected drops a client whose connection has failed, and starts to reconnect. Further calls for the same client
// do nothing.
func (a *Attachment) disconnected(c *Client, err error) {
	if a.replaceClient(c, nil, err) {
		a.cfg.Log.Warn("the connection is lost", "error", err)
		a.reconnect <- struct{}{}
		a.wg.Go(func() { c.Close() }) // Close waits for the client's other watches.
	}
}

// Watch implements engine.Engine. The channel survives the loss of the connection.
func (a *Attachment) Watch(ctx context.Context) (<-chan engine.Snapshot, error) {
	f := &attachedWatch{Attachment: a}
	if a.ctx.Err() != nil {
		f.hub.Close() // Watch of a closed hub returns the right error.
	}
	ctx, cancel := context.WithCancel(ctx)
	ch, err := f.hub.Watch(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	a.wg.Go(func() {
		defer cancel()
		defer context.AfterFunc(a.ctx, cancel)()
		f.run(ctx)
	})
	return ch, nil
}

// attachedWatch is one watch over all connections.
type attachedWatch struct {
	*Attachment
	hub           watch.Hub
	engineStarted engine.Time // StartedAt of the engine of the last snapshot
	lastEventSeq  uint64      // Seq of the last event of that engine
}

// run publishes the snapshots of each connection, and offline snapshots in between, until ctx ends.
func (f *attachedWatch) run(ctx context.Context) {
	defer f.hub.Close()
	for ctx.Err() == nil {
		c, changed, offlineErr := f.clientState()
		if c != nil {
			if err := f.forward(ctx, c); ctx.Err() == nil {
				f.disconnected(c, err)
			}
			continue
		}
		f.hub.Publish(f.offlineSnapshot(offlineErr))
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// forward publishes the snapshots of one connection until it fails, and returns the error.
func (f *attachedWatch) forward(ctx context.Context, c *Client) error {
	snapshots, err := c.Watch(ctx)
	if err != nil {
		return err
	}
	for s := range snapshots {
		if !s.Status.StartedAt.Equal(f.engineStarted) {
			// This is another engine, whose events are numbered from the start.
			f.engineStarted, f.lastEventSeq = s.Status.StartedAt, 0
		}
		for _, e := range s.Events {
			if e.Seq > f.lastEventSeq {
				f.lastEventSeq = e.Seq
				f.hub.Record(e)
			}
		}
		f.storeSnapshot(&s)
		f.hub.Publish(s)
	}
	return &engine.Error{Op: "control: attach", Kind: engine.Unavailable, Msg: "the running wtptui has gone away"}
}

// storeSnapshot stores a snapshot and calls OnStatus with its status.
func (a *Attachment) storeSnapshot(s *engine.Snapshot) {
	a.mu.Lock()
	a.lastSnapshot = *s
	a.mu.Unlock()
	if a.cfg.OnStatus != nil {
		a.onStatusMu.Lock()
		defer a.onStatusMu.Unlock()
		a.cfg.OnStatus(&s.Status)
	}
}

// offlineSnapshot returns the last snapshot, marked as offline with the reason.
func (a *Attachment) offlineSnapshot(offlineErr error) engine.Snapshot {
	a.mu.Lock()
	s := a.lastSnapshot
	a.mu.Unlock()
	s.Status.Online, s.Status.DownRate, s.Status.UpRate = false, 0, 0
	s.Status.Away = engine.Message(offlineErr)
	s.Status.Warnings = append([]string{"reconnecting: " + s.Status.Away}, s.Status.Warnings...)
	return s
}

// connectedClient returns the current client, or an error of Kind Unavailable while there is none.
func (a *Attachment) connectedClient(op, host string) (*Client, error) {
	c, _, offlineErr := a.clientState()
	if c != nil {
		return c, nil
	}
	return nil, &engine.Error{
		Op: op, Host: host, Kind: engine.Unavailable, Err: offlineErr,
		Msg: "not connected, and trying again: " + engine.Message(offlineErr),
	}
}
