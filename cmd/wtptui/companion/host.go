package companion

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"wtptui/engine"
)

// Engine is what the host needs of an engine, and all that it can do to one.
type Engine interface {
	Watch(ctx context.Context) (<-chan engine.Snapshot, error)
	Detail(ctx context.Context, host string) (engine.Detail, error)
	Do(ctx context.Context, verb engine.Verb, hosts ...string) error
	KeepOpen(ctx context.Context, hosts ...string) error
	Close() error
}

// Host is the native host: it answers the extension of one browser, as long as that keeps the connection open.
type Host struct {
	// Dial connects to the running engine. It must not wait for one to start.
	Dial func(ctx context.Context) (Engine, error)
	// Start starts an engine that outlives the host, if none runs. Calls do not overlap.
	Start func(ctx context.Context) error
	// Interval is how often news is sent and rates recorded, and how long to wait before connecting again. 0 means
	// one second.
	Interval time.Duration
}

// Serve answers the requests in in until in ends, which is how a browser ends a host, or until ctx does. An error is
// one of in or out: failed requests are answered. A read of in may still be running when Serve has returned.
func (h Host) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	if h.Interval == 0 {
		h.Interval = time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &session{
		Host: h, ctx: ctx, out: out, traces: traces{},
		responses: make(chan response), changes: make(chan engineChange), reconnect: make(chan struct{}, 1),
		engineErr: &engine.Error{Op: "native-host", Kind: engine.NotReady, Msg: "connecting"},
	}
	frames, failed := make(chan []byte), make(chan error, 1)
	go func() { failed <- readFrames(ctx, in, frames) }()
	s.tasks.Go(s.followEngines)
	err := s.run(frames, failed)
	cancel()
	s.tasks.Wait()
	return err
}

// readFrames passes messages on until in ends or ctx does.
func readFrames(ctx context.Context, in io.Reader, frames chan<- []byte) error {
	for {
		frame, err := readFrame(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooLong):
			frame = nil // It is answered as a message that cannot be decoded.
		case err != nil:
			return err
		}
		select {
		case frames <- frame:
		case <-ctx.Done():
			return nil
		}
	}
}

// session is one run of a host. One goroutine owns it; what takes time is a task, which reports back.
type session struct {
	Host

	ctx          context.Context
	out          io.Writer
	tasks        sync.WaitGroup
	responses    chan response
	changes      chan engineChange
	reconnect    chan struct{} // notifies followEngines to connect now; holds one notification
	pendingTasks int           // requests that tasks are answering

	startMutex sync.Mutex // held while Start runs, so that calls do not overlap

	// engine is nil while none is connected; engineErr is the reason then. sites and root are those of its last
	// snapshot.
	engine    Engine
	engineErr error
	sites     []engine.Site
	root      string

	tabOrigins []string // the origins that tabs show, as the extension reported them
	traces     traces
	keptOpen   keepOpenCall
	lastNews   string // the news that were sent last
}

// engineChange is what followEngines reports: another snapshot, another engine, or none.
type engineChange struct {
	engine   Engine
	err      error
	snapshot *engine.Snapshot
}

// followEngines stays connected to the running engine, whichever that is.
func (s *session) followEngines() {
	for s.ctx.Err() == nil {
		err := s.forwardSnapshots()
		select {
		case s.changes <- engineChange{err: err}:
		case <-s.ctx.Done():
			return
		}
		select {
		case <-time.After(s.Interval):
		case <-s.reconnect:
		case <-s.ctx.Done():
		}
	}
}

// forwardSnapshots connects and passes snapshots on until the engine stops.
func (s *session) forwardSnapshots() error {
	eng, err := s.Dial(s.ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	snapshots, err := eng.Watch(s.ctx)
	if err != nil {
		return err
	}
	for snap := range snapshots {
		select {
		case s.changes <- engineChange{engine: eng, snapshot: &snap}:
		case <-s.ctx.Done():
		}
	}
	return &engine.Error{Op: "native-host", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
}

// run handles messages, responses and changes until in ends, out fails or ctx ends.
func (s *session) run(frames <-chan []byte, failed <-chan error) error {
	tick := time.NewTicker(s.Interval)
	defer tick.Stop()
	for {
		var err error
		select {
		case frame := <-frames:
			err = s.handleFrame(frame)
		case a := <-s.responses:
			s.pendingTasks--
			err = s.writeResponse(a)
		case c := <-s.changes:
			err = s.applyChange(c)
		case <-tick.C:
			s.traces.record(s.sitesInTabs())
			s.keepTabsOpen()
			if s.lastNews != "" { // Before the first news it is not known whether an engine runs.
				err = s.sendNews()
			}
		case err := <-failed:
			return err
		case <-s.ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// applyChange stores a change. If an engine has started or stopped, news is sent at once.
func (s *session) applyChange(ch engineChange) error {
	hadEngine := s.engine != nil
	s.engine, s.engineErr = ch.engine, ch.err
	s.sites = nil
	if ch.snapshot != nil {
		s.sites, s.root = ch.snapshot.Sites, ch.snapshot.Status.ServeURL
	}
	s.keepTabsOpen()
	if hadEngine == (s.engine != nil) && s.lastNews != "" {
		return nil
	}
	return s.sendNews()
}

// news is a message that the extension receives without a request.
type news struct {
	Event   string `json:"event"`
	Running bool   `json:"running"`
	// Reason is why no engine is connected. CanStart reports that none runs, so that one can be started.
	Reason   string `json:"why"`
	CanStart bool   `json:"can_start"`
	// Root is the URL of the loopback server, "http://localhost:7780/"; without an engine, that of the last one.
	Root string     `json:"root"`
	Tabs []tabState `json:"tabs"`
}

// sendNews sends the news unless they are the same as before.
func (s *session) sendNews() error {
	n := news{
		Event: "news", Running: s.engine != nil, Reason: engine.Message(s.engineErr),
		CanStart: engine.KindOf(s.engineErr) == engine.Unavailable, Root: s.root, Tabs: []tabState{},
	}
	for _, origin := range s.tabOrigins {
		if site, ok := siteAt(s.sites, origin+"/"); ok {
			n.Tabs = append(n.Tabs, newTabState(origin, site))
		}
	}
	text, err := json.Marshal(n)
	if err != nil || string(text) == s.lastNews {
		return err
	}
	s.lastNews = string(text)
	return writeFrame(s.out, n)
}

// sitesInTabs returns the sites that tabs show.
func (s *session) sitesInTabs() (sites []engine.Site) {
	for _, origin := range s.tabOrigins {
		if site, ok := siteAt(s.sites, origin+"/"); ok {
			sites = append(sites, site)
		}
	}
	return sites
}
