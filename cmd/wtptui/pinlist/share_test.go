package pinlist

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wtptui/engine"
)

// fakeCounter is a Counter with given numbers.
type fakeCounter struct {
	counts       map[string]CountResult // by host without its domain; without an entry the number is unknown
	requests     [][]string
	named        []string // the trackers that come with the name of each site
	lastTrackers []string // the trackers of the last request
	hangs        bool     // a count only ends when it is cancelled
}

func (c *fakeCounter) CountCopies(ctx context.Context, asked []CountRequest) []CountResult {
	if c.hangs {
		<-ctx.Done()
	}
	var hosts []string
	var answers []CountResult
	for _, a := range asked {
		name := strings.TrimSuffix(a.Address, ".example")
		hosts = append(hosts, name)
		n, told := c.counts[name]
		if !told {
			n.Copies = -1
		}
		n.Infohash, c.lastTrackers = strings.Repeat("1", 40), a.Trackers
		if a.Infohash == "" {
			n.Trackers = c.named
		}
		answers = append(answers, n)
	}
	c.requests = append(c.requests, hosts)
	return answers
}

// newSharedHarness returns a harness for a shared list, and its counter.
func newSharedHarness(t *testing.T) (*harness, *fakeCounter) {
	b, c := newHarness(t), &fakeCounter{counts: map[string]CountResult{}}
	b.counter = c
	b.restart()
	t.Cleanup(func() { b.follower.counts.cancel() })
	return b, c
}

// advance polls until the time has passed, and waits for the counts.
func (b *harness) advance(d time.Duration) {
	for end := b.now.Add(d); b.now.Before(end); {
		b.now = b.now.Add(max(pollInterval, d/20))
		b.follower.poll(b.t.Context(), b.now)
		if job := b.follower.counts.job; job != nil {
			job.results <- <-job.results
		}
	}
}

func TestSharedList(t *testing.T) {
	b, c := newSharedHarness(t)
	b.engine.sizes = map[string]int64{"one.example": 40, "two.example": 40, "many.example": 40, "lost.example": 10}
	b.engine.pin("mine.example", true)
	c.counts = map[string]CountResult{
		"one": {Copies: 1}, "two": {Copies: 2}, "many": {Copies: 9}, "mine": {Copies: 9, Met: 9},
	}
	b.writeList("many two one lost mine")
	b.putOrder(Order{Follow: true, Copies: 3, MaxSize: 100, Every: time.Minute})
	b.advance(time.Minute)
	if len(c.requests) == 0 || len(c.requests[0]) != 5 {
		t.Fatalf("counted %v", c.requests)
	}
	b.advance(time.Hour)
	b.expectPinned("lost mine one two")
	s := b.state()
	if s.Marks["mine.example"] != Theirs || s.Counts["many.example"].Left != WellKept || s.Error != "" || !s.Applied {
		t.Errorf("%+v", s)
	}
	if sum := s.Sharing(); sum != (Sharing{Short: 3, Unknown: 1, WellKept: 1, Used: 90}) {
		t.Errorf("%+v", sum)
	}
	// It is known who it is, and what it has counted, in the next run.
	counted := len(c.requests)
	b.restart()
	b.pollTwice()
	if len(c.requests) != counted || b.state().Self != s.Self || s.Self == "" {
		t.Errorf("in the next run it is %q, not %q, and counts %v", b.state().Self, s.Self, c.requests[counted:])
	}

	// When few have what was left to others, what others have too makes room; a person's pins do not.
	c.counts["many"], c.counts["one"], c.counts["two"] = CountResult{Copies: 0}, CountResult{Copies: 1},
		CountResult{Copies: 4, Met: 3}
	b.complete("one", "two", "lost")
	b.advance(3 * time.Hour)
	b.expectPinned("lost many mine one")
	// The last copies stay, whatever a tracker claims.
	c.counts["many"], c.counts["one"], c.counts["two"] = CountResult{Copies: 1}, CountResult{Copies: 1000, Met: 2},
		CountResult{Copies: 0}
	b.complete("many")
	b.advance(3 * time.Hour)
	b.expectPinned("lost many mine one")
	if s := b.state(); s.Error != "1 site with fewer than 3 copies: no room in the limit of 100 bytes" {
		t.Errorf("%+v", s)
	}
	if err := b.folder.Cancel(b.list); err != nil {
		t.Fatal(err)
	}
	b.pollTwice()
	b.expectPinned("mine")
}

