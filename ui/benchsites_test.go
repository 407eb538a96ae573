//go:build unix

package ui

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"wtptui/engine"
	"wtptui/engine/fake"
	"wtptui/ui/columns"
	"wtptui/ui/keys"
	"wtptui/ui/undo"
)

const tenThousand = 10000

// changeEveryNth returns a snapshot in which every n-th site differs.
func changeEveryNth(snap engine.Snapshot, n int, change func(*engine.Site)) engine.Snapshot {
	snap.Sites = slices.Clone(snap.Sites)
	for i := 0; i < len(snap.Sites); i += n {
		change(&snap.Sites[i])
	}
	return snap
}

// How long a snapshot of ten thousand sites takes before it is drawn: the limit is 5 ms, whatever has changed in it.
func BenchmarkSnapshot(b *testing.B) {
	rates := func(s *engine.Site) { s.UpRate = (s.UpRate*7 + 1001) % 90_000 }
	pin := func(s *engine.Site) { s.Pinned, s.ExpiresAt = true, engine.Time{} }
	for _, c := range []struct {
		name   string
		by     columns.ID
		every  int
		change func(*engine.Site)
	}{
		{"the same", columns.Expires, 1, func(*engine.Site) {}},
		{"rates of some", columns.Up, 20, rates},
		{"rates of all", columns.Up, 1, rates},
		{"titles", columns.Title, 1, rates},
		{"pin of half of them", columns.Expires, 2, pin},
		{"pin of all", columns.Expires, 1, pin},
	} {
		b.Run(c.name, func(b *testing.B) {
			m, _, one := newModelWith(b, fake.ManySites(tenThousand), 120, 36)
			m.screen.list.SortBy(c.by)
			if c.by == columns.Expires {
				m.screen.list.SortBy(c.by) // as at first
			}
			two := changeEveryNth(one, c.every, c.change)
			var hosts []string
			for _, s := range one.Sites {
				hosts = append(hosts, s.Host)
			}
			m.screen.list.HoldCursorFor(hosts...)
			for i := 0; b.Loop(); i++ {
				m.follower.handleSnapshot([]engine.Snapshot{two, one}[i%2])
			}
		})
	}
}

// The view of endangered sites with ten thousand of them, from the key or from a snapshot to the frame: the limit of a
// redraw is 2 ms.
func BenchmarkEndangered(b *testing.B) {
	stage := func(b *testing.B) (*Model, engine.Snapshot, engine.Snapshot) {
		m, _, snap := newModelWith(b, fake.ManySites(tenThousand), 200, 60)
		rarer := func(copies int) engine.Snapshot {
			n := copies
			return changeEveryNth(snap, 1, func(s *engine.Site) { s.Pinned, s.Copies, n = true, n%2, n+1 })
		}
		one, two := rarer(0), rarer(0)
		for i := 0; i < tenThousand; i += 50 {
			two.Sites[i].Copies = 1 - two.Sites[i].Copies
		}
		m.follower.handleSnapshot(one)
		m.input.doAction(keys.Endangered)
		return m, one, two
	}
	b.Run("redraw", func(b *testing.B) {
		m, _, _ := stage(b)
		for b.Loop() {
			m.View()
		}
	})
	b.Run("scroll", func(b *testing.B) {
		m, _, _ := stage(b)
		for b.Loop() {
			m.input.doAction(keys.PageDown)
			m.View()
		}
	})
	b.Run("changes", func(b *testing.B) {
		m, one, two := stage(b)
		for i := 0; b.Loop(); i++ {
			m.follower.handleSnapshot([]engine.Snapshot{two, one}[i%2])
			m.View()
		}
	})
	b.Run("comes", func(b *testing.B) {
		m, _, _ := stage(b)
		for b.Loop() {
			m.input.doAction(keys.One)
			m.input.doAction(keys.Endangered)
			m.View()
		}
	})
}

// How long it takes to record what was done to ten thousand sites at once, so that it can be undone: the limit is 20
// ms.
func BenchmarkDoneToAll(b *testing.B) {
	m, _, snap := newModelWith(b, fake.ManySites(tenThousand), 120, 36)
	j := &job{changes: []undo.Change{{Verb: engine.Pin, Hosts: refsOf(snap.Sites)}}, sites: snap.Sites, name: "all"}
	for b.Loop() {
		m.commands.undoHistory.addUnsettled(j)
		m.commands.undoHistory.handleNewDone(doneMsg{job: j, done: snap.Sites})
		m.commands.undoHistory.dropSettled()
	}
}

// The time from a key to what it writes while all of ten thousand sites are pinned and unpinned repeatedly.
func BenchmarkKeyToFrameDuringPin(b *testing.B) {
	e := newFrozenEngine(b, tenThousand)
	watch, err := e.Watch(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var hosts []string
	for _, s := range (<-watch).Sites {
		hosts = append(hosts, s.Host)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(250 * time.Millisecond) // as often as an engine sends snapshots
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			part := hosts[i%10*len(hosts)/10 : (i%10+1)*len(hosts)/10]
			_ = e.Do(b.Context(), []engine.Verb{engine.Pin, engine.Unpin}[i/10%2], part...) // own sites stay pinned
		}
	})
	pause := time.NewTicker(10 * time.Millisecond) // fast typing
	defer pause.Stop()
	benchmarkKeyToFrame(b, e, func() { <-pause.C })
	close(stop)
	wg.Wait()
}

// The demo's tabs stay where they are while a filter is typed, at any width.
func TestTabsStayWhileAFilterIsTyped(t *testing.T) {
	for _, w := range []int{60, 80, 100, 120, 200} {
		t.Run(strconv.Itoa(w), func(t *testing.T) {
			d := newDriver(t, w, 30, withSites(1000))
			d.press("/")
			begin := d.line(1)
			for _, key := range []string{"s", "i", "t", "e", "space", "0", "0", "1", "2", "3", "4", "x", "y", "z", "z", "y"} {
				d.press(key)
				var at int
				for at < len(begin) && begin[at] != '/' {
					at++
				}
				if line := d.line(1); line[:min(at, len(line))] != begin[:at] {
					t.Fatalf("after %s the tabs moved:\n%s\n%s", key, begin, line)
				}
			}
		})
	}
}
