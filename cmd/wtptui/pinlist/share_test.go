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

// census is a Counter whose numbers a test writes.
type census struct {
	counts map[string]Counted // by host without its domain; none for one that nobody tells of
	asked  [][]string
	named  []string // the trackers that each site is named with, if that is asked
	with   []string // the trackers that the last question came with
	hangs  bool     // nothing is told until the count is called off
}

func (c *census) CountCopies(ctx context.Context, asked []Asked) []Counted {
	if c.hangs {
		<-ctx.Done()
	}
	var hosts []string
	var answers []Counted
	for _, a := range asked {
		name := strings.TrimSuffix(a.Address, ".example")
		hosts = append(hosts, name)
		n, told := c.counts[name]
		if !told {
			n.Copies = -1
		}
		n.Infohash, c.with = strings.Repeat("1", 40), a.Trackers
		if a.Infohash == "" {
			n.Trackers = c.named
		}
		answers = append(answers, n)
	}
	c.asked = append(c.asked, hosts)
	return answers
}

// share is a bench whose list is shared, and the numbers of copies.
func share(t *testing.T) (*bench, *census) {
	b, c := newBench(t), &census{counts: map[string]Counted{}}
	b.counter = c
	b.restart()
	t.Cleanup(func() { b.f.counts.end() })
	return b, c
}

// pass lets time pass, a look after the other, with what is counted meanwhile.
func (b *bench) pass(d time.Duration) {
	for end := b.now.Add(d); b.now.Before(end); {
		b.now = b.now.Add(max(lookEvery, d/20))
		b.f.look(b.t.Context(), b.now)
		if job := b.f.counts.job; job != nil {
			job.done <- <-job.done
		}
	}
}

func TestShare(t *testing.T) {
	b, c := share(t)
	b.k.sizes = map[string]int64{"one.example": 40, "two.example": 40, "many.example": 40, "lost.example": 10}
	b.k.pin("mine.example", true)
	c.counts = map[string]Counted{"one": {Copies: 1}, "two": {Copies: 2}, "many": {Copies: 9}, "mine": {Copies: 9, Met: 9}}
	b.write("many two one lost mine")
	b.order(Order{Follow: true, Copies: 3, MaxSize: 100, Every: time.Minute})
	b.pass(time.Minute)
	if len(c.asked) == 0 || len(c.asked[0]) != 5 {
		t.Fatalf("counted %v", c.asked)
	}
	b.pass(time.Hour)
	b.expect("lost mine one two")
	s := b.state()
	if s.Marks["mine.example"] != Theirs || s.Counts["many.example"].Left != WellKept || s.Error != "" || !s.Applied {
		t.Errorf("%+v", s)
	}
	if sum := s.Sharing(); sum != (Sharing{Short: 3, Unknown: 1, WellKept: 1, Used: 90}) {
		t.Errorf("%+v", sum)
	}
	// It is known who it is, and what it has counted, in the next run.
	counted := len(c.asked)
	b.restart()
	b.look()
	if len(c.asked) != counted || b.state().Self != s.Self || s.Self == "" {
		t.Errorf("in the next run it is %q, not %q, and counts %v", b.state().Self, s.Self, c.asked[counted:])
	}

	// When few have what was left to others, what others have too makes room; a person's pins do not.
	c.counts["many"], c.counts["one"], c.counts["two"] = Counted{Copies: 0}, Counted{Copies: 1}, Counted{Copies: 4, Met: 3}
	b.complete("one", "two", "lost")
	b.pass(3 * time.Hour)
	b.expect("lost many mine one")
	// The last copies stay, whatever a tracker claims.
	c.counts["many"], c.counts["one"], c.counts["two"] = Counted{Copies: 1}, Counted{Copies: 1000, Met: 2},
		Counted{Copies: 0}
	b.complete("many")
	b.pass(3 * time.Hour)
	b.expect("lost many mine one")
	if s := b.state(); s.Error != "1 site with fewer than 3 copies: no room in the limit of 100 bytes" {
		t.Errorf("%+v", s)
	}
	if err := b.folder.Cancel(b.list); err != nil {
		t.Fatal(err)
	}
	b.look()
	b.expect("mine")
}