// complete makes these sites complete.
func (b *harness) complete(names ...string) {
	for _, name := range names {
		s := b.engine.sites[name+".example"]
		s.Size = max(s.Size, b.engine.sizes[s.Host])
		s.Completed = s.Size
		b.engine.sites[s.Host] = s
	}
}

// TestShareUnpinned: what a person unpins stays so, what leaves the list is unpinned, and a list that turns to nothing
// is held back as any other.
func TestShareUnpinned(t *testing.T) {
	b, c := newSharedHarness(t)
	b.engine.sizes = map[string]int64{"a.example": 10, "b.example": 10, "c.example": 10, "d.example": 10}
	b.writeList("a b c d")
	b.putOrder(Order{Follow: true, Copies: 2, Every: time.Minute})
	b.advance(time.Hour)
	b.expectPinned("a b c d")
	person := func(verb engine.Verb) {
		t.Helper()
		if err := b.engine.Do(t.Context(), verb, "b.example"); err != nil {
			t.Fatal(err)
		}
	}
	person(engine.Unpin)
	b.advance(time.Hour)
	b.expectPinned("a c d")
	if last := c.requests[len(c.requests)-1]; slices.Contains(last, "b") {
		t.Errorf("what is not wanted here is counted: %v", last)
	}
	if sum := b.state().Sharing(); sum != (Sharing{Short: 3, Unknown: 3, Unpinned: 1, Used: 30}) {
		t.Errorf("%+v", sum)
	}
	person(engine.Pin)
	b.pollTwice()
	if sum := b.state().Sharing(); sum != (Sharing{Short: 4, Unknown: 4, Used: 40}) {
		t.Errorf("when it is pinned again: %+v", sum)
	}
	person(engine.Unpin)
	b.writeList("a b c")
	b.advance(time.Hour)
	b.expectPinned("a c")
	b.writeList("")
	b.advance(time.Hour)
	b.expectHeld("names no site and would unpin 2 of 2")
	b.expectPinned("a c")
	b.accept(b.state().Reading)
	b.advance(time.Hour)
	b.expectPinned("")
}

// TestSharePinnedOnceMeanwhile: a list that stops being shared while it is counted does not keep others from that.
func TestSharePinnedOnceMeanwhile(t *testing.T) {
	b, c := newSharedHarness(t)
	c.hangs = true
	b.writeList("a")
	b.putOrder(Order{Follow: true, Copies: 2, Every: time.Minute})
	b.pollTwice() // It begins to be counted.
	b.putOrder(Order{})
	b.pollTwice()
	if _, err := b.folder.Followed(b.list); engine.KindOf(err) != engine.NotFound || !b.state().Applied {
		t.Fatalf("the list has not been pinned once: %v, %+v", err, b.state())
	}
	b.list = filepath.Join(t.TempDir(), "other.txt")
	b.writeList("b")
	b.putOrder(Order{Follow: true, Copies: 2, Every: time.Minute})
	b.pollTwice()
	if job := b.follower.counts.job; job == nil || !slices.Equal(job.hosts, []string{"b.example"}) {
		t.Errorf("another list is not counted: %+v", job)
	}
}

// TestShareTooLarge: what turns out not to fit is let go of.
func TestShareTooLarge(t *testing.T) {
	b, c := newSharedHarness(t)
	c.counts = map[string]CountResult{"a": {Copies: 1}}
	b.writeList("a")
	b.putOrder(Order{Follow: true, Copies: 2, MaxSize: 100, Every: time.Minute})
	b.advance(time.Minute)
	b.expectPinned("a")
	b.engine.sites["a.example"] = engine.Site{Host: "a.example", Size: 101, Pinned: true}
	b.advance(time.Hour)
	b.expectPinned("")
	if s := b.state(); s.Sharing().NoRoom != 1 || s.Sizes["a.example"] != 101 {
		t.Errorf("%+v", s)
	}
}

