//go:build unix

package ui

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"wtptui/engine"
	"wtptui/engine/fake"
)

// newModelWith returns a model that shows the newest state of a scripted engine.
func newModelWith(b *testing.B, scripts []fake.Script, w, h int) (*Model, *fake.Engine, engine.Snapshot) {
	b.Helper()
	e := fake.New(fake.Options{Scripts: scripts})
	b.Cleanup(func() { _ = e.Close() })
	ch, err := e.Watch(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	m := newModel(b.Context(), Config{Now: e.Now, Environ: []string{"TERM=xterm"}})
	m.screen.w, m.screen.h = w, h
	snap := <-ch
	m.follower.handleSnapshot(snap)
	return m, e, snap
}

// The limit is 2 ms whatever the number of sites.
func BenchmarkView(b *testing.B) {
	for _, n := range []int{10, 1000, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m, _, _ := newModelWith(b, fake.ManySites(n), 200, 60)
			b.ReportAllocs()
			for b.Loop() {
				m.View()
			}
		})
	}
	b.Run("inspector", func(b *testing.B) {
		m, e, _ := newModelWith(b, fake.ManySites(1000), 200, 60)
		d, err := e.Detail(b.Context(), m.screen.detailRef())
		if err != nil {
			b.Fatal(err)
		}
		m.screen.inspector.SetSite(d.Site, m.follower.status.rates.Site(d.Site.Host))
		m.screen.inspector.Set(d, e.Now())
		b.ReportAllocs()
		for b.Loop() {
			m.View()
		}
	})
	for i, tab := range []string{"overview", "peers", "files", "trackers", "pieces", "requests", "log"} {
		b.Run(tab, func(b *testing.B) {
			m, e, snap := newModelWith(b, fake.Demo(), 200, 60)
			d, err := e.Detail(b.Context(), "radio.example.org")
			if err != nil {
				b.Fatal(err)
			}
			m.screen.openPage(snap.Sites[0])
			m.screen.page = nil
			m.screen.openPage(d.Site)
			m.screen.page.Set(d, e.Now())
			for range i {
				m.input.doAction("next-tab")
			}
			b.ReportAllocs()
			for b.Loop() {
				m.View()
			}
		})
	}
}

// counter counts what is written, and reports that something was.
type counter struct {
	bytes, writes atomic.Int64
	wrote         chan struct{}
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	c.writes.Add(1)
	select {
	case c.wrote <- struct{}{}:
	default:
	}
	return len(p), nil
}

// session is a running dashboard without a person.
type session struct {
	keys *io.PipeWriter
	out  *counter
	stop func()
}

func run(b *testing.B, e engine.Engine, now func() time.Time) *session {
	b.Helper()
	in, keys := io.Pipe()
	s := &session{keys: keys, out: &counter{wrote: make(chan struct{}, 1)}}
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	first := make(chan struct{})
	var once sync.Once
	cfg := Config{
		Now: now, Input: in, Output: s.out, Environ: []string{"TERM=xterm-256color", "COLORTERM=truecolor"},
		Color: colorprofile.TrueColor,
		Start: func(context.Context) (engine.Engine, error) { return e, nil },
		await: func(feed <-chan engine.Snapshot) tea.Cmd {
			return func() tea.Msg {
				snap, ok := <-feed
				if !ok {
					return lostMsg{}
				}
				once.Do(func() { close(first) })
				return snapshotMsg{snap}
			}
		},
	}
	// As Run does it, for a terminal that is none and so has no size.
	m := newModel(ctx, cfg)
	p := tea.NewProgram(m, append(m.cfg.options(), tea.WithWindowSize(120, 36))...)
	context.AfterFunc(ctx, p.Quit)
	go func() { _, err := p.Run(); done <- err }()
	s.stop = func() {
		cancel()
		_ = keys.Close()
		if err := <-done; err != nil {
			b.Error(err)
		}
	}
	<-first
	s.waitUntilQuiet()
	return s
}

// waitUntilQuiet waits until nothing is written for a while.
func (s *session) waitUntilQuiet() {
	for {
		select {
		case <-s.out.wrote:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

// newFrozenEngine returns an engine whose time does not pass.
func newFrozenEngine(b *testing.B, n int) *fake.Engine {
	e := fake.New(fake.Options{Scripts: fake.DemoWithMany(n)})
	b.Cleanup(func() { _ = e.Close() })
	return e
}

// The time from a key to what it writes, through a whole program: the limit is 20 ms for 99 in 100.
func BenchmarkKeyToFrame(b *testing.B) {
	for _, n := range []int{1000, tenThousand} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newFrozenEngine(b, n)
			benchmarkKeyToFrame(b, e, func() {})
		})
	}
}

