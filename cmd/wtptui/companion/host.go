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

// Engine is what the extension's host needs of an engine, and all that it can do to one.
type Engine interface {
	Watch(ctx context.Context) (<-chan engine.Snapshot, error)
	Detail(ctx context.Context, host string) (engine.Detail, error)
	Do(ctx context.Context, verb engine.Verb, hosts ...string) error
	KeepOpen(ctx context.Context, hosts ...string) error
	Close() error
}

// Host is the native host: it answers the extension of one browser, for as long as that has its port open.
type Host struct {
	// Dial connects to the engine that runs. It must not wait for one that does not.
	Dial func(ctx context.Context) (Engine, error)
	// Start starts an engine that outlives the host, if none runs. It is called once at a time.
	Start func(ctx context.Context) error
	// Second is how long a second is: facts are told, and an engine that does not run is looked for, once in it. One
	// second if 0.
	Second time.Duration
}

// Serve answers what comes from in until that ends, which is how a browser ends a host, or until ctx does. An error is
// one of in or out: what the extension asks for and does not get is answered. A read of in may go on when Serve has
// returned.
func (h Host) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	if h.Second == 0 {
		h.Second = time.Second
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &session{
		Host: h, ctx: ctx, out: out, answers: make(chan answer), changes: make(chan change), again: make(chan struct{}, 1),
		traces: traces{}, away: &engine.Error{Op: "native-host", Kind: engine.NotReady, Msg: "connecting"},
	}
	frames, failed := make(chan []byte), make(chan error, 1)
	go func() { failed <- read(ctx, in, frames) }()
	s.tasks.Go(s.link)
	err := s.run(frames, failed)
	cancel()
	s.tasks.Wait()
	return err
}

// read passes messages on until there are no more, or nobody takes them.
func read(ctx context.Context, in io.Reader, frames chan<- []byte) error {
	for {
		frame, err := readFrame(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errTooLong):
			frame = nil // which is answered as one that makes no sense
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

// session is one run of a host. Its goroutine owns it; what takes time is a task, which reports back.
type session struct {
	Host

	ctx     context.Context
	out     io.Writer
	tasks   sync.WaitGroup
	answers chan answer
	changes chan change
	again   chan struct{} // asks link not to wait any longer; holds one wish
	asked   int           // questions that tasks answer

	starting sync.Mutex // held while Start runs, which is once at a time

	// engine is nil while none is connected, and then away says why. sites and root are those of its last snapshot.
	engine Engine
	away   error
	sites  []engine.Site
	root   string

	shown  []string // the origins that tabs show, as the extension has told
	traces traces
	kept   kept
	told   string // the news that the extension has been told last
}

// change is what link has to say: another snapshot, another engine, or none.
type change struct {
	engine   Engine
	away     error
	snapshot *engine.Snapshot
}

// link stays connected to the engine that runs, whichever that is.
func (s *session) link() {
	for s.ctx.Err() == nil {
		err := s.follow()
		select {
		case s.changes <- change{away: err}:
		case <-s.ctx.Done():
			return
		}
		select {
		case <-time.After(s.Second):
		case <-s.again:
		case <-s.ctx.Done():
		}
	}
}

// follow connects and passes snapshots on until there are no more.
func (s *session) follow() error {
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
		case s.changes <- change{engine: eng, snapshot: &snap}:
		case <-s.ctx.Done():
		}
	}
	return &engine.Error{Op: "native-host", Kind: engine.Unavailable, Msg: "the running wtptui has stopped"}
}

// run is the session until in ends, out fails or ctx ends.
func (s *session) run(frames <-chan []byte, failed <-chan error) error {
	tick := time.NewTicker(s.Second)
	defer tick.Stop()
	for {
		var err error
		select {
		case frame := <-frames:
			err = s.receive(frame)
		case a := <-s.answers:
			s.asked--
			err = s.write(a)
		case c := <-s.changes:
			err = s.take(c)
		case <-tick.C:
			s.traces.note(s.shownSites())
			s.keepShown()
			if s.told != "" { // Until then nobody knows whether an engine runs.
				err = s.tell()
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

// take puts a change in place. That an engine has come or gone is told at once.
func (s *session) take(c change) error {
	here := s.engine != nil
	s.engine, s.away = c.engine, c.away
	s.sites = nil
	if c.snapshot != nil {
		s.sites, s.root = c.snapshot.Sites, c.snapshot.Status.ServeURL
	}
	s.keepShown()
	if here == (s.engine != nil) && s.told != "" {
		return nil
	}
	return s.tell()
}

// news is what the extension is told without having asked.
type news struct {
	Event   string `json:"event"`
	Running bool   `json:"running"`
	// Why says why no engine is connected, and CanStart that none runs, so that one can be started.
	Why      string `json:"why"`
	CanStart bool   `json:"can_start"`
	// Root is that of the loopback server, "http://localhost:7780/"; that of the last one when none runs.
	Root string     `json:"root"`
	Tabs []shownTab `json:"tabs"`
}

// tell sends the news if there are any.
func (s *session) tell() error {
	n := news{
		Event: "news", Running: s.engine != nil, Why: engine.Message(s.away),
		CanStart: engine.KindOf(s.away) == engine.Unavailable, Root: s.root, Tabs: []shownTab{},
	}
	for _, origin := range s.shown {
		if site, ok := siteAt(s.sites, origin+"/"); ok {
			n.Tabs = append(n.Tabs, shownTabOf(origin, site))
		}
	}
	text, err := json.Marshal(n)
	if err != nil || string(text) == s.told {
		return err
	}
	s.told = string(text)
	return writeFrame(s.out, n)
}

// shownSites are the sites that tabs show.
func (s *session) shownSites() (sites []engine.Site) {
	for _, origin := range s.shown {
		if site, ok := siteAt(s.sites, origin+"/"); ok {
			sites = append(sites, site)
		}
	}
	return sites
}