// TestShareAskedSeldom: a site is counted once a period, and a name is not asked for each time.
func TestShareAskedSeldom(t *testing.T) {
	b, c := newSharedHarness(t)
	c.counts = map[string]CountResult{"a": {Copies: 5}, "b": {Copies: 5}}
	b.writeList("a b")
	b.putOrder(Order{Follow: true, Copies: 2})
	b.advance(10 * time.Second)
	for range 10 {
		b.advance(time.Hour)
	}
	if n := len(c.requests); n < 15 || n > 21 {
		t.Errorf("in ten hours, it was counted %d times", n)
	}
	if s := b.state().Counts["a.example"]; s.Infohash == "" || b.now.Sub(s.NamedAt) > nameTTL {
		t.Errorf("%+v", s)
	}
}

// TestShareOffline: while nobody tells anything, what is known goes on to count for a day, and nothing is let go of.
func TestShareOffline(t *testing.T) {
	b, c := newSharedHarness(t)
	b.engine.sizes = map[string]int64{"few.example": 60, "many.example": 60}
	c.counts = map[string]CountResult{"few": {Copies: 1}, "many": {Copies: 5, Met: 5}}
	b.writeList("few many")
	b.putOrder(Order{Follow: true, Copies: 2, MaxSize: 100, Every: time.Minute})
	b.advance(time.Hour)
	b.expectPinned("few")
	b.complete("few")
	c.counts = map[string]CountResult{"few": {Copies: 5, Met: 5}, "many": {Copies: 5, Met: 5}}
	b.advance(time.Hour)
	c.counts = map[string]CountResult{"few": {Copies: -1, Met: 5}}
	b.advance(20 * time.Hour)
	b.expectPinned("few")
	if s := b.state().Sharing(); s.WellKept != 1 || s.Unknown != 0 {
		t.Errorf("%+v", s)
	}
	b.advance(5 * time.Hour)
	b.expectPinned("few")
	if s := b.state().Sharing(); s.NoRoom != 1 || s.Unknown != 2 {
		t.Errorf("%+v", s)
	}
}

// TestShareOldNumbers: what was told hours ago is nothing to act on, although it is asked again and again; when nobody
// has told for a day, the site counts as having no copy.
func TestShareOldNumbers(t *testing.T) {
	b, c := newSharedHarness(t)
	b.engine.sizes = map[string]int64{"few.example": 60}
	c.counts = map[string]CountResult{"few": {Copies: 1}}
	o := Order{Follow: true, Copies: 2, MaxSize: 100, MaxSites: 1, Every: time.Minute}
	b.engine.pin("mine.example", true)
	b.writeList("mine few")
	b.putOrder(o)
	b.advance(time.Hour)
	b.expectPinned("mine")
	c.counts = map[string]CountResult{}
	o.MaxSites = 2
	b.putOrder(o)
	b.advance(10 * time.Hour)
	b.advance(2 * time.Minute)
	b.expectPinned("mine")
	b.advance(15 * time.Hour)
	b.advance(2 * time.Minute)
	b.expectPinned("few mine")
}

// TestShareNamedTrackers: the trackers that a domain names are asked in each count, not only in that which asked for
// them.
func TestShareNamedTrackers(t *testing.T) {
	b, c := newSharedHarness(t)
	c.counts = map[string]CountResult{"a": {Copies: 5}}
	c.named = []string{"1", strings.Repeat("x", 1000), "2", "3", "4"}
	b.writeList("a")
	b.putOrder(Order{Follow: true, Copies: 2})
	b.advance(10 * time.Second)
	if len(c.lastTrackers) != 0 {
		t.Errorf("it is asked first with %v", c.lastTrackers)
	}
	for range 2 {
		b.advance(2 * time.Hour)
		if got := strings.Join(c.lastTrackers, " "); got != "1 2 3" {
			t.Errorf("it is asked again with %s", got)
		}
		b.restart()
	}
	c.named = []string{"5"}
	b.advance(8 * time.Hour)
	if got := strings.Join(c.lastTrackers, " "); got != "5" {
		t.Errorf("when the domain has named others, it is asked with %s", got)
	}
}