// complete has all of some sites be here.
func (b *bench) complete(names ...string) {
	for _, name := range names {
		s := b.k.sites[name+".example"]
		s.Size = max(s.Size, b.k.sizes[s.Host])
		s.Completed = s.Size
		b.k.sites[s.Host] = s
	}
}

// TestShareUnpinned: what a person unpins stays so, what leaves the list is unpinned, and a list that turns to nothing
// is held back as any other.
func TestShareUnpinned(t *testing.T) {
	b, c := share(t)
	b.k.sizes = map[string]int64{"a.example": 10, "b.example": 10, "c.example": 10, "d.example": 10}
	b.write("a b c d")
	b.order(Order{Follow: true, Copies: 2, Every: time.Minute})
	b.pass(time.Hour)
	b.expect("a b c d")
	person := func(verb engine.Verb) {
		t.Helper()
		if err := b.k.Do(t.Context(), verb, "b.example"); err != nil {
			t.Fatal(err)
		}
	}
	person(engine.Unpin)
	b.pass(time.Hour)
	b.expect("a c d")
	if last := c.asked[len(c.asked)-1]; slices.Contains(last, "b") {
		t.Errorf("what is not wanted here is counted: %v", last)
	}
	if sum := b.state().Sharing(); sum != (Sharing{Short: 3, Unknown: 3, Unpinned: 1, Used: 30}) {
		t.Errorf("%+v", sum)
	}
	person(engine.Pin)
	b.look()
	if sum := b.state().Sharing(); sum != (Sharing{Short: 4, Unknown: 4, Used: 40}) {
		t.Errorf("when it is pinned again: %+v", sum)
	}
	person(engine.Unpin)
	b.write("a b c")
	b.pass(time.Hour)
	b.expect("a c")
	b.write("")
	b.pass(time.Hour)
	b.expectHeld("names no site and would unpin 2 of 2")
	b.expect("a c")
	b.accept(b.state().Reading)
	b.pass(time.Hour)
	b.expect("")
}

// TestSharePinnedOnceMeanwhile: a list that stops being shared while it is counted does not keep others from that.
func TestSharePinnedOnceMeanwhile(t *testing.T) {
	b, c := share(t)
	c.hangs = true
	b.write("a")
	b.order(Order{Follow: true, Copies: 2, Every: time.Minute})
	b.look() // It begins to be counted.
	b.order(Order{})
	b.look()
	if _, err := b.folder.Followed(b.list); engine.KindOf(err) != engine.NotFound || !b.state().Applied {
		t.Fatalf("the list has not been pinned once: %v, %+v", err, b.state())
	}
	b.list = filepath.Join(t.TempDir(), "other.txt")
	b.write("b")
	b.order(Order{Follow: true, Copies: 2, Every: time.Minute})
	b.look()
	if job := b.f.counts.job; job == nil || !slices.Equal(job.hosts, []string{"b.example"}) {
		t.Errorf("another list is not counted: %+v", job)
	}
}

// TestShareTooLarge: what turns out not to fit is let go of.
func TestShareTooLarge(t *testing.T) {
	b, c := share(t)
	c.counts = map[string]Counted{"a": {Copies: 1}}
	b.write("a")
	b.order(Order{Follow: true, Copies: 2, MaxSize: 100, Every: time.Minute})
	b.pass(time.Minute)
	b.expect("a")
	b.k.sites["a.example"] = engine.Site{Host: "a.example", Size: 101, Pinned: true}
	b.pass(time.Hour)
	b.expect("")
	if s := b.state(); s.Sharing().NoRoom != 1 || s.Sizes["a.example"] != 101 {
		t.Errorf("%+v", s)
	}
}