// benchmarkKeyToFrame measures the time from a key to what it writes. meanwhile is called before each key.
func benchmarkKeyToFrame(b *testing.B, e *fake.Engine, meanwhile func()) {
	s := run(b, e, e.Now)
	defer s.stop()
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		for len(s.out.wrote) > 0 {
			<-s.out.wrote
		}
		meanwhile()
		begin := time.Now()
		key := "j"
		if i%2 == 1 {
			key = "k"
		}
		_, _ = s.keys.Write([]byte(key))
		<-s.out.wrote
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// How many bytes are written in a second of the demo: the limit is 1.2 kB.
func BenchmarkBytesPerTick(b *testing.B) {
	for _, n := range []int{1000, tenThousand} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := newFrozenEngine(b, n)
			s := run(b, e, e.Now)
			defer s.stop()
			before := s.out.bytes.Load()
			for b.Loop() {
				e.Step(time.Second)
				s.waitUntilQuiet()
			}
			b.ReportMetric(float64(s.out.bytes.Load()-before)/float64(b.N), "B/tick")
		})
	}
}

// How much CPU the whole demo takes, its engine included, without input: the limit is 1.5 % of a core. One operation is
// five seconds.
func BenchmarkIdle(b *testing.B) {
	for _, n := range []int{1000, tenThousand} {
		for name, play := range map[string]bool{"demo": true, "standing still": false} {
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) { benchmarkIdle(b, n, play) })
		}
	}
}

func benchmarkIdle(b *testing.B, n int, play bool) {
	e := newFrozenEngine(b, n)
	s := run(b, e, time.Now)
	defer s.stop()
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	if play {
		wg.Go(func() { e.Play(ctx) })
	}
	begin, cpu, written := time.Now(), cpuTime(), s.out.bytes.Load()
	for b.Loop() {
		<-time.After(5 * time.Second)
	}
	spent := time.Since(begin)
	b.ReportMetric(100*float64(cpuTime()-cpu)/float64(spent), "%core")
	b.ReportMetric(float64(s.out.bytes.Load()-written)/spent.Seconds(), "B/s")
	cancel()
	wg.Wait()
}

// floodingEngine is an engine with ten thousand events a second and a thousand sites.
type floodingEngine struct {
	*fake.Engine
	feed chan engine.Snapshot
}

func (t floodingEngine) Watch(context.Context) (<-chan engine.Snapshot, error) { return t.feed, nil }

// flood sends a snapshot with ten new events each millisecond to whoever is ready, and all that were missed with the
// next one, until ctx ends.
func (t floodingEngine) flood(ctx context.Context, snap engine.Snapshot) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	seq := uint64(1 << 20)
	var missed []engine.Event
	for begin, n := time.Now(), 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for ; n < int(time.Since(begin)/(100*time.Microsecond)); n++ {
			seq++
			host := snap.Sites[n%len(snap.Sites)].Host
			missed = append(missed, engine.Event{
				Seq: seq, At: snap.At, Level: engine.Info, Kind: engine.Completed, Host: host, Text: "complete: seeding",
			})
		}
		snap.Seq++
		snap.Events = missed
		select {
		case t.feed <- snap:
			missed = nil
		default:
			missed = missed[max(len(missed)-1000, 0):]
		}
	}
}

// How much CPU ten thousand events a second take, without making them: the limit is 5 % of a core. One operation is
// five seconds.
func BenchmarkFlood(b *testing.B) {
	var alone float64
	for _, watched := range []bool{false, true} {
		name := "alone"
		if watched {
			name = "watched"
		}
		b.Run(name, func(b *testing.B) {
			e := newFrozenEngine(b, 1000)
			ch, err := e.Watch(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			snap := <-ch
			t := floodingEngine{e, make(chan engine.Snapshot, 1)}
			if watched {
				t.feed <- snap
				s := run(b, t, time.Now)
				defer s.stop()
			}
			ctx, cancel := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			wg.Go(func() { t.flood(ctx, snap) })
			begin, cpu := time.Now(), cpuTime()
			for b.Loop() {
				<-time.After(5 * time.Second)
			}
			share := 100 * float64(cpuTime()-cpu) / float64(time.Since(begin))
			if watched {
				share -= alone
			} else {
				alone = share
			}
			b.ReportMetric(share, "%core")
			cancel()
			wg.Wait()
		})
	}
}

// cpuTime returns the CPU time of this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
