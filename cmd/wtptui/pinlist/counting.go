package pinlist

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wtptui/engine"
)

// Counter counts the copies of sites that others have, whether the sites are here or not.
type Counter interface {
	// CountCopies returns an answer for each question, in their order, when it has them or ctx ends.
	CountCopies(ctx context.Context, asked []Asked) []Counted
}

// Asked is a question about one site.
type Asked struct {
	// Address is how the list names it.
	Address string
	// Infohash is what it points to; empty if that has to be asked first.
	Infohash string
	// Trackers are those that it was named with when that was asked.
	Trackers []string
}

// Counted is the answer.
type Counted struct {
	// Infohash is what the site points to; empty if nobody tells, or nobody could be asked yet.
	Infohash string
	// Trackers are those that it was named with, if that was asked.
	Trackers []string
	// Copies, Fetching and Met are those of Listed.
	Copies, Fetching, Met int
}

const (
	// mostNames is how many domains and keys are asked for at a time, and nameFor how long an answer is used.
	mostNames = 200
	nameFor   = 6 * time.Hour
	// toldFor is how long it is believed how many copies there were when nobody tells any more.
	toldFor = 24 * time.Hour
	// mostTrackers is how many of the trackers that a site was named with are kept for the next counts, and maxTracker how
	// long the URL of one may be.
	mostTrackers = 3
	maxTracker   = 512
)

// counting counts the copies of shared lists' sites, those of one list at a time.
type counting struct {
	counter Counter // nil for none
	// least is Config.LeastEvery.
	least time.Duration
	job   *countJob // nil while nothing is counted
}

// every is how often the copies of a list's sites are counted.
func (c *counting) every(l *following) time.Duration {
	return max(cmp.Or(l.state.Order.Every, DefaultEvery), c.least, lookEvery)
}

// countJob is a count that is under way.
type countJob struct {
	source string
	hosts  []string
	asked  []Asked
	done   chan []Counted // has room for the answer
	cancel context.CancelFunc
}

// start counts what is due of a list, unless something is being counted.
func (c *counting) start(ctx context.Context, l *following, w world) {
	if c.job != nil || !l.isShared() || l.list == nil || ctx.Err() != nil {
		return
	}
	job := &countJob{source: l.state.Order.Source, done: make(chan []Counted, 1)}
	c.plan(l, w, job)
	if len(job.asked) == 0 {
		return
	}
	ctx, job.cancel = context.WithCancel(ctx)
	c.job = job
	counter := c.counter
	go func() {
		var answers []Counted
		if counter != nil {
			answers = counter.CountCopies(ctx, job.asked)
		}
		job.done <- answers
	}()
}

// plan adds what is due to a job: once something has not been counted for a period, everything that has not for most of
// it, so that trackers get few requests with many questions.
func (c *counting) plan(l *following, w world, job *countJob) {
	every := c.every(l)
	due, names := false, 0
	recount := map[string]bool{}
	for _, host := range l.recount {
		recount[host], due = true, true
	}
	for _, e := range l.list.Entries {
		due = due || w.now.Sub(l.state.Counts[e.Host].At).Abs() >= every
	}
	if !due {
		return
	}
	for _, e := range l.list.Entries {
		n := l.state.Counts[e.Host]
		if age := w.now.Sub(n.At).Abs(); age < every*3/4 && !recount[e.Host] || l.isUnpinned(e.Host, w) {
			continue
		}
		ask := Asked{Address: e.Address, Infohash: w.sites[e.Host].Infohash, Trackers: n.Trackers}
		switch {
		case ask.Infohash != "":
		case engine.IsInfohash(e.Host):
			ask.Infohash = e.Host
		case w.now.Sub(n.NamedAt).Abs() < nameFor && n.Infohash != "":
			ask.Infohash = n.Infohash
		case names < mostNames:
			names++
		default:
			continue // The next count has it.
		}
		job.hosts, job.asked = append(job.hosts, e.Host), append(job.asked, ask)
	}
}

// take notes what has been counted of a list.
func (c *counting) take(l *following, w world) {
	job := c.job
	if job == nil || job.source != l.state.Order.Source {
		return // Another list's are taken when that is followed.
	}
	var answers []Counted
	select {
	case answers = <-job.done:
	default:
		return
	}
	job.cancel()
	c.job = nil
	if l.list == nil || l.state.Counts == nil || !l.isShared() {
		return
	}
	onList := hostsOf(l.list.Entries)
	for i, host := range job.hosts {
		if !onList[host] {
			continue
		}
		n, answer := l.state.Counts[host], Counted{Copies: -1}
		if i < len(answers) {
			answer = answers[i]
		}
		if job.asked[i].Infohash == "" && answer.Infohash != "" {
			n.NamedAt = w.now.UTC()
			n.Trackers = slices.DeleteFunc(slices.Clone(answer.Trackers), func(u string) bool { return len(u) > maxTracker })
			n.Trackers = slices.Clip(n.Trackers[:min(len(n.Trackers), mostTrackers)])
		}
		n.note(answer, w.now.UTC())
		l.state.Counts[host] = n
		n.Since = l.policy.Since(l.describe(host, w), n.At)
		l.state.Counts[host] = n
	}
}

// note takes an answer. What was told is believed for a day if nobody tells anything now, as while this machine is
// offline; but nothing that is here is thought to be well kept because of it.
func (n *Count) note(a Counted, now time.Time) {
	n.At, n.Met = now, a.Met
	if a.Infohash != "" {
		n.Infohash = a.Infohash
	}
	switch {
	case a.Copies >= 0:
		n.Copies, n.Fetching, n.ToldAt = a.Copies, a.Fetching, now
	case n.ToldAt.IsZero() || now.Sub(n.ToldAt).Abs() >= toldFor:
		n.Copies, n.Fetching = -1, 0
	default:
		n.Met = 0
	}
}

// dropUnless ends what is being counted unless its list is among those of the orders: nobody would take the answers,
// and no other list would be counted.
func (c *counting) dropUnless(orders []Order) {
	if c.job != nil && !slices.ContainsFunc(orders, func(o Order) bool { return o.Source == c.job.source }) {
		c.end()
	}
}

// end ends what is being counted.
func (c *counting) end() {
	if c.job != nil {
		c.job.cancel()
		<-c.job.done
		c.job = nil
	}
}