// TestShareAskedSeldom: a site is counted once a period, and a name is not asked for each time.
func TestShareAskedSeldom(t *testing.T) {
	b, c := share(t)
	c.counts = map[string]Counted{"a": {Copies: 5}, "b": {Copies: 5}}
	b.write("a b")
	b.order(Order{Follow: true, Copies: 2})
	b.pass(10 * time.Second)
	for range 10 {
		b.pass(time.Hour)
	}
	if n := len(c.asked); n < 15 || n > 21 {
		t.Errorf("in ten hours, it was counted %d times", n)
	}
	if s := b.state().Counts["a.example"]; s.Infohash == "" || b.now.Sub(s.NamedAt) > nameFor {
		t.Errorf("%+v", s)
	}
}

// TestShareOffline: while nobody tells anything, what is known goes on to count for a day, and nothing is let go of.
func TestShareOffline(t *testing.T) {
	b, c := share(t)
	b.k.sizes = map[string]int64{"few.example": 60, "many.example": 60}
	c.counts = map[string]Counted{"few": {Copies: 1}, "many": {Copies: 5, Met: 5}}
	b.write("few many")
	b.order(Order{Follow: true, Copies: 2, MaxSize: 100, Every: time.Minute})
	b.pass(time.Hour)
	b.expect("few")
	b.complete("few")
	c.counts = map[string]Counted{"few": {Copies: 5, Met: 5}, "many": {Copies: 5, Met: 5}}
	b.pass(time.Hour)
	c.counts = map[string]Counted{"few": {Copies: -1, Met: 5}}
	b.pass(20 * time.Hour)
	b.expect("few")
	if s := b.state().Sharing(); s.WellKept != 1 || s.Unknown != 0 {
		t.Errorf("%+v", s)
	}
	b.pass(5 * time.Hour)
	b.expect("few")
	if s := b.state().Sharing(); s.NoRoom != 1 || s.Unknown != 2 {
		t.Errorf("%+v", s)
	}
}

// TestShareOldNumbers: what was told hours ago is nothing to act on, although it is asked again and again; when nobody
// has told for a day, the site counts as having no copy.
func TestShareOldNumbers(t *testing.T) {
	b, c := share(t)
	b.k.sizes = map[string]int64{"few.example": 60}
	c.counts = map[string]Counted{"few": {Copies: 1}}
	o := Order{Follow: true, Copies: 2, MaxSize: 100, MaxSites: 1, Every: time.Minute}
	b.k.pin("mine.example", true)
	b.write("mine few")
	b.order(o)
	b.pass(time.Hour)
	b.expect("mine")
	c.counts = map[string]Counted{}
	o.MaxSites = 2
	b.order(o)
	b.pass(10 * time.Hour)
	b.pass(2 * time.Minute)
	b.expect("mine")
	b.pass(15 * time.Hour)
	b.pass(2 * time.Minute)
	b.expect("few mine")
}

// TestShareNamedTrackers: the trackers that a domain names are asked in each count, not only in that which asked for
// them.
func TestShareNamedTrackers(t *testing.T) {
	b, c := share(t)
	c.counts = map[string]Counted{"a": {Copies: 5}}
	c.named = []string{"1", strings.Repeat("x", 1000), "2", "3", "4"}
	b.write("a")
	b.order(Order{Follow: true, Copies: 2})
	b.pass(10 * time.Second)
	if len(c.with) != 0 {
		t.Errorf("it is asked first with %v", c.with)
	}
	for range 2 {
		b.pass(2 * time.Hour)
		if got := strings.Join(c.with, " "); got != "1 2 3" {
			t.Errorf("it is asked again with %s", got)
		}
		b.restart()
	}
	c.named = []string{"5"}
	b.pass(8 * time.Hour)
	if got := strings.Join(c.with, " "); got != "5" {
		t.Errorf("when the domain has named others, it is asked with %s", got)
	}
}
